"""Log files as components leave them: growing, renamed, emptied, linked."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from gonogo.config import Environment, load_environment
from gonogo.core.errors import ConfigError
from gonogo.traffic.logs import files
from gonogo.traffic.logs.files import LogFiles


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "project" / "var").mkdir(parents=True)
    return tmp_path / "project"


@pytest.fixture
def followed(project: Path) -> Iterator[LogFiles]:
    """The log files of a run that has begun, with one line in shop.log."""
    write(project / "var" / "shop.log", "ERROR before")
    logs = LogFiles(["var/*.log"], project)
    logs.start()
    yield logs
    logs.close()


def write(path: Path, *lines: str, mode: str = "a") -> None:
    with path.open(mode) as file:
        file.writelines(line + "\n" for line in lines)


def read(logs: LogFiles) -> list[tuple[str, str]]:
    return [(record.component, record.body) for record in logs.records()]


def test_only_what_the_run_wrote_is_read(followed: LogFiles, project: Path) -> None:
    write(project / "var" / "shop.log", "ERROR one", "INFO two")
    write(project / "var" / "till.2026.log", "INFO three")
    write(project / "var" / "other.txt", "INFO four")
    assert read(followed) == [("shop", "ERROR one"), ("shop", "INFO two"), ("till", "INFO three")]
    assert not followed.problems


def test_renamed_file_and_its_successor_are_read(followed: LogFiles, project: Path) -> None:
    """As logrotate does it: the writer goes on in the renamed file for a while."""
    log = project / "var" / "shop.log"
    log.rename(project / "var" / "shop.log.1")
    write(project / "var" / "shop.log.1", "INFO one")
    write(log, "INFO two")
    assert read(followed) == [("shop", "INFO one"), ("shop", "INFO two")]


def test_deleted_file_is_read(followed: LogFiles, project: Path) -> None:
    write(project / "var" / "shop.log", "INFO one")
    (project / "var" / "shop.log").unlink()
    assert read(followed) == [("shop", "INFO one")]


@pytest.mark.parametrize("text", ["INFO a", "INFO one that is longer than what was there"], ids=["shorter", "longer"])
def test_emptied_file_is_read_whole_and_reported(followed: LogFiles, project: Path, text: str) -> None:
    """As `copytruncate` does it: what the file had until then is gone."""
    write(project / "var" / "shop.log", text, mode="w")
    assert read(followed) == [("shop", text)]
    assert [*followed.problems] == ["var/shop.log was emptied during the run: what it had until then is not known"]


def test_file_that_never_ends_is_bounded(followed: LogFiles, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_LOG_BYTES", 100)
    write(project / "var" / "shop.log", *(f"INFO {number:03}" for number in range(50)))
    write(project / "var" / "till.log", "INFO more")
    found = read(followed)
    assert len(found) == 11
    assert len(followed.problems) == 2
    assert all("more than is read of all log files" in problem for problem in followed.problems)


def test_long_line_is_cut(followed: LogFiles, project: Path) -> None:
    write(project / "var" / "shop.log", "INFO " + "x" * 200_000, "INFO next")
    first, second = read(followed)
    assert len(first[1]) == 16 * 1024
    assert second == ("shop", "INFO next")


def test_number_of_files_is_bounded(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_LOG_FILES", 3)
    for number in range(9):
        write(project / "var" / f"shop{number}.log", "INFO x")
    logs = LogFiles(["var/*.log"], project)
    assert len(read(logs)) == 3
    assert [*logs.problems] == ["there are more than 3 log files: the others are left out"]
    logs.close()


@pytest.mark.parametrize("absolute", [False, True])
def test_no_link_is_followed_out(tmp_path: Path, project: Path, *, absolute: bool) -> None:
    """Neither out of the project, nor out of the folder that an absolute path names."""
    write(tmp_path / "secrets.log", "INFO outside")
    write(project / "var" / "shop.log", "INFO inside")
    (project / "var" / "link.log").symlink_to(tmp_path / "secrets.log")
    (project / "var" / "inner.log").symlink_to("shop.log")
    (project / "var" / "round.log").symlink_to("round.log")
    logs = LogFiles([f"{project}/var/*.log" if absolute else "var/*.log"], project)
    assert [body for _, body in read(logs)] == ["INFO inside"], "once, also over the link within"
    assert any(problem.startswith("link.log is a link that leads out of") for problem in logs.problems)
    logs.close()


def test_what_is_no_file_is_left_out(project: Path) -> None:
    """A pipe would never end, and a folder has no lines."""
    os.mkfifo(project / "var" / "pipe.log")
    (project / "var" / "folder.log").mkdir()
    logs = LogFiles(["var/*.log"], project)
    assert read(logs) == []
    logs.close()


@pytest.mark.parametrize("glob", ["var/*.log", "none/at/all.log"])
def test_no_matching_file_is_reported(project: Path, glob: str) -> None:
    logs = LogFiles([glob], project)
    logs.start()
    assert read(logs) == []
    assert [*logs.problems] == [f"no log file matches {glob}"]


def test_project_folder_may_have_a_name_with_wildcards(tmp_path: Path) -> None:
    root = tmp_path / "shop [2] *"
    root.mkdir()
    logs = LogFiles(["*.log"], root)
    logs.start()
    write(root / "a.log", "INFO x")
    assert read(logs) == [("a", "INFO x")]
    logs.close()


@pytest.mark.parametrize("glob", ["../*.log", "var/../../x.log", "**/*.log", "/var/log/../x", ""])
def test_glob_that_leads_out_is_a_configuration_error(tmp_path: Path, glob: str) -> None:
    (tmp_path / "environments.yml").write_text(f'environments:\n  preprod: {{url: "http://x", logs: ["{glob}"]}}\n')
    with pytest.raises(ConfigError) as caught:
        load_environment("preprod", tmp_path, {})
    assert "logs" in str(caught.value)


def test_logs_are_files_within_the_project_or_absolute() -> None:
    globs = ["var/*.log", "/var/log/shop*.log", "a..b.log"]
    assert Environment.model_validate({"url": "http://x", "logs": globs}).logs == globs
