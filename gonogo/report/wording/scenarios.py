"""Messages on scenarios, and on the behave runs that executed them."""

from __future__ import annotations

from collections.abc import Sequence

from gonogo.model.findings import Finding
from gonogo.model.identity import ScenarioId
from gonogo.model.rules.scenarios import (
    JourneyMissing,
    NothingToRun,
    OfScenario,
    ScenarioEnded,
    ScenarioFlaky,
    ScenarioNotRun,
    ScenariosGone,
    StepsChanged,
)
from gonogo.report.wording.findings import BY_RULE, words
from gonogo.report.wording.text import counted

_MAX_TITLES = 3

BY_RULE |= {
    "no-evidence": "no evidence was recorded",
    "record-not-closed": "the runner ended before it closed its record, so results may be missing",
    "record-altered": "another process changed the record of the scenarios, so it does not show what ran",
    "nothing-selected": "no scenario was selected",
}


def title_of_scenario(name: str, scenario: object, line: int) -> str:
    """`Ana pays (features/paying.feature:8)`."""
    uri = scenario.uri if isinstance(scenario, ScenarioId) else ""
    return f"{name} ({uri}:{line})" if uri else name


def reason_of(step: str, message: str) -> str:
    """`: she pays: the payment was refused`; "" where neither is known."""
    known = ": ".join(part for part in (step, message) if part)
    return f": {known}" if known else ""


def _title(parameters: OfScenario, finding: Finding) -> str:
    return ("mandatory: " if parameters.mandatory else "") + title_of_scenario(parameters.name, finding.subject,
                                                                               parameters.line)


@words(ScenarioEnded)
def _ended(parameters: ScenarioEnded, finding: Finding) -> str:
    refused = "the environment does not permit " if finding.rule == "request-refused" else ""
    return _title(parameters, finding) + reason_of(parameters.step, refused + parameters.message)


@words(ScenarioNotRun)
def _not_run(parameters: ScenarioNotRun, finding: Finding) -> str:
    if finding.rule == "scenario-left-out":
        return (f"{_title(parameters, finding)} is in the features but was not planned: check behave's tags, name and "
                "exclude_re, and outlines without rows")
    return f"{_title(parameters, finding)} was planned but not executed"


def scenarios_not_run(findings: Sequence[Finding]) -> str:
    """`58 scenarios were planned but not executed, 7 of them mandatory: Ana pays (features/paying.feature:8), …`."""
    parameters = [each.parameters for each in findings if isinstance(each.parameters, ScenarioNotRun)]
    mandatory = sum(each.mandatory for each in parameters)
    why = "are in the features but were not planned" if findings[0].rule == "scenario-left-out" else (
        "were planned but not executed")
    titles = [title_of_scenario(each.parameters.name, each.subject, each.parameters.line)
              for each in findings[:_MAX_TITLES] if isinstance(each.parameters, ScenarioNotRun)]
    must = f", {mandatory} of them mandatory" if mandatory else ""
    return f"{counted(len(findings), 'scenario')} {why}{must}: {', '.join(titles)}, …"


@words(ScenarioFlaky)
def _flaky(parameters: ScenarioFlaky, finding: Finding) -> str:
    return f"{_title(parameters, finding)} passed at attempt {parameters.tries}; attempt 1 failed: {parameters.message}"


@words(StepsChanged)
def _steps_changed(parameters: StepsChanged, _: Finding) -> str:
    counts = {"added": parameters.added, "left out": parameters.left_out, "reworded": parameters.reworded}
    changed = ", ".join(f"{counted(count, 'step')} {what}" for what, count in counts.items() if count)
    return f"hooks changed {counted(parameters.scenarios, 'scenario')} ({parameters.first}): {changed}"


_NOTHING_TO_RUN = {
    "suffix": "not read, as the suffix is not .feature",
    "no-scenarios": "without a scenario",
    "no-rows": "examples without rows",
}


@words(NothingToRun)
def _nothing_to_run(parameters: NothingToRun, _: Finding) -> str:
    return f"{_NOTHING_TO_RUN[parameters.cause]}: {_listed(parameters.first, parameters.count)}"


@words(ScenariosGone)
def _gone(parameters: ScenariosGone, _: Finding) -> str:
    new = f", {parameters.new} new" if parameters.new else ""
    return (f"{counted(parameters.now, 'scenario')}, {parameters.before} in the baseline (run {parameters.baseline}); "
            f"{parameters.gone} gone{new}: {_listed(parameters.first, parameters.gone)}")


def _listed(first: Sequence[str], count: int) -> str:
    return ", ".join(first) + (", …" if count > len(first) else "")


@words(JourneyMissing)
def _missing(parameters: JourneyMissing, _: Finding) -> str:
    return f"mandatory journey '{parameters.name}' was not planned: no scenario has this name"
