"""`gonogo run --url`: an invalid use is an error with a fix, before any page is opened."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from gonogo.cli.parser import make_parser
from gonogo.core import extras
from gonogo.core.errors import UsageError
from gonogo.core.runtime import Runtime
from gonogo.gate.extensions import Extensions
from gonogo.gate.request import request_of
from gonogo.gate.site_request import environment_of, refuse_other_options


@pytest.mark.parametrize(("url", "message"), [
    ("shop.example.com", "did you mean https://shop.example.com?"), ("localhost:8080/a", "https://localhost:8080/a"),
    ("//shop.example.com", "did you mean https://shop.example.com?"), ("", "has no scheme"), ("?", "has no scheme"),
    ("ftp://shop/", "must be http or https, got 'ftp'"), ("file:///etc/passwd", "must be http or https, got 'file'"), ("javascript:alert(1)", "no scheme"),
    ("http://", "no host"), ("http://:80", "no host"), ("https://shop:99999/", "an invalid port"),
    ("https://shop:x/", "an invalid port"), ("http://[::1", "no host"), ("http://shop/a b", "white space"),
    ("http://shop/\x1b[31m", "control characters"), ("https://ana:hunter22@shop/", "has a user"),
])
def test_invalid_url_is_refused(url: str, message: str) -> None:
    """The error names the problem and the fix; it does not repeat a password."""
    with pytest.raises(UsageError, match=re.escape(message)) as caught:
        environment_of(url, None)
    assert caught.value.exit_code == 2
    assert "hunter22" not in str(caught.value)


@pytest.mark.parametrize("pages", ["0", "-1", "501", "many", "²", "1.5", ""])
def test_invalid_number_of_pages_is_refused(pages: str) -> None:
    with pytest.raises(UsageError, match="--pages must be a whole number from 1 to 500"):
        environment_of("http://shop/", pages)


@pytest.mark.parametrize("option", [
    ["--env", "preprod"], ["--only", "pages"], ["--tags", "@must"], ["--profile", "smoke"], ["--release", "release.yml"],
    ["--max-failures", "1"], ["--keep-going"], ["--jobs", "2"]])
def test_options_without_effect_are_refused(option: list[str]) -> None:
    """A user would believe that an ignored option had an effect."""
    arguments = make_parser().parse_args(["run", "--url", "http://shop/", *option])
    with pytest.raises(UsageError, match=f"{option[0]} cannot be used with --url"):
        refuse_other_options(arguments)


@pytest.mark.parametrize(("url", "name", "address"), [
    ("https://Shop.example.com", "shop.example.com", "https://Shop.example.com/"),
    ("http://127.0.0.1:8300/de/#top", "127.0.0.1:8300", "http://127.0.0.1:8300/de/"),
    ("https://shop/?lang=de", "shop", "https://shop/?lang=de"),
])
def test_url_becomes_an_environment_without_permits(url: str, name: str, address: str) -> None:
    found, environment = environment_of(url, "50")
    assert (found, environment.url, environment.stages) == (name, address, ["pages"])
    assert not environment.permits.writes
    assert (environment.pages.max_pages, environment.budgets.pages_s) == (50, 750)


def test_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The error is raised before anything is written."""
    monkeypatch.setattr(extras, "has_extra", lambda extra: extra != "browser")
    arguments = make_parser().parse_args(["run", "--url", "http://shop/"])
    with pytest.raises(UsageError, match="`gonogo run --url` needs Playwright, which is not installed") as caught:
        request_of(arguments, Extensions({}, {}, {}, {}, {}), Runtime(tmp_path, {}, io.StringIO(), io.StringIO()))
    assert "gonogo[browser]" in caught.value.fix
    assert list(tmp_path.iterdir()) == []
