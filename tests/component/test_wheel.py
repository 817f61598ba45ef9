"""The wheel as a user gets it: built, installed into an empty virtual environment, used outside the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

import gonogo
from tests.serving import serving
from tests.verdicts import checked_verdict

ROOT = Path(__file__).parents[2]
_INSTALL_S = 600
_ENVIRONMENTS = "environments: {{preprod: {{url: {url}}}}}\n"
_FEATURE = """\
Feature: Front page
  @read-only
  Scenario: The shop is open
    Then the front page says "Welcome"
"""
_STEPS = """\
from behave import then

@then('the front page says "{text}"')
def front_page_says(context, text):
    answer = context.world.http.get(context.world.environment.url)
    assert answer.ok and text in answer.text, answer.text
"""
_HOOKS = "from gonogo.suite import after_all, after_scenario, after_step, before_all, before_scenario\n"
_BEHAVE = "[behave]\nrunner = gonogo.suite:Runner\npaths = features\n"


@dataclass(frozen=True, slots=True)
class Installed:
    """An empty virtual environment with the wheel in it."""

    folder: Path

    def run(self, *command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "GONOGO"))}
        return subprocess.run([str(self.folder / "bin" / command[0]), *command[1:]], cwd=cwd, env=environ, text=True,
                              capture_output=True, timeout=_INSTALL_S, check=False)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the files that git would add: a build leaves files in its source folder."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "gonogo",
                             "pyproject.toml", "README.md", "LICENSE"],
                            cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    for name in listed:
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    subprocess.run([sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps",
                    "--no-build-isolation", "--wheel-dir", str(out), str(source)], check=True)
    [built] = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel with its declared dependencies, and nothing else."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, with_pip=True)
    done = subprocess.run([folder / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                           str(wheel)], capture_output=True, text=True, timeout=_INSTALL_S, check=False)
    if done.returncode and "CI" not in os.environ:
        pytest.skip(f"the package registry cannot be reached: {done.stderr.strip()[-300:]}")
    assert done.returncode == 0, done.stderr
    return Installed(folder)


class _Shop(BaseHTTPRequestHandler):
    """A site with one page."""

    words = "Welcome"

    def do_GET(self) -> None:
        body = f"<!doctype html><title>Shop</title><h1>{self.words}</h1>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class _BrokenShop(_Shop):
    words = "Not yet"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    for name, text in {"features/front.feature": _FEATURE, "steps/front_steps.py": _STEPS, "environment.py": _HOOKS,
                       "behave.ini": _BEHAVE}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    yield tmp_path


def test_wheel_contains_only_the_engine(wheel: Path) -> None:
    """It has no reference system, suite or tests, but the licence, the type marker and every data file."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = archive.read(next(name for name in names if name.endswith("/METADATA"))).decode()
    assert {name.split("/")[0] for name in names} == {"gonogo", f"gonogo-{gonogo.__version__}.dist-info"}
    assert "gonogo/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    data = {path.relative_to(ROOT).as_posix() for path in (ROOT / "gonogo").rglob("*")
            if path.is_file() and path.suffix not in (".py", ".pyc")}
    assert data <= set(names)
    assert "License-Expression: Apache-2.0" in metadata


def test_history_is_created_without_a_configuration_file_of_alembic(installed: Installed, tmp_path: Path) -> None:
    """The migrations are in the wheel."""
    ended = installed.run("gonogo", "baseline", "export", "-", cwd=tmp_path)
    assert (ended.returncode, "No environment has a baseline" in ended.stderr) == (2, True), ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["runs"]


def test_help_and_version(installed: Installed, tmp_path: Path) -> None:
    """An installed gonogo starts."""
    assert "gonogo run --env preprod" in installed.run("gonogo", "--help", cwd=tmp_path).stdout
    assert installed.run("gonogo", "--version", cwd=tmp_path).stdout == f"gonogo {gonogo.__version__}\n"


@pytest.mark.parametrize(("shop", "answer", "code"), [(_BrokenShop, "NO-GO", 1), (_Shop, "GO", 0)],
                         ids=["broken", "healthy"])
def test_a_system_with_one_page_gets_a_verdict(installed: Installed, project: Path, shop: type[BaseHTTPRequestHandler],
                                               answer: str, code: int) -> None:
    """Its steps call an API, without a browser or a load generator."""
    with serving(shop) as url:
        (project / "environments.yml").write_text(_ENVIRONMENTS.format(url=url), encoding="utf-8")
        done = installed.run("gonogo", "run", "--env", "preprod", cwd=project)
    assert (done.returncode, done.stdout.splitlines()[-1:]) == (code, [answer]), done.stdout + done.stderr
    verdict = checked_verdict(project / "runs/latest")
    assert verdict["verdict"] == answer


def test_a_command_names_the_missing_extra(installed: Installed, project: Path) -> None:
    """The error has the exact command that installs it."""
    (project / "environments.yml").write_text(_ENVIRONMENTS.format(url="http://127.0.0.1:9"), encoding="utf-8")
    preview = installed.run("gonogo", "load", "preview", "--env", "preprod", cwd=project)
    assert preview.returncode == 2
    assert "pip install 'gonogo[load]'" in preview.stderr
    tap = installed.run("gonogo", "tap", "--out", "tap.ndjson", "--route",
                        "caller=a,callee=b,listen=18399,to=http://127.0.0.1:9", cwd=project)
    assert tap.returncode == 2
    assert "pip install 'gonogo[tap]'" in tap.stderr
    site = installed.run("gonogo", "run", "--url", "http://127.0.0.1:9", cwd=project)
    assert site.returncode == 2
    assert "pip install 'gonogo[browser]'" in site.stderr


def test_a_scenario_with_a_page_names_the_missing_extra(installed: Installed, project: Path) -> None:
    """The scenario cannot run, which is never a failure of the release."""
    (project / "steps/front_steps.py").write_text(_STEPS.replace(
        "answer = ", "context.world.person('Ana')\n    answer = "), encoding="utf-8")
    with serving(_Shop) as url:
        (project / "environments.yml").write_text(_ENVIRONMENTS.format(url=url), encoding="utf-8")
        done = installed.run("gonogo", "run", "--env", "preprod", cwd=project)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "pip install 'gonogo[browser]'" in done.stdout
