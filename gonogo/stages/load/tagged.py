"""Which scenarios run under load: those of the behaviour stage that bear the tag."""

from __future__ import annotations

from pathlib import Path

from gonogo.config.features import declared_scenarios, feature_paths
from gonogo.model.identity import ScenarioId
from gonogo.stages.behaviour.stage import BehaviourStage

UNDER_LOAD_TAG = "under-load"


def journeys_in(root: Path) -> dict[ScenarioId, int]:
    """The scenarios that are to run under load, each with its line."""
    standing = declared_scenarios(root, feature_paths(root, BehaviourStage.name), tag=UNDER_LOAD_TAG)
    return {each.id: each.line for each in standing}
