"""Finds the scenarios that run under load: those of the behaviour stage with the tag."""

from __future__ import annotations

from pathlib import Path

from gonogo.config.features import declared_scenarios, feature_paths
from gonogo.model.identity import ScenarioId
from gonogo.stages.behaviour.stage import BehaviourStage

UNDER_LOAD_TAG = "under-load"


def journeys_in(root: Path) -> dict[ScenarioId, int]:
    """Return the scenarios to run under load, each with its line."""
    declared = declared_scenarios(root, feature_paths(root, BehaviourStage.name), tag=UNDER_LOAD_TAG)
    return {each.id: each.line for each in declared}
