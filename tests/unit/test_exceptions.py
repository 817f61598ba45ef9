"""exceptions.yml: each mistake is a configuration error with file, line, key and fix; what a waiver may change."""

from __future__ import annotations

import argparse
import json
import re
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import jsonschema
import pytest
import yaml

from gonogo.cli.schema import execute as print_schema
from gonogo.config import EXCEPTIONS_FILE
from gonogo.config.exceptions import exceptions_schema, load_exceptions
from gonogo.core.errors import ConfigError
from gonogo.core.runtime import Runtime
from gonogo.model.baseline import Baseline
from gonogo.model.calls import WireEvidence
from gonogo.model.exceptions import EXAMPLES, WAIVABLE, ScenarioChoice, Waiver, why_not_waivable
from gonogo.model.findings import (
    ComponentSubject,
    EndpointSubject,
    Finding,
    GateSubject,
    PairSubject,
    Severity,
    StageSubject,
    Waived,
)
from gonogo.model.histogram import Histogram
from gonogo.model.identity import ScenarioId
from gonogo.model.load import EndpointSamples, LostObjective
from gonogo.model.rules import RULES
from gonogo.model.rules.traffic import ShapeChanged
from gonogo.model.scenarios import Attempt, Scenario, Status
from gonogo.model.stages import Ending, ProcessEnd
from gonogo.model.verdict import Answer, Verdict
from gonogo.report.junit import render_junit
from gonogo.report.verdict_document import verdict_document
from gonogo.report.wording import line_of
from gonogo.verdict.exceptions import apply_exceptions, unused_exceptions
from tests.judging import verdict_on as judge
from tests.unit.test_verdict import BANK, BOOKS, ENVIRONMENT, HEALTHY, SYSTEM, WEB, behaviour, but, load, probes
from tests.verdicts import assert_valid

ENVIRONMENTS = ("test", "preprod")
TODAY = date(2026, 6, 1)
GOOD = """\
exceptions:
  - kind: waiver
    subject: {scenario: Ana pays, file: features/journeys/paying.feature}
    rule: scenario-failed
    reason: PAY-17, the receipt has no date
    owner: payments
    expires: 2026-06-30
    environments: [preprod]
"""

