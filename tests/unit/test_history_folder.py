"""The folder beside the history, for what else is kept between runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.history.connecting import history_folder


@pytest.mark.parametrize(("url", "folder"), [
    ("", "/project/runs"), ("sqlite:////var/lib/gonogo/history.sqlite", "/var/lib/gonogo"), ("sqlite:///kept/history.sqlite", "/project/kept"),
    ("sqlite://", "/project/runs"), ("sqlite:///:memory:", "/project/runs"), ("sqlite:///file:x?uri=true", "/project/runs"),
    ("postgresql+psycopg://host/history", "/project/runs"), ("not a url", "/project/runs")])
def test_folder_is_that_of_the_history_file(url: str, folder: str) -> None:
    """A history in another kind of database has no folder: runs/ is used."""
    assert history_folder(Path("/project"), {"GONOGO_HISTORY": url} if url else {}) == Path(folder)
