"""What a verdict reports about its baseline: which run it is, that there is none, or that it is damaged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from gonogo.config import Environment
from gonogo.gate.earlier_runs import images_of, recorded_run
from gonogo.model.baseline import Baseline
from gonogo.model.findings import Severity
from gonogo.model.identity import ScenarioId
from gonogo.model.not_checked import HistoryDamaged, HistoryPart, HistoryUnusable, NotChecked
from gonogo.model.run import PlatformEvidence, Probe, RunEvidence
from gonogo.model.scenarios import Attempt, EmptyPlace, Scenario, ScenarioEvidence, Status
from gonogo.model.stages import ScenarioResults, StageResult
from gonogo.model.verdict import Answer, Verdict
from gonogo.report.verdict_document import verdict_document
from gonogo.report.wording import line_of, not_checked_words
from gonogo.traffic.analysis import TrafficBaseline
from gonogo.verdict.rules.baseline import judge_baseline, judge_scenarios_gone
from gonogo.verdict.rules.scenarios import judge_scenarios
from tests.judging import verdict_on
from tests.verdicts import assert_valid

OPTIONAL = Environment.model_validate({"url": "http://127.0.0.1:1"})
REQUIRED = Environment.model_validate({"url": "http://127.0.0.1:1", "baseline": "required"})
PROMOTED, GO = Baseline("r0", promoted=True, images={"web": "sha256:1"}), Baseline("r0")
RUN = RunEvidence("r1", "preprod", ("platform",))


def lines(run: RunEvidence, environment: Environment = OPTIONAL) -> list[str]:
    return [not_checked_words(item) for item in verdict_on(run, environment).not_checked]


REFUSED: dict[str, tuple[Baseline | None, tuple[NotChecked, ...], str]] = {
    "none": (None, (), "the history has none: no run of this environment was promoted or ended in GO"),
    "unusable": (None, (HistoryUnusable("locked"),), "the history cannot be used: locked"),
    "images damaged": (PROMOTED, (HistoryDamaged(HistoryPart.IMAGES, "r0"),), "the history is damaged: images"),
    "exchanges damaged": (PROMOTED, (HistoryDamaged(HistoryPart.TRAFFIC, "r0"),), "the history is damaged: exchanges"),
    "load damaged": (GO, (HistoryDamaged(HistoryPart.LOAD, "r0", "mix"),),
                     "the history is damaged: load figures of mix"),
    "durations and images damaged": (PROMOTED, (HistoryDamaged(HistoryPart.DURATIONS),
                                               HistoryDamaged(HistoryPart.IMAGES, "r0")), "the history is damaged: images"),
}


@pytest.mark.parametrize(("baseline", "problems", "words"), REFUSED.values(), ids=REFUSED)
def test_required_baseline_that_is_missing_or_damaged_is_inconclusive(
        baseline: Baseline | None, problems: tuple[NotChecked, ...], words: str) -> None:
    run = replace(RUN, baseline=baseline, history_problems=problems)
    [finding] = judge_baseline(run, REQUIRED)
    assert (finding.rule, finding.severity) == ("no-baseline", Severity.INCONCLUSIVE)
    assert line_of(finding) == f"gate: no-baseline: this environment requires a baseline, but {words}"
    assert verdict_on(run, REQUIRED).answer is Answer.INCONCLUSIVE
    assert list(judge_baseline(run, OPTIONAL)) == []
    document = verdict_document(run, verdict_on(run, REQUIRED), started="s", ended="e").as_json()
    assert_valid(document)
    assert any(line.startswith(("history: ", "baseline: ")) for line in document["not_checked"])


@pytest.mark.parametrize("baseline", [PROMOTED, GO], ids=["promoted", "last GO"])
def test_required_baseline_is_a_promoted_run_or_the_last_go(baseline: Baseline) -> None:
    """The last GO is enough before the first promotion. Data that only orders scenarios may be damaged."""
    run = replace(RUN, baseline=baseline, history_problems=(
        HistoryDamaged(HistoryPart.CALLS, "r0"), HistoryDamaged(HistoryPart.DURATIONS)))
    assert list(judge_baseline(run, REQUIRED)) == []


def test_verdict_reports_a_missing_baseline() -> None:
    assert "baseline: none in the history, so nothing was compared with an earlier run" in lines(RUN)


def test_verdict_names_the_run_of_the_baseline() -> None:
    """A promoted baseline is the normal case, so it is not listed under what was not checked."""
    assert not any(line.startswith("baseline") for line in lines(replace(RUN, baseline=PROMOTED)))
    assert "baseline: run r0 is the last GO, not promoted (run `gonogo promoted` after a deployment)" in lines(
        replace(RUN, baseline=GO))
    for baseline, member in ((PROMOTED, {"run": "r0", "promoted": True}), (GO, {"run": "r0", "promoted": False}),
                             (None, None)):
        run = replace(RUN, baseline=baseline)
        document = verdict_document(run, verdict_on(run, OPTIONAL), started="s", ended="e").as_json()
        assert_valid(document)
        assert document["baseline"] == member


def test_recorded_images_are_those_that_components_report() -> None:
    """Images reported after the run come first, then those reported before it; the release names the remaining ones."""
    before = (Probe("web", "u", 200, image="sha256:1"), Probe("bank", "u", 200, third_party=True))
    after = (Probe("web", "u", 200, image="sha256:2"), Probe("bank", "u", 200, third_party=True))
    run = replace(RUN, platform=PlatformEvidence(before, after))
    assert images_of(run) == {"web": "sha256:2"}
    assert images_of(replace(run, platform=PlatformEvidence(before))) == {"web": "sha256:1"}
    assert images_of(replace(run, release={"web": "sha256:0", "mail": "sha256:9"})) == {
        "web": "sha256:2", "mail": "sha256:9"}
    assert images_of(RUN) == {}


@pytest.mark.parametrize("answer", [each for each in Answer if each is not Answer.GO])
def test_only_a_go_is_recorded_for_comparisons(answer: Answer) -> None:
    kept = recorded_run(RUN, Verdict(answer, (), ()), TrafficBaseline(), "s")
    assert (kept.answer, kept.traffic, kept.calls, kept.load) == (answer.value, None, {}, {})
    assert recorded_run(RUN, Verdict(Answer.GO, (), ()), TrafficBaseline(), "s").traffic == TrafficBaseline().as_document()


A, B, ROW, OTHER_ROW = (ScenarioId("features/a.feature", "", name, 1, cells, row) for name, cells, row in (
    ("a", (), 0), ("b", (), 0), ("o", (("n", "1"),), 1), ("o", (("n", "2"),), 1)))
BLOCK = Environment.model_validate({"url": "http://127.0.0.1:1", "fewer_scenarios": "block"})


def having(*scenarios: ScenarioId, stage: str = "behaviour", before: Sequence[ScenarioId] = (A, B)) -> RunEvidence:
    """A run whose baseline had the scenarios `before`."""
    found = ScenarioEvidence(tuple(Scenario(each, each.name, "", 1, attempts=(Attempt(Status.PASSED),))
                                   for each in scenarios), finished=True)
    return RunEvidence("r1", "preprod", (stage,), results={stage: StageResult(
        len(scenarios), len(scenarios), ScenarioResults(found))}, baseline=Baseline(
            "r0", promoted=True, scenarios={"behaviour": [each.key for each in before]}))


GONE = {
    "deleted": (having(A), "1 scenario, 2 in the baseline (run r0); 1 gone: b (features/a.feature)", Severity.BLOCK),
    "all": (having(), "0 scenarios, 2 in the baseline (run r0); 2 gone: a (features/a.feature), b (features/a.feature)",
            Severity.BLOCK),
    "renamed": (having(A, ROW), "2 scenarios, 2 in the baseline (run r0); 1 gone, 1 new: b (features/a.feature)",
                Severity.WARN),
    "a row": (having(ROW, before=(ROW, OTHER_ROW)),
              "1 scenario, 2 in the baseline (run r0); 1 gone: o (features/a.feature)", Severity.BLOCK),
    "the stage": (having(A, B, stage="other"),
                  "0 scenarios, 2 in the baseline (run r0); 2 gone: a (features/a.feature), b (features/a.feature)",
                  Severity.BLOCK),
    "the features": (replace(having(A), results={"behaviour": StageResult(0, 0, nothing_to_do=True)}),
                     "0 scenarios, 2 in the baseline (run r0); 2 gone: a (features/a.feature), b (features/a.feature)",
                     Severity.BLOCK),
}


@pytest.mark.parametrize(("run", "words", "severity"), GONE.values(), ids=GONE)
def test_scenarios_of_the_baseline_that_are_gone_are_reported(run: RunEvidence, words: str, severity: Severity) -> None:
    """`fewer_scenarios: block` applies where there are fewer; what is only different is a warning."""
    for environment, expected in ((OPTIONAL, Severity.WARN), (BLOCK, severity)):
        [finding] = judge_scenarios_gone(run, environment)
        assert (line_of(finding), finding.severity) == (f"behaviour: scenarios-gone: {words}", expected)
        assert finding in verdict_on(run, environment).findings
    assert_valid(verdict_document(run, verdict_on(run, BLOCK), started="s", ended="e").as_json())


@pytest.mark.parametrize("run", [
    having(A, B), having(A, B, ROW), having(OTHER_ROW, before=(ROW,)), replace(having(A), partial=True),
    replace(having(A), results={}), replace(having(A), baseline=None), replace(having(A), baseline=PROMOTED),
], ids=["the same", "more", "another cell", "partial", "no evidence", "no baseline", "an older baseline"])
def test_nothing_is_gone(run: RunEvidence) -> None:
    assert list(judge_scenarios_gone(run, BLOCK)) == []


def test_baseline_without_scenarios_is_listed() -> None:
    words = "scenarios: the baseline does not list its scenarios, so a deleted one would not be detected"
    assert words in lines(replace(RUN, baseline=PROMOTED))
    assert words not in lines(having(A, B))


def test_places_without_scenarios_are_warnings() -> None:
    empty = (EmptyPlace("suffix", "features/a.FEATURE"), EmptyPlace("no-rows", "features/a.feature:9"))
    evidence = ScenarioEvidence((Scenario(A, "a", "", 1, attempts=(Attempt(Status.PASSED),)),), finished=True, empty=empty)
    findings = list(judge_scenarios("behaviour", evidence, OPTIONAL))
    assert {finding.severity for finding in findings} == {Severity.WARN}
    assert [line_of(finding) for finding in findings] == [
        "behaviour: nothing-to-run: examples without rows: features/a.feature:9",
        "behaviour: nothing-to-run: not read, as the suffix is not .feature: features/a.FEATURE"]