# The replaced text and its replacement, and the error's place, message and fix.
MISTAKES = {
    "an empty file": (GOOD, "", ":1", "exceptions.yml is empty", "remove the file"),
    "a file with only a comment": (GOOD, "# none\n", ":1", "is empty", "remove the file"),
    "no list of exceptions": (GOOD, "exceptions:\n", ":1: exceptions", "'exceptions' is invalid", "to a valid value"),
    "an empty list of exceptions": (GOOD, "exceptions: []\n", ":1: exceptions", "at least 1 item", "to a valid value"),
    "a list without its key": (GOOD, "- kind: waiver\n", ":1", "exceptions.yml is invalid", "write a mapping"),
    "an exception that is not a mapping": (GOOD, "exceptions: [waiver]\n", ":1: exceptions → 0", "must be a mapping", "kind, subject"),
    "an unknown key of the file": ("exceptions:", "waivers: []\nexceptions:", ":1: waivers", "Unknown key 'waivers'", "keys here: exceptions"),
    "an unknown key": ("owner:", "ownr:", ":6: exceptions → 0 → ownr", "Unknown key 'ownr'", "did you mean 'owner'"),
    "no kind": ("kind: waiver", "rules: x", ":2", "'kind' is missing", "kinds: waiver"),
    "an unknown kind": ("kind: waiver", "kind: quarantine", ":2: exceptions → 0 → kind", "Unknown kind of exception 'quarantine'", "kinds: waiver, approval"),
    "no reason": ("    reason: PAY-17, the receipt has no date\n", "", ":2", "'reason' is missing", "add `reason"),
    "an empty reason": ("PAY-17, the receipt has no date", "'  '", ":5: exceptions → 0 → reason", "'reason' is invalid", "to a valid value"),
    "a reason without a value": ("PAY-17, the receipt has no date", "", ":5", "'reason' is invalid", "to a valid value"),
    "no owner": ("    owner: payments\n", "", ":2", "'owner' is missing", "add `owner"),
    "an empty owner": ("owner: payments", "owner: ''", ":6", "'owner' is invalid", "to a valid value"),
    "no expiry": ("    expires: 2026-06-30\n", "", ":2", "'expires' is missing", "add `expires"),
    "an expiry in the past": ("2026-06-30", "2026-05-31", ":7: exceptions → 0 → expires", "expired on 2026-05-31 (owner: payments)", "new date"),
    "an expiry that is not a date": ("2026-06-30", "never", ":7", "'never' of 'expires'", "to a valid value"),
    "an expiry on a day that does not exist": ("2026-06-30", "2026-06-31", ":7", "'2026-06-31' is not a valid value", "in quotes"),
    "an expiry on a day that does not exist, in quotes": ("2026-06-30", "'2026-06-31'", ":7", "'2026-06-31' of 'expires'", "to a valid value"),
    "an expiry that is a number": ("2026-06-30", "20991231", ":7", "'20991231' of 'expires'", "to a valid value"),
    "an expiry with a time of day": ("2026-06-30", "2026-06-30 00:00:00", ":7", "'expires' is invalid", "to a valid value"),
    "an expiry as a week date": ("2026-06-30", "2026-W30-1", ":7", "'2026-W30-1' of 'expires'", "to a valid value"),
    "an unknown environment": ("[preprod]", "[preprd]", ":8: exceptions → 0 → environments → 0", "Unknown environment 'preprd'", "test, preprod"),
    "no environment": ("[preprod]", "[]", ":8", "'environments' is invalid", "to a valid value"),
    "an environment that is not in a list": ("[preprod]", "preprod", ":8", "'preprod' of 'environments'", "to a valid value"),
    "an unknown rule": ("scenario-failed", "scenario-faled", ":4: exceptions → 0 → rule", "Unknown rule 'scenario-faled'", "did you mean 'scenario-failed'"),
    "a rule for missing evidence": ("scenario-failed", "scenario-not-executed", ":4: exceptions → 0 → rule", "evidence is missing", "can be waived: access-lost, broken-text, component-unhealthy"),
    "a rule that voids the run": ("scenario-failed", "deployed-during-run", ":4", "not what is to be promoted", "can be waived:"),
    "the rule for another image": ("scenario-failed", "wrong-image", ":4", "not what is to be promoted", "can be waived:"),
    "a subject of the wrong kind": ("{scenario: Ana pays, file: features/journeys/paying.feature}", "{component: payments}",
                                  ":3: exceptions → 0 → subject", "must be a scenario", "{scenario: Ana pays"),
    "the gate as the subject of a scenario's rule": ("{scenario: Ana pays, file: features/journeys/paying.feature}", "gate",
                                                  ":3", "must be a scenario", "{scenario: Ana pays"),
    "an endpoint without its profile": ("{scenario: Ana pays, file: features/journeys/paying.feature}\n    rule: scenario-failed",
                               "{endpoint: /api/flights}\n    rule: latency", ":3", "endpoint of a load profile", "profile: steady"),
    "a subject without a known key": ("{scenario: Ana pays, file: features/journeys/paying.feature}", "{name: Ana pays}",
                                 ":3: exceptions → 0 → subject", "has none of the known keys", "{component: payments}"),
    "a subject that is not a mapping": ("{scenario: Ana pays, file: features/journeys/paying.feature}", "Ana pays", ":3",
                                 "has none of the known keys", "or `gate`"),
    "a scenario without a file": (", file: features/journeys/paying.feature", "", ":3: exceptions → 0 → subject → file",
                                  "'file' is missing", "add `file"),
    "an unknown key of the subject": ("{scenario: Ana pays,", "{scenario: Ana pays, line: 3,", ":3: exceptions → 0 → subject → line",
                                      "Unknown key 'line'", "ordinal"),
    "a cell that is not text": ("{scenario: Ana pays,", "{scenario: Ana pays, example: {seats: 2},", ":3", "'seats'", "to a valid value"),
    "an ordinal of 0": ("{scenario: Ana pays,", "{scenario: Ana pays, ordinal: 0,", ":3", "'ordinal'", "to a valid value"),
    "an unknown YAML tag": ("kind: waiver", "kind: !waiver x", ":2", "'x' is not a valid value", "remove its tag"),
    "an alias that contains itself": (GOOD, "exceptions: &a [*a]\n", "exceptions.yml", "alias that contains itself", "replace the alias"),
}


