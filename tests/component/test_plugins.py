"""Plug-ins of another distribution: part of the verdict if they work, INCONCLUSIVE if they fail in any way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from tests.serving import serving
from tests.verdicts import checked_verdict

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "plugin"


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b"x" * 3000
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(_Page) as url:
        yield url


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example, installed by pip into its own folder."""
    folder, source = tmp_path_factory.mktemp("plugin"), tmp_path_factory.mktemp("source")
    for file in EXAMPLE.iterdir():  # a build leaves files in its source folder
        if file.is_file():
            (source / file.name).write_bytes(file.read_bytes())
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps",
                    "--no-build-isolation", "--target", str(folder), str(source)], check=True)
    return folder


def gonogo(root: Path, plugin: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "GONOGO"))}
    return subprocess.run([sys.executable, "-m", "gonogo.cli.main", *words], cwd=root, text=True, capture_output=True,
                          timeout=120, check=False, env={**environ, "PYTHONPATH": f"{plugin}{os.pathsep}{ROOT}"})


def environments(root: Path, url: str, more: str = "", stages: str = "platform, page-weight") -> None:
    (root / "environments.yml").write_text(f"""\
environments:
  preprod:
    url: {url}
    silent_scenarios: ignore
    services: {{shop: {{url: {url}, health: /, version: null}}}}
    stages: [{stages}]
    budgets: {{plugin_s: 2}}
{more}""")


def run(root: Path, plugin: Path) -> tuple[int, dict[str, Any], str]:
    done = gonogo(root, plugin, "run", "--env", "preprod")
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, checked_verdict(root / "runs" / "latest"), done.stdout + done.stderr


def test_the_example_is_listed(example: Path, tmp_path: Path) -> None:
    done = gonogo(tmp_path, example, "plugins")
    assert done.returncode == 0, done.stderr
    assert "page-weight      gonogo-page-weight 1.0.0" in done.stdout
    assert "markdown         gonogo-page-weight 1.0.0" in done.stdout


@pytest.mark.parametrize(("max_kib", "code", "answer"), [(2, 1, "NO-GO"), (3, 0, "GO")])
def test_the_example_is_part_of_the_verdict(example: Path, tmp_path: Path, url: str, max_kib: int, code: int,
                                            answer: str) -> None:
    """Its stage blocks and passes like any other, in every report; its own report is written next to them."""
    environments(tmp_path, url, f"    plugins: {{page-weight: {{max_kib: {max_kib}}}}}\n")
    exit_code, verdict, shown = run(tmp_path, example)
    assert (exit_code, verdict["verdict"]) == (code, answer), shown
    assert verdict["stages"]["page-weight"]["planned"] == 1
    folder = tmp_path / "runs" / "latest"
    assert (folder / "verdict.md").read_text().startswith(f"# {answer}: preprod\n")
    if answer == "NO-GO":
        [reason] = verdict["reasons"]
        assert (reason["rule"], reason["title"]) == ("page-too-heavy", "/: 2 KiB; at most 2 are allowed")
        assert "page-weight: page-too-heavy" in shown
        assert "page-too-heavy" in (folder / "junit.xml").read_text()
        assert "at most 2 are allowed" in (folder / "report.html").read_text()
    again = gonogo(tmp_path, example, "rejudge", "--json", "again.json")
    assert (again.returncode, again.stdout.splitlines()[-1]) == (code, answer), again.stderr
    assert json.loads((tmp_path / "again.json").read_text()) == verdict


def test_stage_that_cannot_read_its_evidence_is_not_judged_again(tmp_path: Path, url: str) -> None:
    """It says so; there is no verdict without its evidence."""
    plugin = registered(tmp_path)
    small_system(tmp_path, url)
    assert run(tmp_path, plugin)[0] == 0
    again = gonogo(tmp_path, plugin, "rejudge")
    assert (again.returncode, again.stdout) == (3, "")
    assert again.stderr.startswith("The stage 'custom' cannot read its evidence again.\n")


@pytest.mark.parametrize("faulty", [{"run": "fail()"}, {"clues": "fail()"}, {"probe": "fail()"}, {"render": "fail()"}],
                         ids=lambda faulty: next(iter(faulty)))
