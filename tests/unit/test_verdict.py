"""Each rule of the verdict has a named case: evidence → answer and finding. Cases that stop a release come first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gonogo.config import Environment
from gonogo.model.baseline import Baseline
from gonogo.model.histogram import Histogram
from gonogo.model.identity import ScenarioId
from gonogo.model.load import Bucket, EndpointSamples, LoadBaseline, LoadEvidence
from gonogo.model.not_checked import ImageNotReported, NoProbe, NotInEnvironment
from gonogo.model.rules.gate import StageSkipped
from gonogo.model.run import PlatformEvidence, Probe, RunEvidence, Version
from gonogo.model.scenarios import Attempt, Scenario, ScenarioEvidence, Status
from gonogo.model.stages import Ending, LoadResults, ProcessEnd, ScenarioResults, StageEvidence, StageResult
from gonogo.model.verdict import Answer
from gonogo.report.verdict_document import verdict_document
from gonogo.report.wording import line_of, not_checked_words, title_of
from tests.judging import verdict_on
from tests.verdicts import assert_valid

IMAGE, OTHER_IMAGE = "sha256:" + "a" * 64, "sha256:" + "b" * 64

ENVIRONMENT = Environment.model_validate({
    "url": "http://127.0.0.1:1",
    "services": {"web": {"url": "http://127.0.0.1:2"}},
    "third_parties": {"bank": {"url": "http://127.0.0.1:3"}},
    "stages": ["platform", "behaviour", "load"],
    "mandatory_journeys": ["A traveller books"],
    "permits": {"writes": True, "load_users": 10},
    "load": {"run": ["mix"], "profiles": {"mix": {
        "users": 5, "duration_s": 10, "objectives": {"/api/flights": {"p95_ms": 100, "min_requests": 50}}}}},
})

PASSED = Attempt(Status.PASSED, 1.0)
WEB = Probe("web", "http://127.0.0.1:2/health", 200, image=IMAGE, config=IMAGE)
BANK = Probe("bank", "http://127.0.0.1:3/health", 200, third_party=True, reports_version=False)
SYSTEM = Probe("system", "http://127.0.0.1:1", 200, reports_version=False)
BOOKS = Scenario(ScenarioId("features/journeys/book.feature", "", "A traveller books"), "A traveller books", "Booking", 3, ("must",), (PASSED,))
LOAD = LoadEvidence("mix", (EndpointSamples("/api/flights", Histogram((20.0,) * 400)),), finished=True, planned_s=10,
                    sent_s=10, planned_users=5, planned_spawn_rate=5, peak_users=5, cpu_ratio=0.2, lag_p95_ms=3.0)

ENDED_WELL = ProcessEnd(Ending.EXITED, 0)


def left(evidence: StageEvidence | None, *processes: ProcessEnd) -> StageResult:
    """The result of a stage whose process exited with 0, unless `processes` are given."""
    if isinstance(evidence, ScenarioResults):
        planned = evidence.scenarios.scenarios
        counts = len(planned), sum(scenario.executed for scenario in planned)
    else:
        counts = (1, 1) if evidence else (0, 0)
    return StageResult(*counts, evidence, processes or (ENDED_WELL,))


def scenarios_of(found: ScenarioEvidence) -> StageResult:
    return left(ScenarioResults(found, exercises_system=True))


NOTHING = scenarios_of(ScenarioEvidence((), finished=True))
HEALTHY = RunEvidence(
    run="r", environment="preprod", stages=("platform", "behaviour", "load"),
    release={"web": IMAGE}, release_configs={"web": IMAGE},
    platform=PlatformEvidence(before=(SYSTEM, WEB, BANK), after=(SYSTEM, WEB, BANK)),
    results={
        "platform": scenarios_of(ScenarioEvidence(
            (Scenario(ScenarioId("features/platform/health.feature", "", "Each component is healthy"),
                      "Each component is healthy", "Health", 5, (), (PASSED,)),),
            finished=True)),
        "behaviour": scenarios_of(ScenarioEvidence((BOOKS,), finished=True)),
        "load": left(LoadResults((LOAD,))),
    },
)


def but(base: RunEvidence = HEALTHY, **results: StageResult) -> RunEvidence:
    """`base` with other results for these stages."""
    return replace(base, results={**base.results, **results})


def probes(*, before: tuple[Probe, ...] = (SYSTEM, WEB, BANK), after: tuple[Probe, ...] | None = None) -> RunEvidence:
    return replace(HEALTHY, platform=PlatformEvidence(before, before if after is None else after))


def behaviour(*scenarios: Scenario, finished: bool = True, faults: tuple[str, ...] = ()) -> RunEvidence:
    return but(behaviour=scenarios_of(ScenarioEvidence(scenarios, finished, faults)))


def ended(*statuses: Status) -> RunEvidence:
    return behaviour(replace(BOOKS, attempts=tuple(Attempt(status, 1.0, "When she pays", "said") for status in statuses)))


def load(**changes: object) -> RunEvidence:
    return but(load=left(LoadResults((replace(LOAD, **changes),))))


def child(stage: str, ending: Ending, code: int | None) -> RunEvidence:
    return but(**{stage: replace(HEALTHY.results[stage], processes=(ProcessEnd(ending, code, "boom"),))})


INCONCLUSIVE, NO_GO, GO, PARTIAL = Answer.INCONCLUSIVE, Answer.NO_GO, Answer.GO, Answer.PARTIAL

CASES = {
    # the environment
    "an environment that does not come up": (
        replace(HEALTHY, provision_error="did not come up", platform=None), INCONCLUSIVE, "environment-not-up"),
    "an environment that was never probed": (
        replace(HEALTHY, platform=None), INCONCLUSIVE, "environment-not-probed"),
    "an environment that was not probed after the run": (probes(after=()), INCONCLUSIVE, "environment-not-probed-after"),
    "a component that does not answer": (
        probes(before=(SYSTEM, replace(WEB, status=None, image=None, config=None), BANK)), INCONCLUSIVE,
        "component-down"),
    "a test gateway that does not answer": (
        probes(before=(SYSTEM, WEB, replace(BANK, status=None))), INCONCLUSIVE, "test-gateway-down"),
    "a component that reports that it is unhealthy": (
        probes(before=(SYSTEM, replace(WEB, status=503), BANK)), NO_GO, "component-unhealthy"),
    "a component that was lost during the run": (
        probes(after=(SYSTEM, replace(WEB, status=None, image=None), BANK)), NO_GO, "component-lost"),
    "a component that is unhealthy after the run": (
        probes(after=(SYSTEM, replace(WEB, status=503), BANK)), NO_GO, "component-unhealthy"),
    "a system that answers with an error after the run": (
        probes(after=(replace(SYSTEM, status=502), WEB, BANK)), NO_GO, "component-unhealthy"),
    "a component that was not probed after the run": (probes(after=(SYSTEM, BANK)), NO_GO, "component-lost"),
    "a test gateway that was lost during the run": (
        probes(after=(SYSTEM, WEB, replace(BANK, status=None))), INCONCLUSIVE, "test-gateway-down"),
    "a test gateway that answers with an error after the run": (
        probes(after=(SYSTEM, WEB, replace(BANK, status=503))), INCONCLUSIVE, "test-gateway-down"),
    "a health path that redirects, for example to a sign-in page": (
        probes(before=(SYSTEM, replace(WEB, status=302), BANK)), INCONCLUSIVE, "health-redirected"),
    # deployed images and settings
    "another image than the release names": (
        probes(before=(SYSTEM, replace(WEB, image=OTHER_IMAGE), BANK)), NO_GO, "wrong-image"),
    "settings edited in place": (
        probes(before=(SYSTEM, replace(WEB, config=OTHER_IMAGE), BANK)), NO_GO, "wrong-settings"),
    "a component that does not report its image": (
        probes(before=(SYSTEM, replace(WEB, image=None), BANK)), INCONCLUSIVE, "version-not-reported"),
    "a deployment during the run": (
        probes(after=(SYSTEM, replace(WEB, image=OTHER_IMAGE), BANK)), INCONCLUSIVE, "deployed-during-run"),
    "replicas of different images": (
        replace(HEALTHY, platform=PlatformEvidence((SYSTEM, WEB, BANK), (SYSTEM, WEB, BANK), (
            Version(WEB.component, WEB.image, WEB.config), Version(WEB.component, OTHER_IMAGE, WEB.config)))),
        INCONCLUSIVE, "several-versions"),
    "a deployment that was undone": (
        replace(HEALTHY, platform=PlatformEvidence((SYSTEM, WEB, BANK), (SYSTEM, WEB, BANK), (
            Version(WEB.component, WEB.image, OTHER_IMAGE),))), INCONCLUSIVE, "several-versions"),
    "a release that names no component of the environment": (
        replace(HEALTHY, release={"shop": WEB.image or ""}), INCONCLUSIVE, "release-not-compared"),
    "a release of components without versions": (
        probes(before=(SYSTEM, replace(WEB, image=None, config=None, reports_version=False), BANK)), INCONCLUSIVE,
        "release-not-compared"),
    "a deployment during a run that also failed": (
        replace(ended(Status.FAILED), platform=PlatformEvidence(
            (SYSTEM, WEB, BANK), (SYSTEM, replace(WEB, image=OTHER_IMAGE), BANK))), INCONCLUSIVE,
        "deployed-during-run"),
    # the gate
    "a suite that was edited during the run": (
        replace(ended(Status.FAILED), input_changes=("features/a.feature changed",)), INCONCLUSIVE, "inputs-changed"),
    "a gate that was interrupted": (replace(HEALTHY, interrupted=True), INCONCLUSIVE, "interrupted"),
    "no stage at all": (replace(HEALTHY, stages=()), INCONCLUSIVE, "no-stage"),
    "a stage that was never started": (replace(HEALTHY, results={}), INCONCLUSIVE, "stage-not-run"),
    "a stage that was skipped": (
        replace(HEALTHY, skipped={"load": StageSkipped("stopped")}), INCONCLUSIVE, "stage-skipped"),
    "a stage that timed out": (child("behaviour", Ending.TIMED_OUT, -15), INCONCLUSIVE, "stage-timed-out"),
    "a stage whose process could not start": (child("load", Ending.NOT_STARTED, None), INCONCLUSIVE, "stage-not-started"),
    "an exit code that the evidence does not explain": (
        child("behaviour", Ending.EXITED, 1), INCONCLUSIVE, "exit-code-unexplained"),
    # scenarios
    "no evidence of scenarios": (but(behaviour=left(None)), INCONCLUSIVE, "no-evidence"),
    "no scenario selected": (behaviour(), INCONCLUSIVE, "nothing-selected"),
    "a scenario that behave's own settings left out": (
        but(behaviour=scenarios_of(ScenarioEvidence((BOOKS,), finished=True, left_out=(replace(BOOKS, name="B", line=3),)))),
        INCONCLUSIVE, "scenario-left-out"),
    "a record that its runner did not close": (behaviour(BOOKS, finished=False), INCONCLUSIVE, "record-not-closed"),
    "a record that another process changed": (
        but(behaviour=scenarios_of(ScenarioEvidence((BOOKS,), finished=True, altered=True))), INCONCLUSIVE,
        "record-altered"),
    "a worker that died": (behaviour(BOOKS, faults=("worker 2 died: signal 9",)), INCONCLUSIVE, "runner-fault"),
    "a scenario that was planned and never executed": (
        behaviour(replace(BOOKS, attempts=())), INCONCLUSIVE, "scenario-not-executed"),
    "a scenario that failed, after which no other was begun": (
        behaviour(replace(BOOKS, attempts=(Attempt(Status.FAILED),)), *(replace(BOOKS, line=line, attempts=())
                                                                       for line in range(10, 20))),
        NO_GO, "scenario-not-executed"),
    "a scenario that was begun and never finished": (ended(Status.UNFINISHED), INCONCLUSIVE, "scenario-unfinished"),
    "a scenario that was skipped while it ran": (ended(Status.SKIPPED), INCONCLUSIVE, "scenario-skipped"),
    "a step without code": (ended(Status.UNDEFINED), INCONCLUSIVE, "step-undefined"),
    "a hook that raised": (ended(Status.SUITE_ERROR), INCONCLUSIVE, "suite-error"),
    "a browser that died": (ended(Status.BROWSER_LOST), INCONCLUSIVE, "browser-lost"),
    "a mandatory journey that was not planned": (
        behaviour(replace(BOOKS, name="Another")), INCONCLUSIVE, "mandatory-journey-missing"),
    "a scenario that failed": (ended(Status.FAILED), NO_GO, "scenario-failed"),
    "a scenario that failed at every attempt": (ended(Status.FAILED, Status.FAILED), NO_GO, "scenario-failed"),
    "a platform scenario that failed": (
        but(platform=scenarios_of(ScenarioEvidence((replace(BOOKS, attempts=(Attempt(Status.FAILED),)),), finished=True))),
        NO_GO, "scenario-failed"),
    "tags that no scenario of any stage has": (
        but(replace(HEALTHY, partial=True, tags=("@x",)), behaviour=NOTHING, platform=NOTHING), INCONCLUSIVE,
        "nothing-selected"),
    "tags that leave one stage without scenarios": (
        but(replace(HEALTHY, partial=True, tags=("@must",)), platform=NOTHING), PARTIAL, None),
    "a stage without scenarios in a run without tags": (
        but(replace(HEALTHY, partial=True), platform=NOTHING), INCONCLUSIVE, "nothing-selected"),
    # any stage, even if its own judge has no findings
    "a stage that executed nothing": (but(another=StageResult(0, 0, StageEvidence())), INCONCLUSIVE, "nothing-executed"),
    "a stage that executed less than it planned": (
        but(another=StageResult(3, 2, StageEvidence())), INCONCLUSIVE, "not-all-executed"),
    "a stage with nothing to do that is not listed as not checked": (
        but(another=StageResult(0, 0, nothing_to_do=True)), INCONCLUSIVE, "nothing-executed"),
    "journeys that are missing when the stage runs": (
        but(behaviour=StageResult(0, 0, nothing_to_do=True)), INCONCLUSIVE, "nothing-executed"),
    "a stage that left no evidence": (but(another=StageResult(3, 3)), INCONCLUSIVE, "no-evidence"),
    # load
    "a profile without evidence": (but(load=left(LoadResults())), INCONCLUSIVE, None),
    "a generator that sent nothing": (load(endpoints=()), INCONCLUSIVE, None),
    "a generator that did not close its record": (load(finished=False), INCONCLUSIVE, None),
    "a lost load worker": (load(lost_workers=1), INCONCLUSIVE, None),
    "an endpoint that no request reached": (
        load(endpoints=(EndpointSamples("/api/other", Histogram((20.0,) * 400)),)), INCONCLUSIVE, None),
    "too few requests to an endpoint": (
        load(endpoints=(EndpointSamples("/api/flights", Histogram((20.0,) * 9)),)), INCONCLUSIVE, None),
    "too few requests to decide whether an endpoint fails": (
        load(endpoints=(EndpointSamples("/api/flights", Histogram((20.0,) * 200)),)), INCONCLUSIVE, "undecided"),
    "a generator that was itself late": (load(lag_p95_ms=280.0), INCONCLUSIVE, "generator-late"),
    "an endpoint slower than its objective": (
        load(endpoints=(EndpointSamples("/api/flights", Histogram((150.0,) * 400)),)), NO_GO, None),
    "an endpoint with too many errors": (
        load(endpoints=(EndpointSamples("/api/flights", Histogram((20.0,) * 400), {"status 500": 40}),)), NO_GO, None),
    # nothing stops the release
    "a partial run without failures": (replace(HEALTHY, partial=True), PARTIAL, None),
    "a partial run with a failure": (replace(ended(Status.FAILED), partial=True), NO_GO, "scenario-failed"),
    "a complete run without failures": (HEALTHY, GO, None),
}


@pytest.mark.parametrize(("evidence", "answer", "rule"), CASES.values(), ids=CASES.keys())
def test_rule(evidence: RunEvidence, answer: Answer, rule: str | None) -> None:
    """The evidence leads to this answer, and the rule that decides it is among the findings."""
    evidence = replace(evidence, stages=tuple(dict.fromkeys((*evidence.stages, *evidence.results))) if evidence.stages else ())
    verdict = verdict_on(evidence, ENVIRONMENT)
    assert verdict.answer is answer, [line_of(finding) for finding in verdict.findings]
    if rule:
        assert rule in {finding.rule for finding in verdict.findings}
    elif answer not in (GO, PARTIAL):
        assert verdict.findings
    assert_valid(verdict_document(evidence, verdict, started="then", ended="now").as_json())


@pytest.mark.parametrize(("services", "features", "answer"), [
    ({}, False, INCONCLUSIVE), ({"web": {"url": "http://127.0.0.1:2"}}, False, GO), ({}, True, GO)])
def test_url_that_answers_is_not_sufficient_evidence(services: dict[str, object], features: bool, answer: Answer) -> None:
    """A platform stage without scenarios needs services that report their health; else nothing was tested."""
    environment = Environment.model_validate({"url": "http://127.0.0.1:1", "stages": ["platform"],
                                              "services": services})
    platform = HEALTHY.results["platform"] if features else StageResult(0, 0, nothing_to_do=True)
    verdict = verdict_on(replace(HEALTHY, stages=("platform",), results={"platform": platform}), environment)
    assert verdict.answer is answer
    assert [finding.rule for finding in verdict.findings] == ([] if answer is GO else ["nothing-tested"])


def test_images_that_could_not_be_compared_are_listed() -> None:
    """A released component that the environment lacks, and one that does not report its image, are listed."""
    bare = Environment.model_validate({"url": "http://127.0.0.1:1"})
    assert NotInEnvironment("web") in verdict_on(HEALTHY, bare).not_checked
    run = replace(probes(before=(SYSTEM, replace(WEB, image=None), BANK)), release={}, release_configs={})
    verdict = verdict_on(run, ENVIRONMENT)
    assert verdict.answer is GO
    assert ImageNotReported("web") in verdict.not_checked


def test_go_has_no_findings() -> None:
    """A healthy run has no findings."""
    assert verdict_on(HEALTHY, ENVIRONMENT).findings == ()


@pytest.mark.parametrize(("policy", "answer"), [("ignore", GO), ("warn", GO), ("block", NO_GO)])
def test_policy_decides_what_a_flaky_scenario_means(policy: str, answer: Answer) -> None:
    """A scenario that passed only at its second attempt is ignored, reported, or stops the release."""
    environment = ENVIRONMENT.model_copy(update={
        "retries": ENVIRONMENT.retries.model_copy(update={"scenarios": 1, "flaky": policy})})
    verdict = verdict_on(ended(Status.FAILED, Status.PASSED), environment)
    assert verdict.answer is answer
    assert verdict.stages["behaviour"].flaky == 1
    assert [finding.rule for finding in verdict.findings] == ([] if policy == "ignore" else ["scenario-flaky"])


@pytest.mark.parametrize(("policy", "answer"), [("ignore", GO), ("warn", GO), ("block", NO_GO)])
def test_regression_means_what_the_environment_says(policy: str, answer: Answer) -> None:
    """An endpoint within its objectives, but slower than in the last promoted run, is ignored, reported, or stops."""
    assert ENVIRONMENT.load
    environment = ENVIRONMENT.model_copy(update={"load": ENVIRONMENT.load.model_copy(update={"regression": policy})})
    was, now = (tuple(Bucket("/api/flights", 5 * index, 100, 0, took_ms + index / 10, 2 * took_ms, 3 * took_ms)
                      for index in range(8)) for took_ms in (20.0, 40.0))
    baseline = Baseline("r0", promoted=True, load={"mix": LoadBaseline("r0", 10, 5, 5, None, was)})
    run = replace(load(buckets=now), baseline=baseline)
    verdict = verdict_on(run, environment)
    assert verdict.answer is answer
    assert [finding.rule for finding in verdict.findings] == ([] if policy == "ignore" else ["regression"])
    assert verdict.stages["load"].passed == (policy != "block")
    assert (NoProbe("mix") in verdict.not_checked) == (policy != "ignore")


def test_worst_finding_comes_first() -> None:
    """Findings that block come before inconclusive ones, and mandatory journeys before other scenarios."""
    other = replace(BOOKS, name="Z", line=9, tags=(), attempts=(Attempt(Status.FAILED),))
    must = replace(BOOKS, attempts=(Attempt(Status.FAILED),))
    lost = replace(BOOKS, name="Y", tags=(), attempts=(Attempt(Status.BROWSER_LOST),))
    titles = [title_of(finding) for finding in verdict_on(behaviour(lost, other, must), ENVIRONMENT).findings]
    assert [title[:9] for title in titles] == ["mandatory", "Z (featur", "Y (featur"]


def test_partial_run_does_not_require_mandatory_journeys() -> None:
    """A partial run may leave out a mandatory journey; the answer is PARTIAL, which never promotes."""
    verdict = verdict_on(replace(behaviour(replace(BOOKS, name="Another")), partial=True), ENVIRONMENT)
    assert verdict.answer is PARTIAL


def test_environment_with_only_a_url_lists_what_was_not_checked() -> None:
    """A system with one URL and no release file gets a verdict, with the list of what was not checked."""
    environment = Environment.model_validate({"url": "http://127.0.0.1:1"})
    run = replace(HEALTHY, stages=("platform", "behaviour"), installed_stages=("platform", "behaviour", "load"),
                  release={}, release_configs={}, platform=PlatformEvidence((SYSTEM,), (SYSTEM,)),
                  results={"platform": StageResult(0, 0, nothing_to_do=True), "behaviour": HEALTHY.results["behaviour"]})
    verdict = verdict_on(run, environment)
    assert verdict.answer is GO
    told = " ".join(map(not_checked_words, verdict.not_checked))
    for part in ("release.yml", "versions", "load", "features/platform", "mandatory journeys"):
        assert part in told
