"""Versions are read during the whole run; that they could not be read is never silent."""

from __future__ import annotations

import threading

import pytest

from gonogo.config.model import Service
from gonogo.environment import versions
from gonogo.environment.versions import sampled_versions
from gonogo.model.run import Version
from tests.masks import masker

SERVICES = {"shop": Service(url="http://127.0.0.1:1"), "other": Service(url="http://127.0.0.1:1", version=None)}


def test_no_service_with_a_version_is_nothing_to_read() -> None:
    with sampled_versions({"other": SERVICES["other"]}, masker()) as seen:
        pass
    assert seen == set()


def test_error_of_the_reading_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another release may have answered since."""
    asked = threading.Event()

    def fail(name: str, service: Service) -> Version:
        asked.set()
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(versions, "_FIRST_S", 0.0)
    monkeypatch.setattr(versions, "version_over_http", fail)
    with pytest.raises(RuntimeError, match="new thread"), sampled_versions(SERVICES, masker()):
        asked.wait(10)