def test_plug_in_that_failed_has_failed_when_its_run_is_judged_again(tmp_path: Path, url: str, faulty: dict[str, str]) -> None:
    """Except a report, which is not written again."""
    plugin = registered(tmp_path, **{"run": "StageResult(1, 1)", **faulty})
    small_system(tmp_path, url)
    code, verdict, _ = run(tmp_path, plugin)
    again = gonogo(tmp_path, plugin, "rejudge", "--json", "again.json")
    assert again.returncode == code == 3, again.stderr
    reasons = [each for each in verdict["reasons"] if "render" not in faulty or each["rule"] != "plugin-failed"]
    assert json.loads((tmp_path / "again.json").read_text())["reasons"] == reasons


def test_an_invalid_setting_is_reported_before_anything_starts(example: Path, tmp_path: Path, url: str) -> None:
    environments(tmp_path, url, "    plugins:\n      page-weight:\n        max_kib: many\n")
    done = gonogo(tmp_path, example, "run", "--env", "preprod")
    assert done.returncode == 2
    assert "environments.yml:10: environments → preprod → plugins → page-weight → max_kib" in done.stderr
    assert not (tmp_path / "runs").exists()


_MODULE = '''
import time
from gonogo.model.stages import *
from gonogo.model.findings import *
from gonogo.model.span import Span
from gonogo.report.report import Report
from gonogo.stages.stage import Stage
from gonogo.traffic.spans.backends import TraceBackend

def fail():
    {fault}

class Custom(Stage):
    name = "custom"
    def prepare(self, run):
        return {prepare}
    def run(self, run):
        return {run}
    def judge(self, result, policy, baseline):
        return {judge}

class Text(Report):
    file_name = {file}
    def render(self, material):
        return {render}

def clues(scene):
    return {clues}

def probe(name, service):
    from gonogo.environment.probes import probe_over_http
    return {probe}

class Traces(TraceBackend):
    name = "Traces"
    def __init__(self, url, authorization):
        {init}
    def spans(self, trace_id, timeout_s):
        return {spans}
'''
_HEALTHY = {"fault": "raise LookupError('no such thing')", "prepare": "super().prepare(run)",
            "run": "StageResult(1, 1, StageEvidence())", "judge": "JudgedStage()", "render": "'text'",
            "file": "'text.txt'", "clues": "()", "probe": "probe_over_http(name, service)", "spans": "(Span(trace_id, '1' * 16, '', 'shop', 'GET', 'server', 0.0, 1.0),)",
            "init": "pass"}
_GROUPS = {"stages": "custom = custom_plugin:Custom", "reports": "text = custom_plugin:Text",
           "clues": "more = custom_plugin:clues", "probes": "mine = custom_plugin:probe",
           "trace_backends": "mine = custom_plugin:Traces"}
_FEATURES = {
    "behave.ini": "[behave]\nrunner = gonogo.suite:Runner\npaths = features\n",
    "environment.py": "from gonogo.suite import after_all, after_scenario, after_step, before_all, before_scenario\n",
    "features/a.feature": "Feature: Shop\n  @read-only\n  Scenario: It is open\n    Then it answers 200\n",
    "steps/a_steps.py": 'from behave import then\n\n@then("it answers {status:d}")\ndef answers(context, status):\n'
                        "    world = context.world\n"
                        "    assert world.http.get(world.environment.url).status_code == status\n"}


Members = dict[str, str]


def registered(root: Path, *, stages: dict[str, Members] | None = None, reports: dict[str, Members] | None = None,
               probes: dict[str, Members] | None = None, **members: str) -> Path:
    """Create a distribution that registers one plug-in of each kind, healthy except for these members.

    It has further stages, reports and probes by name, each with its own faulty members, in a module of its own.
    """
    folder = root / "site"
    about = folder / "custom_plugin-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: custom-plugin\nVersion: 1.0\n")
    lines = {group: [line] for group, line in _GROUPS.items()}
    (folder / "custom_plugin.py").write_text(_MODULE.format(**{**_HEALTHY, **members}))
    for group, more, target in (("stages", stages, "Custom"), ("reports", reports, "Text"), ("probes", probes, "probe")):
        for name, faulty in (more or {}).items():
            module = f"custom_plugin_{group}_{name}".replace("-", "_")
            text = _MODULE.format(**{**_HEALTHY, "file": f"'{name}.txt'", **faulty})
            (folder / f"{module}.py").write_text(text.replace('name = "custom"', f'name = "{name}"'))
            lines[group].append(f"{name} = {module}:{target}")
    (about / "entry_points.txt").write_text("".join(
        f"[gonogo.{group}]\n" + "".join(f"{line}\n" for line in of_group) for group, of_group in lines.items()))
    return folder


