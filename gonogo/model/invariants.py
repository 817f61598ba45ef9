"""What must hold in every system, whatever it is for, and did not hold somewhere in the run, as plain data.

`gonogo.invariants` observes, `verdict.rules.invariants` judges.
"""

from __future__ import annotations

from dataclasses import dataclass

from gonogo.model.rules.invariants import Observed


@dataclass(frozen=True, slots=True)
class ConsoleMessage:
    """A message of a person's browser: `kind` is that of the console ("error", "log"), or "pageerror" for an uncaught
    error, whose `text` is its stack. `at` is an address.
    """

    person: str
    kind: str
    text: str
    at: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """`rule` does not hold in the scenario with this key, "" where it is of none.

    `key` is the same in every run, and has no value of a run in it: what is in the baseline is told by it. `component`
    is where it was seen. `certain` is False for what can also be meant, as far as is known without a baseline;
    `by_comparison` is one only where the baseline has the same steps and not the fault; one that is
    `meant_if_known` is none if the baseline has it, and one that is `told` to whom it concerns is none now: the
    baseline only knows it.
    `pair` is who broke whom, where the fault itself tells; faults of one `group`
    are one finding, though each is known by its own key.
    """

    rule: str
    key: tuple[str, ...]
    parameters: Observed
    scenario: str = ""
    component: str = ""
    known: bool = False
    certain: bool = True
    by_comparison: bool = False
    meant_if_known: bool = False
    told: bool = False
    pair: tuple[str, str] | None = None
    group: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InvariantEvidence:
    """`faults` are of all rules, each where it was seen first; `compared`: the baseline has a document of them."""

    faults: tuple[Fault, ...] = ()
    compared: bool = False


