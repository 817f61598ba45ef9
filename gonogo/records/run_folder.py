"""The run folder with a run's evidence. Files are masked, and written atomically."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from gonogo.core.errors import EvidenceError
from gonogo.secrets.masking import Masker

RUNS_FOLDER = "runs"
VERDICT_FILE = "verdict.json"
_DISK = "free space on the disk, or choose another folder with --out DIR."


def new_run_folder(root: Path, *, out: Path | None = None, now: datetime | None = None) -> Path:
    """Create <UTC time>-<4 hex digits>/ in `out`, or in `root`/runs/; its name is the run's id. Raises EvidenceError.
    """
    moment = (now or datetime.now(UTC)).strftime("%Y%m%d-%H%M%S")
    folder = (out or root / RUNS_FOLDER) / f"{moment}-{secrets.token_hex(2)}"
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise EvidenceError(f"The run folder cannot be created: {error.strerror}.", where=str(folder),
                            fix=_DISK) from error
    return folder


def point_latest_at(run_folder: Path) -> None:
    """Point `runs/latest` to the newest run, atomically. A file with the run's name if links are not supported."""
    latest = run_folder.parent / "latest"
    fresh = run_folder.parent / f".latest-{secrets.token_hex(4)}"
    try:
        fresh.symlink_to(run_folder.name)
    except OSError:
        fresh.write_text(run_folder.name, encoding="utf-8")
    try:
        fresh.replace(latest)
    except OSError as error:
        fresh.unlink()
        raise EvidenceError(f"`{latest.name}` cannot be replaced by a link to this run: {error.strerror}.",
                            where=str(latest),
                            fix=f"remove the existing `{latest.name}`, or use --out DIR.") from error


def write_whole(path: Path, text: str, masker: Masker) -> None:
    """Write `path` atomically, with secrets masked: it is complete or missing, even after a crash."""
    _put(path, masker.file_text(text))


def write_json(path: Path, document: object, masker: Masker) -> None:
    """Write `document` to `path` as indented JSON, atomically, with secrets masked."""
    _put(path, json.dumps(masker.document(document), indent=2, ensure_ascii=False) + "\n")


def write_masked_json(path: Path, document: object, masker: Masker) -> None:
    """As `write_json`, without spaces, for a document whose secret names are masked: masks known values only."""
    _put(path, json.dumps(masker.only_known_in(document), ensure_ascii=False, separators=(",", ":")) + "\n")


def write_masked_lines(path: Path, lines: Iterable[bytes]) -> None:
    """Write masked `lines` to `path`, atomically."""
    _put(path, "".join(line.decode() + "\n" for line in lines))


def _put(path: Path, masked: str) -> None:
    fresh = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with fresh.open("w", encoding="utf-8") as file:
            file.write(masked)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise EvidenceError(f"{path.name} cannot be written: {error.strerror}.", where=str(path),
                            fix=_DISK) from error
    finally:
        fresh.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Sync the folder, so that a rename survives a power failure."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
