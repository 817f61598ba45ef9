"""What a behave run (platform or behaviour stage) says about the release: its rules, refusals first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from gonogo.config import Environment
from gonogo.model.run import RunEvidence, Scenario, ScenarioEvidence, Status
from gonogo.model.verdict import Reason, Severity, StageFigures, Suspect

MUST_TAG = "must"
_SHOWN = 5
MANDATORY = "mandatory: "  # a title that begins so ranks before its equals

# Status of a scenario's last attempt → (rule, severity). PASSED alone gives no reason.
_BY_STATUS: dict[Status, tuple[str, Severity]] = {
    Status.FAILED: ("scenario-failed", Severity.BLOCK),
    Status.SKIPPED: ("scenario-skipped", Severity.INCONCLUSIVE),
    Status.UNDEFINED: ("step-undefined", Severity.INCONCLUSIVE),
    Status.SUITE_ERROR: ("suite-error", Severity.INCONCLUSIVE),
    Status.BROWSER_LOST: ("browser-lost", Severity.INCONCLUSIVE),
    Status.UNFINISHED: ("scenario-unfinished", Severity.INCONCLUSIVE),
}
_BY_POLICY = {"warn": Severity.WARN, "block": Severity.BLOCK}


Blame = Callable[[Scenario], Suspect | None]


def judge_scenarios(stage: str, evidence: ScenarioEvidence, environment: Environment,
                    blame: Blame) -> Iterator[Reason]:
    """Reasons of one behave run; `blame` names who broke whom in a failed scenario, where that is known."""
    if not evidence.finished:
        yield Reason(stage, "record-not-closed", Severity.INCONCLUSIVE,
                     "the runner ended before it closed its record; what it did not write is not known")
    for fault in evidence.faults:
        yield Reason(stage, "runner-fault", Severity.INCONCLUSIVE, fault)
    if not evidence.scenarios:
        yield Reason(stage, "nothing-selected", Severity.INCONCLUSIVE, "no scenario was selected")
    if evidence.left_out:
        yield Reason(stage, "scenario-left-out", Severity.INCONCLUSIVE, _left_out(evidence.left_out))
    unexecuted = [scenario for scenario in evidence.scenarios if not scenario.attempts]
    if unexecuted:
        yield Reason(stage, "scenario-not-executed", Severity.INCONCLUSIVE, _never_executed(unexecuted))
    for scenario in evidence.scenarios:
        if scenario.attempts:
            yield from _judge_scenario(stage, scenario, environment, blame)


def judge_mandatory_journeys(evidence: ScenarioEvidence, environment: Environment) -> Iterator[Reason]:
    """The journeys that the environment names must each have been planned; whether they passed is told above."""
    planned = {scenario.name for scenario in evidence.scenarios}
    for name in environment.mandatory_journeys:
        if name not in planned:
            yield Reason("behaviour", "mandatory-journey-missing", Severity.INCONCLUSIVE,
                         f"'{name}' is mandatory here, and no scenario of that name was run")


def left_to_tags(stage: str, run: RunEvidence) -> bool:
    """Whether `--tags` chose scenarios of another stage and none of this one: it is no part of what was asked for."""
    mine = run.scenarios_of(stage)
    if not run.tags or mine is None or mine.scenarios or mine.faults or mine.left_out:
        return False
    return any(found and found.scenarios for found in map(run.scenarios_of, run.stages))


def figures_of(evidence: ScenarioEvidence, duration_s: float) -> StageFigures:
    executed = [scenario for scenario in evidence.scenarios if scenario.executed]
    passed = sum(scenario.passed for scenario in executed)
    return StageFigures(planned=len(evidence.scenarios), executed=len(executed), passed=passed,
                        failed=len(executed) - passed, flaky=sum(scenario.flaky for scenario in executed),
                        duration_s=duration_s)


def _never_executed(scenarios: Sequence[Scenario]) -> str:
    """One sentence for all of them: where a run was ended early they have one cause."""
    titles = [_title(scenario) for scenario in sorted(scenarios, key=lambda each: MUST_TAG not in each.tags)]
    if len(titles) == 1:
        return f"{titles[0]} was planned and never executed"
    more = f" and {len(titles) - _SHOWN} more" if len(titles) > _SHOWN else ""
    return f"{'; '.join(titles[:_SHOWN])}{more} were planned and never executed ({len(titles)} in all)"


def _title(scenario: Scenario) -> str:
    title = f"{scenario.name} ({scenario.location})"
    return MANDATORY + title if MUST_TAG in scenario.tags else title


def _left_out(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return (f"in the features, and not planned: {'; '.join(names[:_SHOWN])}{more}; look at the filters in behave's "
            "settings (tags, name, exclude_re), and at outlines without rows")


def _judge_scenario(stage: str, scenario: Scenario, environment: Environment, blame: Blame) -> Iterator[Reason]:
    title = _title(scenario)
    last = scenario.attempts[-1]
    if scenario.flaky:
        severity = _BY_POLICY.get(environment.retries.flaky)
        if severity:
            first = scenario.attempts[0]
            yield Reason(stage, "scenario-flaky", severity,
                         f"{title} passed only at try {len(scenario.attempts)}; at first: {first.message}",
                         evidence=first.attachments)
    elif last.status is not Status.PASSED:
        rule, severity = _BY_STATUS[last.status]
        said = ": ".join(part for part in (last.step, last.message) if part)
        suspect = blame(scenario) if last.status is Status.FAILED else None
        yield Reason(stage, rule, severity, f"{title}: {said}" if said else title, evidence=last.attachments,
                     component=suspect.component if suspect else None, peer=suspect.peer if suspect else None)
