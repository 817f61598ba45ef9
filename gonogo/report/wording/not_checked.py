"""Words on what a verdict does not speak of."""

from __future__ import annotations

from gonogo.model.not_checked import (
    BaselineNotPromoted,
    HistoryDamaged,
    HistoryUnusable,
    ImageNotReported,
    LoadNotComparable,
    NoBaseline,
    NoBaselineLoad,
    NoBaselineTraffic,
    NoContract,
    NoMandatoryJourneys,
    NoProbe,
    NoRelease,
    NoScenarioTagged,
    NoServices,
    NoStageFeatures,
    NotChecked,
    NotDocumented,
    NotInEnvironment,
    NotInRelease,
    NoTraces,
    NoVersionPath,
    PluginNotChecked,
    SmallerRegressions,
    StageLeftOut,
    StageNotConfigured,
    TooFewToCompare,
    TooShortToCompare,
    TrafficProblem,
)
from gonogo.report.wording.pages import pages_not_checked_words
from gonogo.report.wording.text import counted

_DEPLOYED = "a deployment during the run would not be noticed"


def not_checked_words(item: NotChecked) -> str:  # noqa: C901, PLR0911, PLR0912  one case a kind
    """`contract: no OpenAPI document for flights`: the topic, then what is missing."""
    match item:
        case StageLeftOut(stage):
            return f"{stage}: left out of this part of the gate"
        case NoScenarioTagged(stage):
            return f"{stage}: none of its scenarios has the requested tags"
        case StageNotConfigured(stage):
            return f"{stage}: not configured for this environment"
        case PluginNotChecked(stage, words):
            return f"{stage}: {words}"
        case NoStageFeatures(stage):
            return f"{stage}: no features/{stage}; only the gate's own probes were made"
        case NoRelease():
            return "release: no release.yml, so the images that should run are unknown"
        case NoServices():
            return f"versions: no services are listed, so {_DEPLOYED}"
        case NoVersionPath(component):
            return f"versions: {component} has no version path"
        case ImageNotReported(component):
            return f"versions: {component} does not report its image, so {_DEPLOYED}"
        case NotInRelease(component):
            return f"release: release.yml does not name {component}"
        case NotInEnvironment(component):
            return f"release: {component} is released, and environments.yml does not list it: what runs is unknown"
        case NoMandatoryJourneys():
            return "mandatory journeys: none are named, so a deleted one would not be noticed"
        case NoContract(components):
            return f"contract: no OpenAPI document for {', '.join(components)}"
        case NotDocumented():
            return _not_documented(item)
        case NoBaseline():
            return "baseline: none in the history, so nothing was compared with an earlier run"
        case BaselineNotPromoted(run):
            return f"baseline: run {run} is the last GO; none was promoted yet (`gonogo promoted` after a deployment)"
        case HistoryUnusable(error_text):
            return f"history: {error_text}"
        case HistoryDamaged():
            return f"history: {damage_words(item)}"
        case NoBaselineTraffic():
            return "shapes: the baseline has no exchanges to compare with"
        case NoTraces(configured):
            why = "no traces were received" if configured else "no traces are configured"
            return f"edges: {why}, so calls behind the front door are unknown"
        case TrafficProblem(problem):
            return f"wire: {problem}"
        case NoBaselineLoad(""):
            return "load: the baseline has no load figures to compare with"
        case NoBaselineLoad(profile):
            return f"load: {profile}: the baseline has no figures of it"
        case LoadNotComparable():
            return f"load: {item.profile}: not compared with run {item.baseline}, the baseline: {_why(item)}"
        case TooFewToCompare(profile, baseline, names):
            return f"load: {profile}: too few requests to compare with run {baseline}: {', '.join(names)}"
        case NoProbe(profile):
            return (f"load: {profile}: no probe was measured in both runs, so a slower machine looks like a slower "
                    "release")
        case TooShortToCompare(profile, names):
            return f"load: {profile}: too short a run to notice any regression in {', '.join(names)}"
        case SmallerRegressions():
            return _smaller(item)
    return pages_not_checked_words(item) or type(item).__name__


def damage_words(damage: HistoryDamaged) -> str:
    of = f" of {damage.profile}" if damage.profile else ""
    return f"{damage.part}{of}{f' of run {damage.run}' if damage.run else ''} cannot be read"


def _not_documented(item: NotDocumented) -> str:
    numbers = ((item.endpoints, "endpoint"), (item.fields, "field"))
    counts = [counted(number, noun) for number, noun in numbers if number]
    return (f"contract: not documented: {' and '.join(counts)}, e.g. {item.example.replace(': ', ' ', 1)} (report.html "
            "lists all)")


def _why(item: LoadNotComparable) -> str:
    return {"aborted": "it was ended early", "generator": "the generator was the bottleneck",
            "size": "the baseline was of another size",
            "probe": f"the probe took {item.probe_ratio or 0:.2f} times as long: the machines are not comparable",
            }.get(item.cause, item.cause)


def _smaller(item: SmallerRegressions) -> str:
    to = f" to {item.most_ratio:.2f} ({item.most_name})" if item.most_name != item.least_name else ""
    return (f"load: {item.profile}: against run {item.baseline} no regression below {item.least_ratio:.2f} "
            f"({item.least_name}){to} times would have been noticed")
