"""The totals of a catalogue, and the table of what each kind of evidence adds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from breaks.trial import Outcome

NOTHING = "nothing"  # is left out


def totals(outcomes: Sequence[Outcome]) -> str:
    broken, healthy = _broken_and_healthy(outcomes)
    parts = [f"{sum(outcome.caught for outcome in broken)} of {len(broken)} breaks caught",
             f"{_named(broken)} named right"]
    if healthy:
        parts.append(f"{sum(outcome.caught for outcome in healthy)} of {len(healthy)} healthy changes let through")
    if damaged := len(outcomes) - len(broken) - len(healthy):
        parts.append(f"{damaged} not judged")
    return ", ".join(parts)


def table(rounds: Mapping[tuple[str, ...], Sequence[Outcome]]) -> str:
    """A row for each set of evidence that was left out, as Markdown."""
    lines = ["| left out | caught | named | healthy let through |", "|---|---|---|---|"]
    for leave_out, outcomes in rounds.items():
        broken, healthy = _broken_and_healthy(outcomes)
        lines.append(f"| {', '.join(leave_out) or NOTHING} | {sum(each.caught for each in broken)} of {len(broken)} "
                     f"| {_named(broken)} of {len(broken)} "
                     f"| {sum(each.caught for each in healthy)} of {len(healthy)} |")
    return "\n".join(lines)


def _broken_and_healthy(outcomes: Sequence[Outcome]) -> tuple[list[Outcome], list[Outcome]]:
    judged = [outcome for outcome in outcomes if outcome.is_judged]
    return ([outcome for outcome in judged if outcome.expected != "GO"],
            [outcome for outcome in judged if outcome.expected == "GO"])


def _named(broken: Sequence[Outcome]) -> int:
    return sum(outcome.named and outcome.caught for outcome in broken)