def read(root: Path, text: str = GOOD, today: date = TODAY) -> tuple[object, ...]:
    (root / EXCEPTIONS_FILE).write_text(text, encoding="utf-8")
    return load_exceptions(root, ENVIRONMENTS, today)


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_is_refused_with_its_place_and_fix(tmp_path: Path, name: str) -> None:
    """Each mistake in the file is a ConfigError with its place, a message and a fix."""
    old, new, where, what, fix = MISTAKES[name]
    assert old in GOOD
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, GOOD.replace(old, new, 1))
    assert (int(caught.value.exit_code), where in caught.value.where, what in caught.value.what, fix in caught.value.fix) == (
        2, True, True, True), str(caught.value)


def test_mistake_after_a_valid_entry_is_refused_too(tmp_path: Path) -> None:
    """Each entry is checked, including those of other environments."""
    other = GOOD.removeprefix("exceptions:\n").replace("[preprod]", "[test]").replace("2026-06-30", "2026-01-01")
    with pytest.raises(ConfigError, match="expired on 2026-01-01") as caught:
        read(tmp_path, GOOD + other)
    assert ":14:" in caught.value.where


def test_broken_link_is_refused(tmp_path: Path) -> None:
    """The author of the link meant a file, so the gate does not continue without it."""
    (tmp_path / EXCEPTIONS_FILE).symlink_to("nowhere")
    with pytest.raises(ConfigError, match=r"exceptions\.yml does not exist"):
        load_exceptions(tmp_path, ENVIRONMENTS, TODAY)


def test_without_the_file_there_are_no_exceptions(tmp_path: Path) -> None:
    assert load_exceptions(tmp_path, ENVIRONMENTS, TODAY) == ()


def test_entry_holds_up_to_its_last_day(tmp_path: Path) -> None:
    """An entry still holds on the day of `expires`, in the environments that it names."""
    [entry] = read(tmp_path, today=date(2026, 6, 30))
    assert entry == Waiver("scenario-failed", ScenarioChoice("features/journeys/paying.feature", "Ana pays"),
                           "PAY-17, the receipt has no date", "payments", date(2026, 6, 30), ("preprod",),
                           "exceptions.yml:2")
    assert (entry.holds_in("preprod"), entry.holds_in("test")) == (True, False)


@pytest.mark.parametrize("rule", WAIVABLE)
def test_example_of_each_waivable_rule_is_accepted(tmp_path: Path, rule: str) -> None:
    """The reader and the schema accept the example that error messages show for the rule."""
    subject = "{scenario: Ana pays, file: features/journeys/paying.feature}"
    text = GOOD.replace(subject, EXAMPLES[WAIVABLE[rule]]).replace("rule: scenario-failed", f"rule: {rule}")
    [entry] = read(tmp_path, text)
    assert entry.rule == rule
    assert faults(text) == []


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_is_waivable_or_refused_for_a_reason(rule: str) -> None:
    assert (rule in WAIVABLE) != bool(why_not_waivable(rule))


def test_waivable_rules_exist() -> None:
    assert set(WAIVABLE) <= set(RULES)


def faults(text: str) -> list[str]:
    schema = exceptions_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    data = yaml.load(text, Loader=yaml.BaseLoader)
    return [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(data)]


@pytest.mark.parametrize(("old", "new"), [
    ("kind: waiver", "kind: approval"), ("rule: scenario-failed", "rule: wrong-image"), ("owner: payments", "ownr: payments"),
    ("{scenario: Ana pays,", "{name: Ana pays,"), ("exceptions:", "waivers:")])
def test_schema_refuses_what_the_reader_refuses(old: str, new: str) -> None:
    """An editor that uses `gonogo schema exceptions` marks the same mistakes."""
    assert faults(GOOD) == []
    assert faults(GOOD.replace(old, new, 1))


