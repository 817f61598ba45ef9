"""Messages on what a run did not check."""

from __future__ import annotations

from gonogo.model.not_checked import (
    BaselineNotPromoted,
    ErrorsWithoutScenario,
    ExchangesUnchecked,
    ExchangesUnrecorded,
    HistoryDamaged,
    HistoryUnusable,
    ImageNotReported,
    LoadNotComparable,
    NoBaseline,
    NoBaselineLoad,
    NoBaselineOutside,
    NoBaselineScenarios,
    NoBaselineTraffic,
    NoContract,
    NoLogs,
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
    OutsideNotListed,
    OutsideNotShown,
    OutsideOfFailuresOnly,
    OutsideProblem,
    PluginNotChecked,
    RulesWithoutBaseline,
    RulesWithoutPages,
    ScenariosNotCompared,
    SmallerRegressions,
    StageLeftOut,
    StageNotConfigured,
    TooFewToCompare,
    TooShortToCompare,
    TrafficProblem,
)
from gonogo.report.wording.pages import pages_not_checked_words
from gonogo.report.wording.probe import probe_not_checked_words
from gonogo.report.wording.text import counted, joined
from gonogo.report.wording.traffic import gap_reason, unrecorded_words

_DEPLOYED = "a deployment during the run would not be detected"


def not_checked_words(item: NotChecked) -> str:  # noqa: C901, PLR0911, PLR0912  one case a kind
    """`contract: no OpenAPI document for flights`: the topic, then what is missing."""
    match item:
        case StageLeftOut(stage):
            return f"{stage}: not requested in this partial run"
        case NoScenarioTagged(stage):
            return f"{stage}: no scenario has the requested tags"
        case StageNotConfigured(stage):
            return f"{stage}: not configured for this environment"
        case PluginNotChecked(stage, words):
            return f"{stage}: {words}"
        case NoStageFeatures(stage):
            return f"{stage}: no features/{stage}; only the gate's own probes ran"
        case NoRelease():
            return "release: no release.yml, so the expected images are unknown"
        case NoServices():
            return f"versions: no services are listed, so {_DEPLOYED}"
        case NoVersionPath(component):
            return f"versions: {component} has no version path"
        case ImageNotReported(component):
            return f"versions: {component} does not report its image, so {_DEPLOYED}"
        case NotInRelease(component):
            return f"release: {component} is not in release.yml"
        case NotInEnvironment(component):
            return (f"release: {component} is in release.yml but not in environments.yml, so its running image is "
                    "unknown")
        case NoMandatoryJourneys():
            return "mandatory journeys: none configured, so a deleted journey would not be detected"
        case NoContract(components):
            return f"contract: no OpenAPI document for {', '.join(components)}"
        case NotDocumented():
            return _not_documented(item)
        case ExchangesUnchecked(count, first):
            example = f"{first.edge.callee} {first.edge.operation} {first.where}".rstrip()
            return (f"contract: not checked: {counted(count, 'place')} in exchanges, e.g. {example}: "
                    f"{gap_reason(first.cause, first.why)}")
        case ExchangesUnrecorded(missing):
            return f"contract: not checked: {unrecorded_words(missing.cause, missing.count, missing.example)}"
        case NoBaseline():
            return "baseline: none in the history, so nothing was compared with an earlier run"
        case BaselineNotPromoted(run):
            return f"baseline: run {run} is the last GO, not promoted (run `gonogo promoted` after a deployment)"
        case HistoryUnusable(error_text):
            return f"history: {error_text}"
        case HistoryDamaged():
            return f"history: {damage_words(item)}"
        case NoBaselineTraffic():
            return "shapes: the baseline has no exchanges to compare with"
        case RulesWithoutPages(rules):
            return f"rules: pages and mails were not recorded, so {joined(rules, 'and')} saw exchanges at most"
        case RulesWithoutBaseline(rules):
            return f"rules: the baseline has nothing that {joined(rules, 'and')} could compare with"
        case NoBaselineScenarios():
            return "scenarios: the baseline does not list its scenarios, so a deleted one would not be detected"
        case NoBaselineOutside():
            return "outside: the baseline has no record of what people see"
        case ScenariosNotCompared(count, example):
            return f"outside: {counted(count, 'scenario')} not compared: steps are new or edited, e.g. {example!r}"
        case OutsideOfFailuresOnly():
            return "outside: only failing scenarios are recorded (`evidence: {exchanges: always}` records all)"
        case OutsideNotShown(count):
            return f"outside: pages and answers of the baseline not seen, or still loading: {count:,}"
        case OutsideNotListed(count):
            return f"outside: {counted(count, 'further kind')} of differences not listed"
        case OutsideProblem(problem):
            return f"outside: {problem}"
        case NoTraces(configured, foreign):
            why = "no traces were received" if configured else "no traces are configured"
            if foreign:
                why = (f"{counted(foreign, 'span')} came, none of a trace that this run began (do components continue "
                       "traceparent?)")
            return f"edges: {why}, so calls between components are unknown"
        case NoLogs(configured):
            why = "none were received" if configured else "none are configured"
            return f"logs: {why}, so errors that components log are unknown"
        case ErrorsWithoutScenario(count):
            return (f"logs: {counted(count, 'error')} in no trace of a scenario: to which one they belong is unknown "
                    "(see logs.ndjson)")
        case TrafficProblem(problem):
            return f"wire: {problem}"
        case NoBaselineLoad(""):
            return "load: the baseline has no load figures to compare with"
        case NoBaselineLoad(profile):
            return f"load: {profile}: the baseline has no figures for it"
        case LoadNotComparable():
            return f"load: {item.profile}: not compared with the baseline (run {item.baseline}): {_why(item)}"
        case TooFewToCompare(profile, baseline, names):
            return (f"load: {profile}: too few requests to compare with the baseline (run {baseline}): "
                    f"{', '.join(names)}")
        case NoProbe(profile):
            return (f"load: {profile}: the probe was not measured in both runs, so a slower machine may look like a "
                    "slower release")
        case TooShortToCompare(profile, names):
            return f"load: {profile}: the run was too short to detect a regression in {', '.join(names)}"
        case SmallerRegressions():
            return _smaller(item)
    return pages_not_checked_words(item) or probe_not_checked_words(item) or type(item).__name__


def damage_words(damage: HistoryDamaged) -> str:
    of = f" of {damage.name}" if damage.name else ""
    return f"{damage.part}{of}{f' of run {damage.run}' if damage.run else ''} cannot be read"


def _not_documented(item: NotDocumented) -> str:
    numbers = ((item.endpoints, "endpoint"), (item.fields, "field"))
    counts = [counted(number, noun) for number, noun in numbers if number]
    return (f"contract: not documented: {' and '.join(counts)}, e.g. {item.example.replace(': ', ' ', 1)} (all are in "
            "report.html)")


def _why(item: LoadNotComparable) -> str:
    return {"aborted": "this run stopped early", "generator": "the generator was the bottleneck",
            "size": "its load size was different",
            "probe": f"the probe took {item.probe_ratio or 0:.2f} times as long, so the machines are not comparable",
            }.get(item.cause, item.cause)


def _smaller(item: SmallerRegressions) -> str:
    to = f" to × {item.most_ratio:.2f} ({item.most_name})" if item.most_name != item.least_name else ""
    return (f"load: {item.profile}: regressions below × {item.least_ratio:.2f} ({item.least_name}){to} would not be "
            f"detected (baseline: run {item.baseline})")