def small_system(root: Path, url: str, stages: Sequence[str] = ("custom",), probes: Sequence[str] = ("mine",)) -> None:
    """Write an environment without scenarios, which take time."""
    services = ", ".join(f"shop-{name}: {{url: {url}, health: /, version: null, probe: {name}}}" for name in probes)
    (root / "environments.yml").write_text(f"""\
environments:
  preprod:
    url: {url}
    silent_scenarios: ignore
    services: {{{services}}}
    stages: [{", ".join(stages)}]
    traces: {{backend: mine, url: {url}}}
    budgets: {{plugin_s: 1}}
""")


def system(root: Path, url: str, *, status: int = 200) -> None:
    for name, text in _FEATURES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text.replace("answers 200", f"answers {status}"))
    (root / "environments.yml").write_text(f"""\
environments:
  preprod:
    url: {url}
    silent_scenarios: ignore
    services: {{shop: {{url: {url}, health: /, version: null, probe: mine}}}}
    stages: [behaviour, custom]
    traces: {{backend: mine, url: {url}}}
    budgets: {{plugin_s: 1}}
""")


_STAGE_FAULTS = {
    "raises-in-run": {"run": "fail()"},
    "hangs-in-run": {"run": "time.sleep(600)"},
    "returns-nothing": {"run": "None"},
    "returns-something-else": {"run": "True"},
    "ends-the-process": {"run": "exit(0)"},
    "raises-in-prepare": {"prepare": "fail()"},
    "raises-in-judge": {"judge": "fail()"},
    "hangs-in-judge": {"judge": "time.sleep(600)"},
    "judge-returns-nothing": {"judge": "None"},
    "invalid-finding": {"judge": "JudgedStage(['page too heavy'])"},
    "finding-of-another-stage": {"judge": "JudgedStage([Finding('load', 'x', Severity.WARN, GateSubject())])"},
}
_REPORT_FAULTS = {
    "raises": {"render": "fail()"},
    "hangs": {"render": "time.sleep(600)"},
    "without-text": {"render": "None"},
    "would-replace-the-verdict": {"file": "'verdict.json'"},
    "outside-the-run-folder": {"file": "'../text.txt'"},
}
_PROBE_FAULTS = {
    "raises": {"probe": "fail()"},
    "hangs": {"probe": "time.sleep(600)"},
    "returns-nothing": {"probe": "None"},
}
_BACKEND_FAULT = {"init": "fail()"}


def assert_failed(root: Path, plugin: Path, expected: set[str]) -> None:
    """The run is INCONCLUSIVE for exactly the `expected` plug-ins ("group: name"), and is reported completely."""
    code, verdict, shown = run(root, plugin)
    assert (code, verdict["verdict"]) == (3, "INCONCLUSIVE"), shown
    failed = [reason for reason in verdict["reasons"] if reason["rule"] == "plugin-failed"]
    assert {reason["severity"] for reason in failed} == {"inconclusive"}
    assert {reason["parameters"]["distribution"] for reason in failed} == {"custom-plugin"}
    assert {reason["parameters"]["plugin"] for reason in failed} == expected
    assert "plug-in gonogo." in shown
    assert (root / "runs" / "latest" / "report.html").exists()


def test_each_stage_that_fails_is_inconclusive(tmp_path: Path, url: str) -> None:
    """One run has a stage for each fault, and a healthy one: none of them hides another or ends the gate."""
    small_system(tmp_path, url, stages=[*_STAGE_FAULTS, "custom"])
    assert_failed(tmp_path, registered(tmp_path, stages=_STAGE_FAULTS),
                  {f"gonogo.stages: {name}" for name in _STAGE_FAULTS})


