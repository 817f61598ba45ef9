"""The baseline of a run: the last promoted run of its environment, or before the first promotion its last GO."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gonogo.model.load import LoadBaseline


@dataclass(frozen=True, slots=True)
class Baseline:
    """`promoted` is False for a GO that is not promoted yet. `images` are component → digest of the running image.

    `traffic` is the document of its exchanges by `traffic.analysis`, None without exchanges; `load` are the
    figures of its load profiles, by name; `scenarios` are stage → the keys of those that ran, None if not recorded;
    `documents` are what further kinds of evidence keep, by kind, which read them.
    """

    run: str
    promoted: bool = False
    images: Mapping[str, str] = field(default_factory=dict)
    traffic: Mapping[str, object] | None = None
    load: Mapping[str, LoadBaseline] = field(default_factory=dict)
    scenarios: Mapping[str, Sequence[str]] | None = None
    documents: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
