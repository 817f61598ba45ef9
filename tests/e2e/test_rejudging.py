"""A run that is judged again from its folder: the same verdict, or that of today's policy; nothing is started."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.verdicts import assert_valid

if TYPE_CHECKING:
    from tests.e2e.conftest import Ended, Project

SENDS = "@read-only\nFeature: F\n  Scenario: one\n    When it sends GET /ok\n  Scenario: two\n    When it {}\n"
PASSES, FAILS = SENDS.format("sends GET /ok"), SENDS.format("sends GET /error\n    When it runs assert False, 'no such page'")
WITHOUT = "baseline,traces,taps,openapi,logs,outside"


def with_services(project: Project, **settings: Any) -> None:
    """Write an environment with a component whose answers are checked against its OpenAPI document."""
    project.file("api.json", json.dumps({"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {"/ok": {
        "get": {"responses": {"200": {"description": "", "content": {"application/json": {"schema": {
            "type": "object", "required": ["author"]}}}}}}}}}))
    project.environment(**{"services": {"shop": {"url": project.system.url, "health": "/ok", "version": "/version",
                                                 "openapi": "api.json"}}, "stages": ["platform", "behaviour"], **settings})


def document(project: Project, *arguments: str) -> tuple[Ended, dict[str, Any]]:
    """The ended command, and the document that it wrote."""
    ended = project.run(*arguments, "--json", "again.json", command="rejudge")
    written: dict[str, Any] = json.loads((project.root / "again.json").read_text())
    assert_valid(written)
    return ended, written


def assert_same(project: Project, ended: Ended) -> None:
    """The whole verdict is the same: rules, subjects, titles, suspects, figures and what was not checked.

    Nothing was sent or written meanwhile, and the system is not needed.
    """
    sent, files = list(project.system.seen), _contents(project.runs_folder)
    again, written = document(project)
    assert (again.code, again.last_line) == (ended.code, ended.last_line), again.stderr
    assert written == ended.verdict
    assert project.system.seen == sent
    assert _contents(project.runs_folder) == files
    assert "Traceback" not in again.stderr


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file() and "history" not in path.name}


def test_run_without_evidence_is_refused(project: Project) -> None:
    """A gate that was killed, no run at all, a changed file and another version: an error each, never a verdict."""
    assert_refused(project.run(command="rejudge"), 3, "evidence.json cannot be read")
    project.feature(PASSES)
    ended = project.run()
    messages = ended.run_folder / "behaviour" / "messages.ndjson"
    whole = messages.read_bytes()
    messages.write_bytes(whole[:-20])
    assert_refused(project.run(command="rejudge"), 3, "A file of the run has changed since it was judged")
    messages.write_bytes(whole)
    assert_refused(project.run("--without", "smoke", command="rejudge"), 2, "use one or more of: baseline, traces")
    project.file("environments.yml", "environments: {other: {url: http://127.0.0.1:1}}")
    assert_refused(project.run(command="rejudge"), 2, "Unknown environment 'preprod'")
    (ended.run_folder / "evidence.json").unlink()
    assert_refused(project.run(command="rejudge"), 3, "evidence.json cannot be read")


def assert_refused(ended: Ended, code: int, message: str) -> None:
    assert (ended.code, ended.stdout) == (code, ""), ended.stderr
    assert message in ended.stderr
    assert "  fix: " in ended.stderr


def test_go_is_a_go_again(project: Project) -> None:
    """Without a baseline, and with one."""
    with_services(project)
    project.feature(PASSES)
    for _ in range(2):
        ended = project.run()
        ended.assert_answer("GO")
        assert_same(project, ended)
    assert ended.verdict["baseline"], "the second run is compared with the first"


def test_no_go_is_a_no_go_again(project: Project) -> None:
    """With its suspect and the baseline that it had, also when a later run was promoted."""
    with_services(project)
    project.feature(PASSES)
    first = project.run()
    first.assert_answer("GO")
    compared = first.verdict["run"]
    project.feature(FAILS)
    ended = project.run()
    ended.assert_answer("NO-GO", "scenario-failed")
    assert [each["peer"] for each in ended.verdict["suspects"]] == ["shop"]
    assert_same(project, ended)
    run = ended.run_folder
    project.feature(PASSES)
    project.run().assert_answer("GO")
    assert project.run(command="promoted").code == 0
    _, written = document(project, run.name)
    assert written == json.loads((run / "verdict.json").read_text())
    assert written["baseline"]["run"] == compared


@pytest.mark.parametrize("how", ["a dead worker", "a deployment", "a part", "no environment"])
def test_other_endings_are_the_same_again(project: Project, how: str) -> None:
    """What was in the gate's memory alone: how processes ended, the versions, the arguments, why nothing came up."""
    with_services(project)
    project.feature({"a dead worker": SENDS.format("runs os.kill(os.getpid(), 9)"),
                     "a deployment": SENDS.format("sends GET /deploy")}.get(how, PASSES))
    if how == "a deployment":
        project.environment(services={"shop": {"url": project.system.url, "health": "/ok", "version": "/ok"}}, stages=["behaviour"])
    if how == "no environment":
        project.environment("http://127.0.0.1:9", provision={"up": "false"})
    ended = project.run(*(["--tags", "@read-only", "--only", "behaviour"] if how == "a part" else []))
    answer, rules = {"a dead worker": ("INCONCLUSIVE", {"scenario-unfinished"}), "a deployment": ("INCONCLUSIVE", {"deployed-during-run"}),
                     "a part": ("PARTIAL", set()), "no environment": ("INCONCLUSIVE", {"environment-not-up"})}[how]
    assert ended.last_line == answer, ended.stdout
    assert rules <= ended.stopping
    assert_same(project, ended)


