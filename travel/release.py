"""release.yml: which image of each component is to be promoted."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import yaml

from travel.errors import UsageError
from travel.images import ImageStore, components_in, write_whole

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_HEADING = "# Written by `travel build`: what is to be promoted.\n"


@dataclass(frozen=True, slots=True)
class Release:
    """Component → digest: of its image, and of the `config.yml` within, so that an edit in place is noticed."""

    built: str
    images: dict[str, str]
    configs: dict[str, str]

    def same_content(self, other: Release) -> bool:
        return (self.images, self.configs) == (other.images, other.configs)


def build_release(source: Path, store: ImageStore, out: Path, say: Callable[[str], None]) -> tuple[Release, bool]:
    """Build every component of `source` and write `out`; False where the release there is already this one."""
    images = [store.build(source, component) for component in components_in(source)]
    release = Release(
        built=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        images={image.component: image.digest for image in images},
        configs={image.component: image.config_digest for image in images},
    )
    if out.exists():
        present = _parse_or_none(out)
        if present is not None and present.same_content(release):
            return present, False
    for image in images:
        say(f"  {image.component:<14}{image.digest}")
    document = {"schema": 1, "built": release.built, "images": release.images, "configs": release.configs}
    out.parent.mkdir(parents=True, exist_ok=True)
    write_whole(out, _HEADING + yaml.safe_dump(document, sort_keys=False))
    return release, True


def load_release(path: Path) -> Release:
    """Read and check a release.yml."""
    fix = "write it with `travel build`"
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"There is no release to read: {error.strerror}.", where=str(path), fix=fix) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"The release is not YAML: {error}", where=str(path), fix=fix) from error
    if not isinstance(document, dict) or document.get("schema") != 1:
        raise UsageError("The release is not of schema 1.", where=str(path), fix=fix)
    for section in ("images", "configs"):
        digests = document.get(section)
        if not isinstance(digests, dict) or not digests:
            raise UsageError(f"The release has no '{section}'.", where=str(path), fix=fix)
        for component, digest in digests.items():
            if not _DIGEST.fullmatch(str(digest)):
                raise UsageError(f"'{digest}' is not a digest.", where=f"{path}: {section} → {component}",
                                 fix="a digest is sha256: and 64 digits; " + fix)
    return Release(built=str(document.get("built")), images=document["images"], configs=document["configs"])


def _parse_or_none(path: Path) -> Release | None:
    try:
        return load_release(path)
    except UsageError:
        return None
