"""Reads from the history what determines the order of scenarios; an error of the history is only a warning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from gonogo.core.errors import HistoryError
from gonogo.core.text import printable
from gonogo.history import VARIABLE, History, KnownScenarios, default_file, with_history
from gonogo.model.not_checked import NotChecked
from gonogo.report.wording import not_checked_words


def known_scenarios(root: Path, environment: str, environ: Mapping[str, str], warn: Callable[[str], None],
                    ) -> KnownScenarios:
    """The scenarios known in `environment`; none before its first run, or if the history cannot be read."""
    if not environ.get(VARIABLE) and not default_file(root).exists():
        return KnownScenarios()

    def read(history: History) -> tuple[KnownScenarios, tuple[NotChecked, ...]]:
        return history.known_scenarios(environment), history.damage

    try:
        known, damage = with_history(root, environ, read)
    except HistoryError as error:
        warn(printable(f"history: {error.what} ({error.where})"))
        return KnownScenarios()
    for warning in damage:
        warn(printable(not_checked_words(warning)))
    return known
