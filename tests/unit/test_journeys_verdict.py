"""Each rule on journeys under load, as a named case: evidence → finding. Missing evidence comes first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gonogo.config import Environment, Journeys
from gonogo.model.findings import Finding, Severity, StageSubject
from gonogo.model.identity import ScenarioId
from gonogo.model.journeys import JourneyRun, JourneysEvidence, PageVitals
from gonogo.model.load import LoadEvidence
from gonogo.model.run import RunEvidence
from gonogo.model.scenarios import Status
from gonogo.model.stages import LoadResults, StageResult
from gonogo.model.verdict import Answer
from gonogo.report.wording import title_of
from gonogo.verdict.load import stage as load_judge
from gonogo.verdict.load.journeys import judge_journeys, p75
from tests.judging import verdict_on

PAYS = ScenarioId("features/journeys/paying.feature", "", "Ana pays")
SIGNS_IN = ScenarioId("features/journeys/sign_in.feature", "", "Ana signs in")
LINES = {PAYS: 8, SIGNS_IN: 7}
ASKED = Journeys.model_validate({"lcp_ms": 2500, "inp_ms": 200, "cls": 0.1, "ttfb_ms": 800, "at_least": 2})
RUNS = tuple(JourneyRun(scenario, scenario.name, Status.PASSED, 10.0 + index, 3.0, line=LINES[scenario])
             for index, scenario in enumerate([PAYS, SIGNS_IN] * 2))
VISITS = tuple(PageVitals(PAYS.key, page, 10.0 + index, 900.0, 40.0, 0.02, 50.0, path=f"load/mix/journeys/{index}/vitals.ndjson")
               for index, page in enumerate(["/", "/search"] * 4))
HEALTHY = JourneysEvidence(LINES, RUNS, VISITS, finished=True)
FAILS = replace(RUNS[2], status=Status.FAILED, started_s=14.4, step="Ana pays with a card", message="no such page",
                evidence=("load/mix/journeys/f-ana-pays-8-round2/trace.zip",))


def but(run: JourneyRun, *others: JourneyRun) -> JourneysEvidence:
    """Healthy evidence except for the third run, plus further runs."""
    return replace(HEALTHY, runs=(*RUNS[:2], run, RUNS[3], *others))


def visits(page: str = "/search", **told: tuple[float | None, ...]) -> JourneysEvidence:
    """Healthy evidence except that the visits of `page` report these values, one after the other."""
    (name, values), = told.items()
    rest = iter(values)
    return replace(HEALTHY, visits=tuple(
        replace(visit, **{name: next(rest)}) if visit.page == page else visit for visit in VISITS))


CASES = {
    # missing evidence: inconclusive
    "no evidence at all": (None, Severity.INCONCLUSIVE, "journeys-not-run", "journeys are configured but left no evidence"),
    "no record": (
        replace(HEALTHY, runs=(), visits=(), finished=False, faults=("their process exited (2): no browser",)),
        Severity.INCONCLUSIVE, "journeys-not-run", "before it closed its record; their process exited (2): no browser"),
    "a record that was not closed": (
        replace(HEALTHY, finished=False, faults=("the load ended after 7 of 20 s, and they with it",)),
        Severity.INCONCLUSIVE, "journeys-not-run", "before it closed its record; the load ended after 7 of 20 s"),
    "no scenario with the tag": (
        replace(HEALTHY, planned={}), Severity.INCONCLUSIVE, "journeys-not-run", "no scenario is tagged @under-load"),
    "no runs": (
        replace(HEALTHY, runs=()), Severity.INCONCLUSIVE, "journeys-not-run", "Ana pays (features/journeys/paying.feature:8) ran 0 times"),
    "fewer runs than required": (
        replace(HEALTHY, runs=RUNS[:3]), Severity.INCONCLUSIVE, "journeys-not-run",
        "Ana signs in (features/journeys/sign_in.feature:7) ran 1 time under load, 2 required"),
    "a scenario without runs": (
        replace(HEALTHY, runs=tuple(run for run in RUNS * 3 if run.scenario == PAYS)), Severity.INCONCLUSIVE,
        "journeys-not-run", "Ana signs in (features/journeys/sign_in.feature:7) ran 0 times"),
    "runs that began after the load": (
        replace(HEALTHY, until_s=12.5), Severity.INCONCLUSIVE, "journeys-not-run", "Ana signs in (features/journeys/sign_in.feature:7) ran 1 time"),
    "visits that began after the load": (
        replace(HEALTHY, until_s=9.0), Severity.INCONCLUSIVE, "vitals-not-reported", "LCP has an objective but no page reported it"),
    "a dead worker": (
        but(replace(RUNS[2], status=Status.UNFINISHED, message="worker 1 died: SIGKILL"), RUNS[2]), Severity.INCONCLUSIVE,
        "journeys-not-run", "could not be run (unfinished): worker 1 died: SIGKILL"),
    "a worker that died between two scenarios": (
        replace(HEALTHY, faults=("worker 1 died: SIGKILL",)), Severity.INCONCLUSIVE, "journeys-not-run", "worker 1 died"),
    "a run that was planned and not executed": (
        but(RUNS[2], replace(RUNS[2], status=Status.UNFINISHED, message="it was planned and never executed")),
        Severity.INCONCLUSIVE, "journeys-not-run", "never executed"),
    "a browser that died": (
        but(replace(RUNS[2], status=Status.BROWSER_LOST, message="closed"), RUNS[2]), Severity.INCONCLUSIVE,
        "journeys-not-run", "(browser-lost): closed"),
    "an undefined step": (
        but(replace(RUNS[2], status=Status.UNDEFINED, step="Ana pays"), RUNS[2]), Severity.INCONCLUSIVE,
        "journeys-not-run", "(undefined): Ana pays"),
    "a scenario that was skipped during its run": (
        but(replace(RUNS[2], status=Status.SKIPPED), RUNS[2]), Severity.INCONCLUSIVE, "journeys-not-run", "(skipped)"),
    "a hook that raised": (
        but(replace(RUNS[2], status=Status.SUITE_ERROR), RUNS[2]), Severity.INCONCLUSIVE, "journeys-not-run", "(suite-error)"),
    "no visits": (
        replace(HEALTHY, visits=()), Severity.INCONCLUSIVE, "vitals-not-reported", "LCP has an objective but no page reported it"),
    "a vital that no page reports": (
        replace(HEALTHY, visits=tuple(replace(visit, inp_ms=None) for visit in VISITS)), Severity.INCONCLUSIVE,
        "vitals-not-reported", "INP has an objective but no page reported it (8 visits)"),
    # findings against the release
    "a journey that fails under load": (
        but(FAILS), Severity.BLOCK, "journey-failed",
        "mix: Ana pays (features/journeys/paying.feature:8) failed 1 of 2 times under load, first after 14 s: "
        "Ana pays with a card: no such page"),
    "a journey that fails just after the load": (
        replace(but(FAILS), until_s=14.0), Severity.BLOCK, "journey-failed", "first after 14 s"),
    "a page that paints late": (
        visits(lcp_ms=(900, 2600, 2600, 900)), Severity.BLOCK, "vital", "mix: /search LCP p75 2600 ms > 2500 ms (4 visits)"),
    "a page that is slow to respond": (
        visits("/", inp_ms=(300, None, 250, None)), Severity.BLOCK, "vital", "mix: / INP p75 300 ms > 200 ms (2 visits)"),
    "a page whose layout shifts": (
        visits(cls=(0.0, 0.2512, 0.2512, 0.2512)), Severity.BLOCK, "vital", "mix: /search CLS p75 0.2512 > 0.1 (4 visits)"),
    "a page whose first byte is late": (
        visits(ttfb_ms=(900, 900, 900, 900)), Severity.BLOCK, "vital", "mix: /search TTFB p75 900 ms > 800 ms (4 visits)"),
    "a slow page with one visit": (
        replace(HEALTHY, visits=(*VISITS, PageVitals(PAYS, "/pay", 1.0, lcp_ms=4000.0))), Severity.BLOCK, "vital",
        "mix: /pay LCP p75 4000 ms > 2500 ms (1 visit)"),
}


@pytest.mark.parametrize(("evidence", "severity", "rule", "said"), CASES.values(), ids=CASES.keys())
def test_rule(evidence: JourneysEvidence | None, severity: Severity, rule: str, said: str) -> None:
    """Each finding says what was recorded, and either blocks the release or makes the run inconclusive."""
    found = list(judge_journeys("mix", evidence, ASKED))
    assert any((finding.severity, finding.rule) == (severity, rule) and said in title_of(finding) for finding in found), found
    assert all(finding.stage == "load" for finding in found)


ALLOWED = {
    "everything that is required": HEALTHY,
    "one slow visit in four": visits(lcp_ms=(900, 9000, 900, 900)),
    "a page exactly at its limit": visits(lcp_ms=(2500, 2500, 2500, 2500)),
    "a page without values, while others have them": visits(lcp_ms=(None, None, None, None)),
}


@pytest.mark.parametrize("evidence", ALLOWED.values(), ids=ALLOWED.keys())
def test_no_findings(evidence: JourneysEvidence) -> None:
    assert list(judge_journeys("mix", evidence, ASKED)) == []


def test_evidence_of_a_failure_is_that_of_the_first_failed_run() -> None:
    """Several failures of one scenario are one finding with their number."""
    found = list(judge_journeys("mix", but(FAILS, replace(FAILS, message="later", evidence=("other",))), ASKED))
    assert [(finding.rule, finding.evidence) for finding in found] == [("journey-failed", FAILS.evidence)]
    assert "failed 2 of 3 times" in title_of(found[0])


def test_evidence_of_a_vital_is_that_of_the_worst_visit() -> None:
    found = list(judge_journeys("mix", visits(lcp_ms=(2600, 2700, 2900, 2800)), ASKED))
    assert [finding.evidence for finding in found] == [("load/mix/journeys/5/vitals.ndjson",)]


def test_vitals_without_an_objective_are_not_required() -> None:
    asked = Journeys.model_validate({})
    assert list(judge_journeys("mix", replace(HEALTHY, visits=()), asked)) == []
    assert list(judge_journeys("mix", visits(lcp_ms=(9e5, 9e5, 9e5, 9e5)), asked)) == []


@pytest.mark.parametrize(("values", "expected"), [
    ((5.0,), 5.0), ((1.0, 2.0), 2.0), ((1.0, 2.0, 3.0), 3.0), ((4.0, 3.0, 2.0, 1.0), 3.0), (tuple(range(1, 101)), 75)])
def test_p75_is_the_nearest_rank(values: tuple[float, ...], expected: float) -> None:
    assert p75(values) == expected


ENVIRONMENT = Environment.model_validate({
    "url": "http://127.0.0.1:1", "stages": ["load"], "permits": {"load_users": 10}, "load": {
        "run": ["mix"], "profiles": {"mix": {"users": 5, "duration_s": 10, "objectives": {"/": {}},
                                             "journeys": {"lcp_ms": 2500, "at_least": 2}}}}})


def judged(monkeypatch: pytest.MonkeyPatch, journeys: JourneysEvidence | None, *of_load: Finding) -> tuple[Answer, set[str]]:
    """The verdict's answer and the rules of the load stage, if the load itself has the findings `of_load`."""
    monkeypatch.setattr(load_judge, "judge_load", lambda *_: of_load)
    left = LoadResults((LoadEvidence("mix", journeys=journeys),))
    run = RunEvidence(run="r", environment="preprod", stages=("load",), results={"load": StageResult(1, 1, left)})
    verdict = verdict_on(run, ENVIRONMENT)
    return verdict.answer, {finding.rule for finding in verdict.findings if finding.stage == "load"}


def test_profile_with_journeys_is_judged_by_them(monkeypatch: pytest.MonkeyPatch) -> None:
    assert judged(monkeypatch, HEALTHY)[1] == set()
    assert judged(monkeypatch, None)[1] == {"journeys-not-run"}
    assert judged(monkeypatch, but(FAILS)) == (Answer.NO_GO, {"journey-failed"})


def test_saturated_generator_makes_journeys_unusable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser ran on the same machine, so a failed journey may be the machine's fault."""
    saturated = Finding("load", "generator-saturated", Severity.INCONCLUSIVE, StageSubject("load", "mix"))
    assert judged(monkeypatch, but(FAILS), saturated)[1] == {"generator-saturated"}
