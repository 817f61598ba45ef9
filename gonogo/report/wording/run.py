"""Messages on the run, its stages and the environment."""

from __future__ import annotations

from gonogo.model.findings import Finding
from gonogo.model.rules.gate import (
    BaselineMissing,
    ErrorReported,
    InputsChanged,
    NotAllExecuted,
    PluginFailed,
    ProcessFailed,
    StageSkipped,
)
from gonogo.model.rules.platform import Health, Redeployed, SeveralVersions, VersionNotReported, WrongVersion
from gonogo.report.wording.findings import BY_RULE, subject_words, words
from gonogo.report.wording.text import short

BY_RULE |= {
    "interrupted": "the gate was stopped before it finished",
    "nothing-executed": "nothing was executed",
    "no-stage": "no stage was requested",
    "nothing-tested": "only the URL was checked: environments.yml lists no service and features/platform has no "
                      "scenario",
    "stage-not-run": "the environment requires this stage, but it was not run",
    "environment-not-probed": "the environment was not probed before the run",
    "environment-not-probed-after": "the environment was not probed after the run",
    "release-not-compared": "no component of the release was compared with what runs in the environment",
    "component-lost": "{subject} answered before the run but not after it",
}


@words(StageSkipped)
def _skipped(parameters: StageSkipped, _: Finding) -> str:
    if parameters.cause == "unfit":
        return f"skipped: the environment is not usable ({parameters.rule})"
    return "skipped: earlier findings already block the release (--keep-going runs this stage anyway)"


@words(NotAllExecuted)
def _not_all(parameters: NotAllExecuted, _: Finding) -> str:
    return f"executed {parameters.executed} of {parameters.planned} planned"


@words(PluginFailed)
def _plugin(parameters: PluginFailed, _: Finding) -> str:
    what = {"raised": "raised an error", "hung": "did not return", "returned-nothing": "returned nothing",
            "returned-other": "returned the wrong type"}.get(parameters.cause, parameters.cause)
    detail = f": {parameters.detail}" if parameters.detail else ""
    return f"plug-in {parameters.plugin} ({parameters.distribution}) {what} in {parameters.call}{detail}"


@words(BaselineMissing)
def _no_baseline(parameters: BaselineMissing, _: Finding) -> str:
    why = {"none": "the history has none: no run of this environment was promoted or ended in GO",
           "unusable": f"the history cannot be used: {parameters.detail}",
           "damaged": f"the history is damaged: {parameters.detail}"}
    return f"this environment requires a baseline, but {why.get(parameters.cause, parameters.cause)}"


@words(InputsChanged)
def _inputs(parameters: InputsChanged, _: Finding) -> str:
    more = parameters.count - len(parameters.changes)
    return (f"{', '.join(parameters.changes)}{f' and {more} more' if more else ''} during the run: its stages may have "
            "read different versions")


@words(ErrorReported)
def _error(parameters: ErrorReported, _: Finding) -> str:
    return parameters.error


@words(ProcessFailed)
def _process(parameters: ProcessFailed, finding: Finding) -> str:
    detail = f": {parameters.detail}" if parameters.detail else ""
    if finding.rule == "stage-timed-out":
        return f"the stage process timed out after {parameters.budget_s or 0:g} s{detail}"
    if finding.rule == "stage-not-started":
        return f"the stage process could not be started{detail}"
    return f"the stage process ended with exit code {parameters.exit_code}, which no evidence explains{detail}"


@words(Health)
def _health(parameters: Health, finding: Finding) -> str:
    component = subject_words(finding.subject)
    status = "no answer" if parameters.status is None else str(parameters.status)
    gateway = " (test gateway)" if parameters.third_party else ""
    when = " after the run" if parameters.after_run else ""
    detail = f": {parameters.detail}" if parameters.detail else ""
    redirect = ("; a redirect is not accepted: set `health` to a path that answers 200"
                if finding.rule == "health-redirected" else "")
    return f"{component}{gateway}: {status} at {parameters.url}{when}{detail}{redirect}"


@words(VersionNotReported)
def _not_reported(parameters: VersionNotReported, finding: Finding) -> str:
    return f"{subject_words(finding.subject)} does not report the digest of its {parameters.what}"


@words(WrongVersion)
def _wrong_version(parameters: WrongVersion, finding: Finding) -> str:
    return (f"{subject_words(finding.subject)} runs {parameters.what} {short(parameters.running)}; "
            f"the release has {short(parameters.released)}")


@words(Redeployed)
def _redeployed(parameters: Redeployed, finding: Finding) -> str:
    changes = [f"{what} {short(after)}; was {short(before)}" for what, before, after in (
        ("image", parameters.image_before, parameters.image_after),
        ("settings", parameters.settings_before, parameters.settings_after)) if before != after]
    return f"{subject_words(finding.subject)} was deployed during the run: {', '.join(changes)}"


@words(SeveralVersions)
def _several_versions(parameters: SeveralVersions, finding: Finding) -> str:
    different = [f"{what} {', '.join(map(short, digests))}" for what, digests in (
        ("images", parameters.images), ("settings", parameters.settings)) if digests]
    return (f"{subject_words(finding.subject)} reported different {' and '.join(different)} during the run: replicas "
            "that differ, or a deployment that was undone")
