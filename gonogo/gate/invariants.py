"""Observes in what the scenarios recorded whether the rules for every system hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gonogo.config import RunPlan
from gonogo.invariants import Watched, observe
from gonogo.invariants.baseline import RulesBaseline
from gonogo.model.calls import Call
from gonogo.model.invariants import ConsoleMessage, InvariantEvidence
from gonogo.outside import Seen
from gonogo.traffic.analysis import AnalysisContext


def invariants_of(seen: Seen, context: AnalysisContext, plan: RunPlan, *,
                  console: Mapping[str, Sequence[ConsoleMessage]], calls: Mapping[str, Sequence[Call]],
                  baseline: RulesBaseline | None, same_images: bool) -> tuple[InvariantEvidence, RulesBaseline]:
    """The faults of the run and its own baseline. `console` and `calls` (call trees) are by scenario."""
    watched = Watched(seen, context.endpoints, context.parties, plan.reach, console, calls, same_images)
    return observe(watched, baseline)
