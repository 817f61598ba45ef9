"""The run that a run is compared with: the one promoted last in its environment; before the first, its last GO."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gonogo.model.load import LoadBaseline


@dataclass(frozen=True, slots=True)
class Baseline:
    """`promoted` is False where it is a GO that nobody promoted yet. `images` are component → digest, of what ran.

    `traffic` is the document that `traffic.analysis` made of its exchanges, None where it kept none; `load` are the
    figures of its load profiles, by name.
    """

    run: str
    promoted: bool = False
    images: Mapping[str, str] = field(default_factory=dict)
    traffic: Mapping[str, object] | None = None
    load: Mapping[str, LoadBaseline] = field(default_factory=dict)