def test_each_report_that_fails_is_inconclusive(tmp_path: Path, url: str) -> None:
    """The healthy report of the same run is written."""
    small_system(tmp_path, url)
    assert_failed(tmp_path, registered(tmp_path, reports=_REPORT_FAULTS),
                  {f"gonogo.reports: {name}" for name in _REPORT_FAULTS})
    assert (tmp_path / "runs" / "latest" / "text.txt").read_text() == "text"


def test_each_probe_that_fails_is_inconclusive(tmp_path: Path, url: str) -> None:
    small_system(tmp_path, url, probes=[*_PROBE_FAULTS, "mine"])
    assert_failed(tmp_path, registered(tmp_path, probes=_PROBE_FAULTS),
                  {f"gonogo.probes: {name}" for name in _PROBE_FAULTS})


def test_a_trace_backend_that_cannot_be_created_is_inconclusive(tmp_path: Path, url: str) -> None:
    small_system(tmp_path, url)
    assert_failed(tmp_path, registered(tmp_path, **_BACKEND_FAULT), {"gonogo.trace_backends: mine"})


@pytest.mark.parametrize("spans", ["fail()", "time.sleep(600)"])
def test_a_trace_backend_that_fails_is_inconclusive(tmp_path: Path, url: str, spans: str) -> None:
    """It is called only if a scenario sent a request."""
    system(tmp_path, url)
    code, verdict, shown = run(tmp_path, registered(tmp_path, spans=spans))
    assert (code, verdict["verdict"]) == (3, "INCONCLUSIVE"), shown
    assert [reason["rule"] for reason in verdict["reasons"]] == ["plugin-failed"]


def test_plugins_that_work_are_go(tmp_path: Path, url: str) -> None:
    """Without this test, the failing plug-ins above would prove nothing."""
    system(tmp_path, url)
    code, verdict, shown = run(tmp_path, registered(tmp_path))
    assert (code, verdict["verdict"]) == (0, "GO"), shown
    assert (tmp_path / "runs" / "latest" / "text.txt").read_text() == "text"


@pytest.mark.parametrize("clues", ["time.sleep(600)", "['the bank']"])
def test_clues_that_fail_do_not_hide_the_failure(tmp_path: Path, url: str, clues: str) -> None:
    """Clues are collected if a scenario failed: the verdict is NO-GO, and the plug-in's fault is a second reason."""
    system(tmp_path, url, status=404)
    code, verdict, shown = run(tmp_path, registered(tmp_path, clues=clues))
    assert (code, verdict["verdict"]) == (1, "NO-GO"), shown
    assert {reason["rule"] for reason in verdict["reasons"]} == {"scenario-failed", "plugin-failed"}


def test_a_plugin_that_cannot_be_imported_is_named(tmp_path: Path, url: str) -> None:
    small_system(tmp_path, url)
    folder = registered(tmp_path)
    (folder / "custom_plugin.py").write_text("import nothing_of_that_name\n")
    done = gonogo(tmp_path, folder, "run", "--env", "preprod")
    assert done.returncode == 3
    assert "The plug-in gonogo.stages: custom (custom-plugin) cannot be imported" in done.stderr
    assert "Traceback" not in done.stderr
    listed = gonogo(tmp_path, folder, "plugins")
    assert listed.returncode == 3
    assert "nothing_of_that_name" in listed.stdout


def test_a_name_in_use_is_refused(tmp_path: Path, url: str) -> None:
    """No other distribution can replace one of gonogo's own stages."""
    small_system(tmp_path, url)
    folder = registered(tmp_path)
    about = folder / "custom_plugin-1.0.dist-info" / "entry_points.txt"
    about.write_text("[gonogo.stages]\nbehaviour = custom_plugin:Custom\n")
    done = gonogo(tmp_path, folder, "run", "--env", "preprod")
    assert done.returncode == 2
    assert "Two distributions register 'behaviour' under gonogo.stages: gonogo and custom-plugin" in done.stderr
