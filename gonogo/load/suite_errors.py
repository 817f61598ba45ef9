"""The errors of a suite outside of its personas' code, of one process: listeners that raised, answers never judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from gonogo.core.errors import GonogoError
from gonogo.load.caught_answers import CaughtAnswers, watch_answers
from gonogo.load.suite_listeners import ListenerErrors, watch_listeners


class SuiteErrors:
    """Nothing is found before `watch`."""

    def __init__(self) -> None:
        self.listeners = ListenerErrors()
        self.answers = CaughtAnswers()

    def watch(self, refuse: Callable[[GonogoError], object]) -> None:
        """Begin, in this process and its forks; an error of a listener before the run is passed to `refuse`."""
        watch_listeners(self.listeners, refuse)
        watch_answers(self.answers)

    def taken(self, *, at_end: bool) -> Mapping[str, int]:
        """The errors since the last call, unmasked: text → number. Answers count only once no persona runs."""
        return Counter(self.listeners.taken()) + Counter(self.answers.taken() if at_end else {})