# The subject of the waiver, the subject of the finding, and whether the waiver covers the finding.
PAYS = ScenarioId("a.feature", "", "Ana pays")
ROW = ScenarioId("a.feature", "", "Ana pays", cells=(("card", "visa"), ("seats", "2")), row=1)
LATENCY = EndpointSubject("/api/flights", part="steady")
MATCHES = {
    "a scenario": (ScenarioChoice("a.feature", "Ana pays"), PAYS, True),
    "another scenario": (ScenarioChoice("a.feature", "Ana pays"), replace(PAYS, name="Ana pays late"), False),
    "another file": (ScenarioChoice("a.feature", "Ana pays"), replace(PAYS, uri="b.feature"), False),
    "the second scenario of the same name": (ScenarioChoice("a.feature", "Ana pays"), replace(PAYS, ordinal=2), False),
    "the second scenario of the same name, selected by its ordinal": (ScenarioChoice("a.feature", "Ana pays", ordinal=2), replace(PAYS, ordinal=2), True),
    "a scenario under a Gherkin rule": (ScenarioChoice("a.feature", "Ana pays"), replace(PAYS, rule="Cards"), False),
    "a scenario under a Gherkin rule, selected by the rule": (ScenarioChoice("a.feature", "Ana pays", "Cards"), replace(PAYS, rule="Cards"), True),
    "a row of an outline": (ScenarioChoice("a.feature", "Ana pays"), ROW, True),
    "a row with the selected values": (ScenarioChoice("a.feature", "Ana pays", example=(("card", "visa"),)), ROW, True),
    "a row with other values": (ScenarioChoice("a.feature", "Ana pays", example=(("card", "amex"),)), ROW, False),
    "a scenario without example values": (ScenarioChoice("a.feature", "Ana pays", example=(("card", "visa"),)), PAYS, False),
    "a component": (ComponentSubject("web"), ComponentSubject("web"), True),
    "another component": (ComponentSubject("web"), ComponentSubject("bank"), False),
    "a component of a pair": (ComponentSubject("web"), PairSubject("web", "bank"), False),
    "an endpoint of a profile": (LATENCY, LATENCY, True),
    "an endpoint of another profile": (LATENCY, replace(LATENCY, part="spike"), False),
    "an endpoint of a component": (LATENCY, EndpointSubject("/api/flights", "flights"), False),
    "a profile": (StageSubject("load", "steady"), StageSubject("load", "steady"), True),
    "another profile": (StageSubject("load", "steady"), StageSubject("load", "spike"), False),
    "the gate": (GateSubject(), GateSubject(), True),
}


def waiver(rule: str, subject: object, *environments: str) -> Waiver:
    return Waiver(rule, subject, "PAY-17", "payments", date(2026, 6, 30), environments, "exceptions.yml:2")  # type: ignore[arg-type]


def found(rule: str, subject: object, severity: Severity = Severity.BLOCK) -> Finding:
    return Finding("behaviour", rule, severity, subject)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", MATCHES)
def test_waiver_covers_only_its_own_subject(name: str) -> None:
    chosen, subject, is_covered = MATCHES[name]
    finding = found("scenario-failed", subject)
    waived = replace(finding, severity=Severity.WARN, waived=Waived("payments", "PAY-17", date(2026, 6, 30)))
    assert apply_exceptions([finding], [waiver("scenario-failed", chosen)], "preprod") == [waived if is_covered else finding]


@pytest.mark.parametrize("severity", [each for each in Severity if each is not Severity.BLOCK])
def test_finding_that_does_not_block_is_unchanged(severity: Severity) -> None:
    """A waiver changes neither missing evidence nor a void run nor a warning."""
    finding = found("scenario-failed", PAYS, severity)
    assert apply_exceptions([finding], [waiver("scenario-failed", ScenarioChoice("a.feature", "Ana pays"))], "preprod") == [finding]


@pytest.mark.parametrize(("rule", "environments"), [("scenario-flaky", ()), ("scenario-failed", ("test",))])
def test_another_rule_or_environment_is_not_covered(rule: str, environments: tuple[str, ...]) -> None:
    entry = waiver(rule, ScenarioChoice("a.feature", "Ana pays"), *environments)
    assert apply_exceptions([found("scenario-failed", PAYS)], [entry], "preprod") == [found("scenario-failed", PAYS)]


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule not in WAIVABLE])
def test_rule_that_is_not_waivable_blocks_despite_an_exception(rule: str) -> None:
    """This holds even for an entry that bypassed the reader, which refuses such rules."""
    finding = found(rule, ComponentSubject("web"))
    assert apply_exceptions([finding], [waiver(rule, ComponentSubject("web"))], "preprod") == [finding]


def test_change_of_several_endpoints_is_not_waived_for_one() -> None:
    """Waiving a finding that covers several endpoints would hide the others."""
    subject = EndpointSubject("GET /seats", "seats")
    one = replace(found("shape-changed", subject), parameters=ShapeChanged("response.headers.etag", (), "", 1, 1))
    several = replace(one, parameters=replace(one.parameters, endpoints=3))
    entry = waiver("shape-changed", subject)
    assert [each.severity for each in apply_exceptions([one, several], [entry], "preprod")] == [Severity.WARN, Severity.BLOCK]


