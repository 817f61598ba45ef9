"""The evidence folder of one attempt at a scenario: the worker writes into it, the runner lists its files."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from gonogo.model.identity import ScenarioId

_MAX_LENGTH = 80


def scenario_folder(evidence: Path, scenario: ScenarioId, feature: str, attempt: int, *, of_round: int = 1) -> Path:
    """`evidence`/<feature>-<scenario>-<digest of its id>[-round<n>][-try<n>], in ASCII."""
    again = (f"-round{of_round}" if of_round > 1 else "") + (f"-try{attempt}" if attempt > 1 else "")
    return evidence / f"{_slug(f'{feature} {scenario.name}')}-{scenario.digest}{again}"


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:_MAX_LENGTH].strip("-") or "scenario"
