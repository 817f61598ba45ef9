"""`travel build`: the same content gives the same image, in release.yml and on disk."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from travel.errors import TravelError, UsageError
from travel.images import ImageStore
from travel.release import Release, build_release, load_release

TRAVEL = Path(__file__).parents[2] / "travel"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The source of two real components."""
    source = tmp_path / "source"
    for part in ("chassis", "customers", "gds"):
        shutil.copytree(TRAVEL / part, source / part)
    shutil.copy(TRAVEL / "__init__.py", source)
    return source


@pytest.fixture
def store(tmp_path: Path) -> ImageStore:
    return ImageStore(tmp_path / "images")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "release.yml"


def build(source: Path, store: ImageStore, out: Path) -> Release:
    return build_release(source, store, out, lambda line: None)[0]


def changed(before: Release, after: Release) -> set[str]:
    return {component for component in before.images if before.images[component] != after.images[component]}


def test_an_unchanged_source_leaves_the_release_untouched(source: Path, store: ImageStore, out: Path) -> None:
    """A second build of the same content writes neither the release nor an image."""
    build(source, store, out)
    before = {path: path.stat().st_mtime_ns for path in (out, *(out.parent / "images").rglob("*"))}

    _, written = build_release(source, store, out, lambda line: None)

    assert not written
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_an_edit_changes_only_the_image_of_its_component(source: Path, store: ImageStore, out: Path) -> None:
    """Only the image of the edited component gets another digest."""
    before = build(source, store, out)
    with (source / "customers" / "accounts.py").open("a") as file:
        file.write("# edited\n")

    assert changed(before, build(source, store, out)) == {"customers"}
    assert load_release(out).images != before.images


def test_the_chassis_is_part_of_every_image(source: Path, store: ImageStore, out: Path) -> None:
    """A change of what all components are built on changes all of them."""
    before = build(source, store, out)
    (source / "chassis" / "extra.py").write_text("")

    assert changed(before, build(source, store, out)) == {"customers", "gds"}


def test_settings_have_a_digest_of_their_own(source: Path, store: ImageStore, out: Path) -> None:
    """An edit of config.yml changes `configs`, an edit of code does not."""
    before = build(source, store, out)
    (source / "customers" / "accounts.py").write_text("# emptied\n")
    code = build(source, store, out)
    with (source / "customers" / "config.yml").open("a") as file:
        file.write("# edited\n")
    settings = build(source, store, out)

    assert before.configs == code.configs
    assert {name for name in before.configs if before.configs[name] != settings.configs[name]} == {"customers"}


def test_development_files_are_left_out(source: Path, store: ImageStore, out: Path) -> None:
    """Tests, caches and hidden files neither change an image nor are part of it."""
    before = build(source, store, out)
    for path in ("customers/tests/test_more.py", "customers/__pycache__/x.pyc", "customers/.hidden"):
        (source / path).parent.mkdir(exist_ok=True)
        (source / path).write_text("")

    after = build(source, store, out)

    image = store.get("customers", after.images["customers"])
    assert after.images == before.images
    assert {path.name for path in (image.path / "travel").iterdir()} == {"__init__.py", "chassis", "customers"}
    assert not [path for path in image.path.rglob("*") if path.name in ("tests", "__pycache__", ".hidden")]


def test_an_image_is_read_only_and_its_copy_is_not(source: Path, store: ImageStore, out: Path, tmp_path: Path) -> None:
    """Nothing in an image is writable; everything in a copy of it is."""
    image = store.get("customers", build(source, store, out).images["customers"])

    image.unpack(tmp_path / "copy")

    assert not [path for path in (image.path, *image.path.rglob("*")) if path.stat().st_mode & 0o222]
    assert not [path for path in (tmp_path / "copy").rglob("*") if not path.stat().st_mode & 0o200]


@pytest.mark.parametrize("damage", ["changed", "added", "removed"])
def test_a_damaged_image_is_refused_and_rebuilt(
    source: Path, store: ImageStore, out: Path, damage: str,
) -> None:
    """An image whose content does not match its digest is never returned; a build replaces it."""
    digest = build(source, store, out).images["customers"]
    folder = store.get("customers", digest).path / "travel" / "customers"
    folder.chmod(0o755)
    if damage == "removed":
        (folder / "accounts.py").unlink()
    else:
        path = folder / ("accounts.py" if damage == "changed" else "added.py")
        path.unlink(missing_ok=True)
        path.write_text("# not what was built\n")

    with pytest.raises(TravelError, match="The image of customers is damaged"):
        store.get("customers", digest)
    assert build(source, store, out).images["customers"] == digest
    assert store.get("customers", digest).digest == digest


def test_a_missing_image_is_an_error_with_a_fix(store: ImageStore) -> None:
    """For a release from elsewhere, the error names the missing image."""
    with pytest.raises(TravelError, match="of customers is not here") as caught:
        store.get("customers", "sha256:" + "0" * 64)

    assert "travel build" in caught.value.fix


@pytest.mark.parametrize("text", ["", "schema: 2\n", "[", "schema: 1\nimages: {}\nconfigs: {}\n",
                                  "schema: 1\nimages: {customers: sha256:12}\nconfigs: {customers: sha256:12}\n"])
def test_a_malformed_release_is_refused(out: Path, text: str) -> None:
    """The error names the file that is not a release."""
    out.write_text(text)

    with pytest.raises(UsageError) as caught:
        load_release(out)

    assert str(out) in caught.value.where


def test_a_folder_without_components_is_refused(tmp_path: Path, store: ImageStore, out: Path) -> None:
    """Building from the wrong folder is an error, not an empty release."""
    with pytest.raises(UsageError):
        build(tmp_path, store, out)

    assert not out.exists()