FAILED = replace(BOOKS, attempts=(Attempt(Status.FAILED, 1.0, "When she pays", "no date"),))
OF_BOOKS = ScenarioChoice(BOOKS.id.uri, BOOKS.id.name)
WAIVES_BOOKS = waiver("scenario-failed", OF_BOOKS)


def rules_of(verdict: Verdict, severity: Severity) -> set[str]:
    return {finding.rule for finding in verdict.findings if finding.severity is severity}


def test_failed_scenario_is_no_go_and_with_its_waiver_go() -> None:
    run = behaviour(FAILED)
    assert judge(run, ENVIRONMENT).answer is Answer.NO_GO
    verdict = judge(run, ENVIRONMENT, [WAIVES_BOOKS])
    assert (verdict.answer, rules_of(verdict, Severity.WARN)) == (Answer.GO, {"scenario-failed"})
    assert (verdict.suspects, verdict.no_suspect) == ((), None)
    assert verdict.stages["behaviour"].failed == 1  # the figures are unchanged


def test_second_failure_is_still_no_go() -> None:
    other = Scenario(ScenarioId(BOOKS.id.uri, "", "Another"), "Another", "Booking", 9, (), FAILED.attempts)
    assert judge(behaviour(FAILED, other), ENVIRONMENT, [WAIVES_BOOKS]).answer is Answer.NO_GO


def test_missing_evidence_beside_a_waived_failure_is_inconclusive() -> None:
    """Without the waiver the run would be NO-GO; with it, the missing evidence decides."""
    run = behaviour(FAILED, replace(BOOKS, id=replace(BOOKS.id, name="Another"), attempts=()))
    verdict = judge(run, ENVIRONMENT, [WAIVES_BOOKS])
    assert (verdict.answer, rules_of(verdict, Severity.INCONCLUSIVE)) == (Answer.INCONCLUSIVE, {"scenario-not-executed"})


def test_edge_that_a_waived_failure_left_uncrossed_is_inconclusive() -> None:
    """A failure explains an edge that was not crossed only as long as it blocks the release."""
    run = replace(behaviour(FAILED), wire=WireEvidence(uncrossed=(("web", "bank"),)), baseline=Baseline("r0", images={"web": "sha256:" + "c" * 64}))
    assert judge(run, ENVIRONMENT).answer is Answer.NO_GO
    verdict = judge(run, ENVIRONMENT, [WAIVES_BOOKS])
    assert (verdict.answer, rules_of(verdict, Severity.INCONCLUSIVE)) == (Answer.INCONCLUSIVE, {"edge-not-crossed"})


def test_incomplete_stage_beside_a_waived_failure_is_inconclusive() -> None:
    """The counts of the stage are checked as if it had no failures."""
    run = behaviour(FAILED)
    run = but(run, behaviour=replace(run.results["behaviour"], planned=2))
    assert judge(run, ENVIRONMENT).answer is Answer.NO_GO
    verdict = judge(run, ENVIRONMENT, [WAIVES_BOOKS])
    assert (verdict.answer, rules_of(verdict, Severity.INCONCLUSIVE)) == (Answer.INCONCLUSIVE, {"not-all-executed"})


def test_exit_code_of_a_waived_failure_is_explained() -> None:
    """behave exits with 1 if a scenario fails."""
    run = behaviour(FAILED)
    run = but(run, behaviour=replace(run.results["behaviour"], processes=(ProcessEnd(Ending.EXITED, 1),)))
    assert judge(run, ENVIRONMENT, [WAIVES_BOOKS]).answer is Answer.GO


SLOW = EndpointSamples("/api/flights", Histogram((200.0,) * 400))
OF_FLIGHTS = EndpointSubject("/api/flights", part="mix")


def test_missed_latency_can_be_waived() -> None:
    run = load(endpoints=(SLOW,))
    assert judge(run, ENVIRONMENT).answer is Answer.NO_GO
    assert judge(run, ENVIRONMENT, [waiver("latency", OF_FLIGHTS)]).answer is Answer.GO


