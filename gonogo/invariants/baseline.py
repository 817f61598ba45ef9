"""What a GO keeps of these rules for later runs: which faults it had, by rule and place, and no value of it.

The history stores it as the document `rules`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, ConfigDict

from gonogo.invariants.access_lost import Pages
from gonogo.invariants.access_lost import merged as merged_pages
from gonogo.invariants.accessible import Names, Page
from gonogo.invariants.protection_lost import Answers, Guarded, merged
from gonogo.invariants.protections import Protections
from gonogo.invariants.samples import Known, Measure, Sample
from gonogo.model.invariants import Fault
from gonogo.outside import Seen

KIND = "rules"
MAX_KNOWN = 20_000
MAX_UNSEEN = 5  # GO runs in which a fault was not seen and is still known: not every run has each


@dataclass(frozen=True, slots=True)
class RulesBaseline:
    """`known` has for each rule and key how many GO runs ago it was last seen, 0 for the last. `steps` has a digest of
    each scenario's steps, `guarded` what protected the answers of each endpoint, `figures` those of the
    last runs, `pages` what screen readers find on each page.
    """

    known: Mapping[tuple[str, ...], int] = field(default_factory=dict)
    steps: Mapping[str, str] = field(default_factory=dict)
    guarded: Guarded = field(default_factory=dict)
    figures: Known = field(default_factory=dict)
    pages: Pages = field(default_factory=dict)

    def has(self, fault: Fault) -> bool:
        return (fault.rule, *fault.key) in self.known

    def with_earlier(self, earlier: RulesBaseline | None, *, same_images: bool = False) -> RulesBaseline:
        """This run with what earlier ones had and it did not have."""
        if earlier is None:
            return self
        older = {key: unseen + 1 for key, unseen in earlier.known.items() if unseen < MAX_UNSEEN}
        return RulesBaseline(_bounded({**older, **self.known}), {**earlier.steps, **self.steps},
                             merged(self.guarded, earlier.guarded, same_images=same_images),
                             self.figures, merged_pages(self.pages, earlier.pages, same_images=same_images))

    def as_document(self) -> dict[str, object]:
        return {"version": 1, "known": [[unseen, list(key)] for key, unseen in sorted(self.known.items())],
                "steps": dict(self.steps), "guarded": [
                    [list(answers), {name: list(level) for name, level in each.levels.items()},
                     None if each.policy is None else {name: sorted(sources) for name, sources in each.policy.items()}]
                    for answers, each in self.guarded.items()],
                "figures": [[list(sample), list(values)] for sample, values in self.figures.items()],
                "pages": {name: [{role: list(names) for role, names in page.names.items()}, page.titled,
                                 sorted(page.jumps), sorted(page.headings)] for name, page in self.pages.items()}}

    @classmethod
    def from_document(cls, document: object) -> RulesBaseline | None:
        """The stored baseline; None if it is not valid, or of another version."""
        try:
            read = _Document.model_validate(document)
        except ValueError:
            return None
        return cls({key: unseen for unseen, key in read.known}, read.steps, {
            Answers(*answers): Protections(levels, policy) for answers, levels, policy in read.guarded},
            {Sample(Measure(measure), *rest): values for (measure, *rest), values in read.figures},
            {name: Page({role: Names(*each) for role, each in names.items()}, titled, jumps, headings)
             for name, (names, titled, jumps, headings) in read.pages.items()})


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: Literal[1]
    known: list[tuple[int, tuple[str, ...]]]
    steps: dict[str, str]
    guarded: list[tuple[tuple[str, str, str], dict[str, tuple[int, str]], dict[str, frozenset[str]] | None]] = []
    figures: list[tuple[tuple[str, str, str, str, str, str], tuple[float, ...]]] = []
    pages: dict[str, tuple[dict[str, tuple[int, int, int]], bool, frozenset[tuple[int, int]], frozenset[str]]] = {}


def known_of(faults: Iterable[Fault]) -> dict[tuple[str, ...], int]:
    return _bounded({(fault.rule, *fault.key): 0 for fault in faults})


def steps_of(seen: Seen) -> dict[str, str]:
    """Scenario key → digest of the texts of its steps."""
    return {key: hashlib.sha256("\n".join(step.text for step in record.steps).encode()).hexdigest()[:16]
            for key, record in seen.records.items()}


def _bounded(known: Mapping[tuple[str, ...], int]) -> dict[tuple[str, ...], int]:
    """The ones seen last."""
    return dict(sorted(known.items(), key=lambda each: (each[1], each[0]))[:MAX_KNOWN])
