"""Adds to the evidence what is searched for in all that was recorded: secrets in the open, and components' errors."""

from __future__ import annotations

from dataclasses import replace

from gonogo.model.run import RunEvidence
from gonogo.traffic.analysis import AnalysisContext, Recorded
from gonogo.traffic.analysis.exposures import exposures_in
from gonogo.traffic.analysis.logged_errors import logged_errors


def with_searched(evidence: RunEvidence, recorded: Recorded, context: AnalysisContext) -> RunEvidence:
    """`evidence`, which must have what people saw by now, with what was found in it and in the recorded traffic."""
    outside = evidence.outside
    errors = logged_errors(recorded.logs, recorded.exchanges, recorded.spans)
    return replace(evidence, exposures=exposures_in(recorded, context, outside),
                   unsearched=(*recorded.unsearched, *(outside.problems if outside else ())),
                   errors=replace(errors, records=recorded.log_records))
