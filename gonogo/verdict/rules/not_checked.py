"""Lists what a run did not check, so that a missing finding is not taken for a passed check."""

from __future__ import annotations

from collections.abc import Iterator

from gonogo.config import Environment
from gonogo.model.not_checked import (
    ErrorsWithoutScenario,
    ExchangesUnchecked,
    ExchangesUnrecorded,
    ImageNotReported,
    NoBaselineOutside,
    NoBaselineTraffic,
    NoContract,
    NoLogs,
    NoRelease,
    NoScenarioTagged,
    NoServices,
    NotChecked,
    NotInEnvironment,
    NotInRelease,
    NoTraces,
    NoVersionPath,
    OutsideNotListed,
    OutsideNotShown,
    OutsideOfFailuresOnly,
    OutsideProblem,
    RulesWithoutBaseline,
    RulesWithoutPages,
    ScenariosNotCompared,
    StageLeftOut,
    StageNotConfigured,
    TrafficProblem,
)
from gonogo.model.run import RunEvidence
from gonogo.verdict.rules.baseline import baseline_not_checked
from gonogo.verdict.rules.invariants import COMPARING, OF_PAGES, POLICIES
from gonogo.verdict.rules.outside import groups_of
from gonogo.verdict.rules.stages import is_excluded_by_tags
from gonogo.verdict.rules.traffic import has_contracts
from gonogo.verdict.rules.undocumented import not_documented


def not_checked(run: RunEvidence, environment: Environment) -> tuple[NotChecked, ...]:
    """Everything that this run could not check."""
    return (*_stages(run, environment), *_versions(run, environment), *baseline_not_checked(run),
            *_wire(run, environment), *_outside(run, environment), *_rules(run, environment))


def _stages(run: RunEvidence, environment: Environment) -> Iterator[NotChecked]:
    yield from (StageLeftOut(stage) for stage in environment.stages if stage not in run.stages)
    yield from (NoScenarioTagged(stage) for stage in run.stages if is_excluded_by_tags(stage, run))
    yield from (StageNotConfigured(stage) for stage in run.installed_stages if stage not in environment.stages)


def _versions(run: RunEvidence, environment: Environment) -> Iterator[NotChecked]:
    if not run.release:
        yield NoRelease()
    if not environment.services:
        yield NoServices()
    before = run.platform.before if run.platform else ()
    silent = {probe.component for probe in before if probe.reports_version and probe.image is None}
    for name, service in environment.services.items():
        if service.version is None:
            yield NoVersionPath(name)
        elif name in silent:
            yield ImageNotReported(name)
        if run.release and name not in run.release:
            yield NotInRelease(name)
    known = {**environment.services, **environment.third_parties}
    yield from (NotInEnvironment(component) for component in run.release if component not in known)


def _outside(run: RunEvidence, environment: Environment) -> Iterator[NotChecked]:
    outside = run.outside
    if outside is None:
        return
    if environment.evidence.exchanges != "always":
        yield OutsideOfFailuresOnly()
    if outside.places and run.baseline is not None and not outside.had_baseline:
        yield NoBaselineOutside()
    if outside.not_compared:
        yield ScenariosNotCompared(len(outside.not_compared), outside.not_compared[0])
    if outside.not_shown:
        yield OutsideNotShown(outside.not_shown)
    if more := groups_of(outside, environment)[1]:
        yield OutsideNotListed(more)
    yield from map(OutsideProblem, outside.problems)


def _wire(run: RunEvidence, environment: Environment) -> Iterator[NotChecked]:
    """Checks of exchanges that were not made; none without traffic evidence."""
    wire = run.wire
    if wire is None:
        return
    if wire.without_contract:
        yield NoContract(wire.without_contract)
    if undocumented := not_documented(wire):
        yield undocumented
    if environment.wire.contract == "warn":
        if wire.unchecked:
            yield ExchangesUnchecked(sum(each.count for each in wire.unchecked), wire.unchecked[0])
        yield from (ExchangesUnrecorded(each) for each in wire.unrecorded if has_contracts(environment))
    if run.baseline is not None and not wire.compared:
        yield NoBaselineTraffic()
    if environment.traces is None or not wire.traced:
        yield NoTraces(environment.traces is not None, wire.foreign_spans)
    if not run.errors.records:
        yield NoLogs(bool(environment.logs or (environment.traces and environment.traces.otlp)))
    if run.errors.elsewhere:
        yield ErrorsWithoutScenario(run.errors.elsewhere)
    yield from map(TrafficProblem, wire.problems)


def _rules(run: RunEvidence, environment: Environment) -> Iterator[NotChecked]:
    """What the rules for every system could not see; none without exchanges."""
    if run.invariants is None:
        return
    applied = [rule for rule, key in POLICIES.items() if getattr(environment.rules, key) != "ignore"]
    if run.outside is None and (blind := tuple(rule for rule in applied if rule in OF_PAGES)):
        yield RulesWithoutPages(blind)
    if run.baseline is not None and not run.invariants.compared and (
            comparing := tuple(rule for rule in applied if rule in COMPARING)):
        yield RulesWithoutBaseline(comparing)
