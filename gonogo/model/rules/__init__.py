"""Every rule of the verdict by name, with the parameters of its findings. `gonogo.verdict` implements the rules."""

from __future__ import annotations

from collections.abc import Mapping

from gonogo.model.findings import Parameters
from gonogo.model.rules import (
    exceptions,
    gate,
    invariants,
    load,
    outside,
    pages,
    platform,
    probe,
    scenarios,
    secrets,
    traffic,
)

RULES: Mapping[str, type[Parameters]] = {**gate.RULES, **platform.RULES, **scenarios.RULES, **traffic.RULES,
                                         **load.RULES, **exceptions.RULES, **pages.RULES, **outside.RULES,
                                         **probe.RULES, **invariants.RULES, **secrets.RULES}
