"""The front end's own tests: the modules in Node, their neighbours mocked, and the process that serves them."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from flask.testing import FlaskClient
from openapi_spec_validator import validate

from travel.chassis import Settings
from travel.web.app import STATIC, create_app

try:
    from playwright._impl._driver import compute_driver_executable
except ImportError:
    compute_driver_executable = None

TESTS = Path(__file__).parent
NODE_TESTS = sorted(TESTS.glob("*.test.mjs"))
PASSED = re.compile(r"^# pass (\d+)$", re.MULTILINE)


def node() -> str:
    """Playwright's own Node, or the one on PATH."""
    if compute_driver_executable:
        return str(compute_driver_executable()[0])
    found = shutil.which("node")
    assert found, "neither Playwright nor node is installed: the front end's modules cannot be tested"
    return found


@pytest.mark.parametrize("file", NODE_TESTS, ids=lambda file: file.name.removesuffix(".test.mjs"))
def test_modules(file: Path) -> None:
    """Every test of one JavaScript test file passes, and there is at least one."""
    environ = {**os.environ, "TZ": "America/Los_Angeles"}  # far from UTC: a shifted date would show
    environ.pop("NODE_TEST_CONTEXT", None)
    run = subprocess.run([node(), "--test", "--test-reporter=tap", str(file)], capture_output=True, text=True,
                         timeout=60, env=environ, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    passed = PASSED.search(run.stdout)
    assert passed and int(passed[1]) > 0, run.stdout


def test_node_tests_are_found() -> None:
    """The parametrised test above is not empty."""
    assert NODE_TESTS


@pytest.fixture
def client() -> FlaskClient:
    return create_app(Settings("web", {})).test_client()


@pytest.mark.parametrize("path", ["/", "/search?from=LHR", "/bookings/5c2a", "/book/GN0123-2027-01-15", "/sign-in"])
def test_every_page_is_the_shell(client: FlaskClient, path: str) -> None:
    """Any path without a dot answers the shell, so that an address can be opened directly."""
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.content_type == "text/html; charset=utf-8"
    assert b'<script type="module" src="/app.js" integrity="sha256-' in answer.data


@pytest.mark.parametrize(("path", "content_type"), [
    ("/app.js", "text/javascript; charset=utf-8"),
    ("/style.css", "text/css; charset=utf-8"),
    ("/favicon.svg", "image/svg+xml"),
])
def test_files_have_their_type(client: FlaskClient, path: str, content_type: str) -> None:
    """A browser refuses a module or a style sheet of another type."""
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.content_type == content_type


@pytest.mark.parametrize("path", ["/missing.js", "/views/book.js", "/../app.py", "/..%2fconfig.yml", "/../web.css"])
def test_unknown_files_are_not_found(client: FlaskClient, path: str) -> None:
    """A missing file is a 404 and not the shell; so is a module of its own, and whatever is outside the static files."""
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"


def test_the_shell_vouches_for_what_it_loads(client: FlaskClient) -> None:
    """Script and style carry the digest of what is served, so that nothing else runs in their place."""
    shell = client.get("/").text
    vouched = re.findall(r'(?:src|href)="(/[^"]+)" integrity="sha256-([^"]+)"', shell)
    assert {path for path, _ in vouched} == {"/app.js", "/style.css"}
    for path, digest in vouched:
        assert base64.b64decode(digest) == hashlib.sha256(client.get(path).data).digest()


def test_unchanged_files_are_not_sent_again(client: FlaskClient) -> None:
    """The browser asks each time, and is told 304 while the content is the same."""
    first = client.get("/app.js")
    assert first.headers["Cache-Control"] == "no-cache"
    again = client.get("/app.js", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""


def test_changed_file_of_same_size_and_time_is_sent(tmp_path: Path) -> None:
    """What counts is the content: a new image may keep sizes and times."""
    def served(style: str) -> FlaskClient:
        for name, content in (("index.html", ""), ("app.js", ""), ("style.css", style)):
            (tmp_path / name).write_text(content)
            os.utime(tmp_path / name, (0, 0))
        return create_app(Settings("web", {}), static=tmp_path).test_client()

    etag = served("one").get("/style.css").headers["ETag"]
    answer = served("two").get("/style.css", headers={"If-None-Match": etag})
    assert (answer.status_code, answer.data) == (200, b"two")


def test_head_has_no_body(client: FlaskClient) -> None:
    """HEAD answers as GET does, without the content."""
    answer = client.head("/")
    assert (answer.status_code, answer.data) == (200, b"")


def test_only_reading_is_allowed(client: FlaskClient) -> None:
    """The front end's process takes nothing in."""
    assert client.post("/").status_code == 405


def test_nothing_is_inline_or_from_elsewhere() -> None:
    """The content security policy allows this origin alone: no inline script, style or handler, no other host."""
    shell = (STATIC / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", shell)
    for file in STATIC.rglob("*.*"):
        text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"""["'(](https?:)?//\w""", text), f"{file.name} names another host"


def test_health_and_version(client: FlaskClient) -> None:
    """The process tells that it is well and which image it runs."""
    assert client.get("/health").get_json()["status"] == "ok"
    assert client.get("/version").get_json()["component"] == "web"
    assert "\nprocess_resident_memory_bytes " in client.get("/metrics").get_data(as_text=True)


def test_the_contract_is_valid() -> None:
    """openapi.yml is an OpenAPI document that judges of traffic can read."""
    validate(yaml.safe_load((STATIC.parent / "openapi.yml").read_text(encoding="utf-8")))
