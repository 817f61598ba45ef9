"""The error classes of gonogo: mistakes in its input, and problems of its environment.

    GonogoError                 where + fix; ends the command with `exit_code`
    ├── UsageError              an argument of the command line is invalid (exit 2)
    ├── ConfigError             environments.yml, release.yml, a profile or a suite is invalid (exit 2)
    │   └── ConfigErrors        several of them
    ├── RefusedError            the environment does not permit the request; nothing was sent (exit 2)
    ├── EvidenceError           a run folder cannot be written or read (exit 3)
    ├── HistoryError            the history cannot be used; `gonogo run` warns and runs without it (exit 3)
    ├── BrowserError            no browser is installed, or it does not start (exit 3)
    ├── PluginError             a plug-in cannot be used (exit 3)
    ├── ProvisionError          the environment does not answer and cannot be started (exit 3)
    ├── EnvironmentInUse        another gate uses the environment (exit 3)
    └── LeaseError              the lease of an environment cannot be read or written (exit 3)

A failing scenario or objective is data (see `gonogo.verdict`), never an exception.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from gonogo.core.exit_codes import ExitCode
from gonogo.core.text import printable, printable_lines

_MAX_SHOWN = 20  # errors
_CONTINUED = "\n    "  # a text of others cannot look like a further line
_T = TypeVar("_T")


class GonogoError(Exception):
    """An error with where it is and how to fix it.

    `where` is a place that a person can open ("environments.yml:41: preprod → load → book"), or empty;
    `fix` is one sentence in the imperative.
    """

    exit_code = ExitCode.USAGE

    def __init__(self, what: str, *, where: str = "", fix: str) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.fix = fix

    def __str__(self) -> str:
        lines = [printable_lines(self.what).replace("\n", _CONTINUED)]
        if self.where:
            lines.append(f"  at {printable(self.where)}")
        lines.append(f"  fix: {printable(self.fix)}")
        return "\n".join(lines)


class UsageError(GonogoError):
    """An argument of the command line is invalid."""


class ConfigError(GonogoError):
    """A file that the user wrote is invalid."""


class ConfigErrors(ConfigError):
    """Several mistakes in the user's files. `what`, `where` and `fix` are those of the first; `str()` gives all."""

    def __init__(self, errors: Sequence[GonogoError]) -> None:
        first = errors[0]
        super().__init__(first.what, where=first.where, fix=first.fix)
        self.errors = tuple(errors)

    def __str__(self) -> str:
        shown = [str(error) for error in self.errors[:_MAX_SHOWN]]
        more = len(self.errors) - len(shown)
        return "\n".join([*shown, *([f"… and {more} more mistakes"] if more else [])])


class Mistakes:
    """Collects the mistakes in several files, so that those in one do not hide those in another."""

    def __init__(self) -> None:
        self._errors: list[GonogoError] = []

    def collect(self, check: Callable[[], _T]) -> _T | None:
        """Return the result of `check`, or None if it raised a ConfigError; other errors are raised."""
        try:
            return check()
        except ConfigErrors as error:
            self._errors += error.errors
        except ConfigError as error:
            self._errors.append(error)
        return None

    def raise_any(self) -> None:
        """Raise ConfigError if there are mistakes; equal ones, as of one file in several environments, once."""
        errors = list({str(error): error for error in self._errors}.values())
        if len(errors) == 1:
            raise errors[0]
        if errors:
            raise ConfigErrors(errors)


class RefusedError(GonogoError):
    """The environment does not permit the request; nothing was sent."""


class EvidenceError(GonogoError):
    """A run folder cannot be written or read."""

    exit_code = ExitCode.INCONCLUSIVE


class HistoryError(GonogoError):
    """The history of earlier runs cannot be opened, read or written."""

    exit_code = ExitCode.INCONCLUSIVE


class BrowserError(GonogoError):
    """No browser is installed, or it does not start: the system was not tested."""

    exit_code = ExitCode.INCONCLUSIVE


class PluginError(GonogoError):
    """A plug-in cannot be imported, or failed before the run started."""

    exit_code = ExitCode.INCONCLUSIVE


class ProvisionError(GonogoError):
    """The environment does not answer and cannot be started."""

    exit_code = ExitCode.INCONCLUSIVE


class EnvironmentInUse(GonogoError):
    """Another gate of this user on this machine uses the environment."""

    exit_code = ExitCode.INCONCLUSIVE


class LeaseError(GonogoError):
    """The lease of an environment cannot be read or written, or what a killed gate left cannot be ended."""

    exit_code = ExitCode.INCONCLUSIVE
