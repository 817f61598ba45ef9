"""behave's formatters and reporters, of which one that raises an error neither ends the run nor stays unnoticed."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any


class Guarded:
    """A formatter or reporter. After its first error it receives no more calls; `on_error` is told once."""

    def __init__(self, guarded: Any, on_error: Callable[[str], None]) -> None:  # noqa: ANN401  behave has no base class
        self._guarded = guarded
        self._on_error = on_error
        self._broken = False

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  as above
        member = getattr(self._guarded, name)
        return functools.partial(self._call, member) if callable(member) else member

    def _call(self, method: Callable[..., object], *arguments: object) -> object:
        if self._broken:
            return None
        try:
            return method(*arguments)
        except (Exception, SystemExit) as error:  # noqa: BLE001  foreign code
            self._broken = True
            kind = type(self._guarded)
            self._on_error(f"the output of {kind.__module__}.{kind.__qualname__} is incomplete: "
                           f"{type(error).__name__}: {error}")
            return None