def test_load_is_the_same_again(project: Project) -> None:
    """A profile that meets its objectives, compared with that of the run before."""
    project.environment(**project.load("visit"))
    project.profile("visit")
    for _ in range(2):
        assert_same(project, project.run())


def test_policy_of_today_is_applied(project: Project) -> None:
    """A stricter contract makes a NO-GO of a GO, a waiver a GO of a NO-GO; a further stage leaves a part."""
    with_services(project)
    project.feature(PASSES)
    project.run().assert_answer("GO")
    with_services(project, wire={"contract": "block"})
    again, written = document(project)
    assert (again.code, again.last_line, written["verdict"]) == (1, "NO-GO", "NO-GO")
    assert "which ended in GO" in again.stderr
    assert "contract-broken" in {reason["rule"] for reason in written["reasons"] if reason["severity"] == "block"}
    project.file("exceptions.yml", json.dumps({"exceptions": [{
        "kind": "waiver", "rule": "contract-broken", "reason": "SHOP-1", "owner": "shop team", "expires": "2999-12-31",
        "subject": {"component": "shop", "endpoint": "GET /ok"}}]}))
    again = project.run(command="rejudge")
    assert (again.code, again.last_line) == (0, "GO"), again.stdout + again.stderr
    with_services(project, stages=["platform", "behaviour", "pages"])
    assert project.run(command="rejudge").last_line == "PARTIAL"


def test_baseline_that_is_gone_is_an_error(project: Project) -> None:
    """It is never judged as if there had been none, unless this is asked for."""
    with_services(project)
    project.feature(PASSES)
    project.run()
    project.run().assert_answer("GO")
    for file in project.runs_folder.glob("history.sqlite*"):
        file.unlink()
    refused = project.run(command="rejudge")
    assert_refused(refused, 3, "The history does not have run ")
    again, written = document(project, "--without", "baseline")
    assert (again.last_line, written["baseline"]) == ("GO", None)


def test_evidence_is_left_out_of_the_baseline_too(project: Project) -> None:
    """Nothing has changed, so nothing is found to have changed; without the folder of the baseline it is refused."""
    with_services(project)
    project.feature(PASSES)
    first = project.run().run_folder
    ended = project.run()
    for kind in ("openapi", "traces", "taps", "logs", "openapi,traces"):
        _, written = document(project, "--without", kind)
        assert written["verdict"] == "GO"
        rules = {reason["rule"] for reason in written["reasons"]}
        assert rules == {reason["rule"] for reason in ended.reasons} - ({"contract-broken"} if "openapi" in kind else set())
    assert document(project, "--without", WITHOUT)[1]["baseline"] is None
    shutil.move(first, project.root / "elsewhere")
    assert_refused(project.run("--without", "openapi", command="rejudge"), 3, "The folder of the baseline is needed")
    assert document(project, "--without", "openapi", "--baseline", "elsewhere")[1]["verdict"] == "GO"
    assert_refused(project.run("--without", "openapi", "--baseline", str(ended.run_folder), command="rejudge"), 3,
                   f"This is run {ended.run_folder.name}; the run was compared with {first.name}")