def test_profile_that_stopped_early_on_a_waived_objective_is_inconclusive() -> None:
    """The other objectives were judged on only a part of the load."""
    run = load(endpoints=(SLOW,), sent_s=4, aborted=LostObjective("/api/flights", 95, 100, 400, 400))
    assert judge(run, ENVIRONMENT).answer is Answer.NO_GO
    verdict = judge(run, ENVIRONMENT, [waiver("latency", OF_FLIGHTS)])
    assert (verdict.answer, rules_of(verdict, Severity.INCONCLUSIVE)) == (Answer.INCONCLUSIVE, {"waived-load-ended-early"})


def test_too_few_requests_behind_a_waived_error_ratio_are_inconclusive() -> None:
    """The failures are enough to miss the objective, but the requests are too few to judge anything else."""
    run = load(endpoints=(EndpointSamples("/api/flights", Histogram((20.0,) * 40), failures={"HTTP 500": 40}),))
    assert judge(run, ENVIRONMENT).answer is Answer.NO_GO
    verdict = judge(run, ENVIRONMENT, [waiver("error-ratio", OF_FLIGHTS)])
    assert (verdict.answer, rules_of(verdict, Severity.INCONCLUSIVE)) == (Answer.INCONCLUSIVE, {"too-few-requests"})


def test_unhealthy_component_can_be_waived_and_a_lost_one_cannot() -> None:
    entries = [waiver("component-unhealthy", ComponentSubject("web")), waiver("component-lost", ComponentSubject("web"))]
    sick = probes(before=(SYSTEM, replace(WEB, status=503), BANK))
    lost = probes(after=(SYSTEM, replace(WEB, status=None, image=None), BANK))
    assert [judge(run, ENVIRONMENT, entries).answer for run in (sick, lost)] == [Answer.GO, Answer.NO_GO]


def test_unused_exception_is_a_warning() -> None:
    """The warning names the entry's place and does not change the verdict. A partial run has no such warning."""
    verdict = judge(HEALTHY, ENVIRONMENT, [WAIVES_BOOKS])
    assert (verdict.answer, rules_of(verdict, Severity.WARN)) == (Answer.GO, {"exception-unused"})
    [finding] = verdict.findings
    assert line_of(finding) == (
        "gate: exception-unused: waiver of scenario-failed for 'A traveller books' "
        "(features/journeys/book.feature) (exceptions.yml:2) was not used: remove it if the defect is fixed")
    assert judge(replace(HEALTHY, partial=True), ENVIRONMENT, [WAIVES_BOOKS]).findings == ()
    assert list(unused_exceptions([], [waiver("scenario-failed", OF_BOOKS, "test")], "preprod")) == []


def test_verdict_shows_who_waived_what_and_until_when() -> None:
    """verdict.json has the waiver as data, the line as text, and junit.xml as a skipped case instead of a failure."""
    run = behaviour(FAILED)
    entry = replace(WAIVES_BOOKS, reason="PAY-17\x1b[31m, no date")
    verdict = judge(run, ENVIRONMENT, [entry])
    document = verdict_document(run, verdict, started="2026-06-01T00:00:00Z", ended="2026-06-01T00:01:00Z").as_json()
    assert_valid(document)
    assert document["reasons"][0]["waived"] == {"owner": "payments", "reason": "PAY-17 [31m, no date", "expires": "2026-06-30"}
    assert line_of(verdict.findings[0]).endswith("(waived until 2026-06-30 by payments: PAY-17 [31m, no date)")
    junit = render_junit(run, verdict)
    assert not re.search("<failure|<error ", junit)
    assert '<skipped message="behaviour: scenario-failed: ' in junit
    assert 'skipped="1"' in junit
    plain = verdict_document(run, judge(run, ENVIRONMENT), started="", ended="").as_json()
    assert plain["reasons"][0]["waived"] is None


def test_waived_load_objective_is_a_skipped_case_of_the_gate() -> None:
    run = load(endpoints=(SLOW,))
    junit = render_junit(run, judge(run, ENVIRONMENT, [waiver("latency", OF_FLIGHTS)]))
    assert re.search(r'name="load: latency".*\n\s*<skipped message=', junit)


def test_schema_command_prints_the_schema_of_exceptions(capsys: pytest.CaptureFixture[str]) -> None:
    runtime = Runtime(Path(), {}, sys.stdout, sys.stderr)
    assert print_schema(argparse.Namespace(document="exceptions"), runtime) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "gonogo exceptions.yml"
