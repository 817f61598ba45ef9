"""Calls plug-ins with a time limit. A failing plug-in is a finding of the run and never ends it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Self, TypeVar

from gonogo.core.bounded import CallFailed, CallTimedOut, call_bounded
from gonogo.core.entry_points import Registered
from gonogo.model.rules.gate import PluginFailed

Result = TypeVar("Result")
_MAX_DETAIL = 400


@dataclass(slots=True)
class Guard:
    """`faults` are the failures so far. A plug-in that failed is not called again.

    gonogo's own extensions are called directly: their errors are errors of gonogo.
    """

    timeout_s: float
    faults: list[PluginFailed] = field(default_factory=list)
    _failed: set[Registered] = field(default_factory=set)

    @classmethod
    def after(cls, faults: Iterable[PluginFailed], plugins: Iterable[Registered], timeout_s: float) -> Self:
        """Return a guard after these faults of an earlier process; `plugins` are all that it may call."""
        known = list(faults)
        failed = {fault.plugin for fault in known}
        return cls(timeout_s, known, {plugin for plugin in plugins if str(plugin) in failed})

    def call(self, plugin: Registered, what: str, call: Callable[[], Result], kind: type | tuple[type, ...]
             ) -> Result | None:
        """Return what `call` returns, of type `kind`; None if the plug-in failed."""
        if plugin.is_own:
            return call()
        if plugin in self._failed:
            return None
        try:
            result = call_bounded(call, self.timeout_s)
        except CallTimedOut:
            self._fail(plugin, what, "hung", f"after {self.timeout_s:g} s")
        except CallFailed as error:
            self._fail(plugin, what, "raised", str(error))
        else:
            if isinstance(result, kind):
                return result
            cause = "returned-nothing" if result is None else "returned-other"
            self._fail(plugin, what, cause, "" if result is None else type(result).__name__)
        return None

    @contextmanager
    def within(self, plugin: Registered, what: str, block: AbstractContextManager[object]) -> Iterator[None]:
        """Enter and leave the context manager of a plug-in by guarded calls."""
        if plugin.is_own:
            with block:
                yield
            return
        self.call(plugin, what, lambda: (block.__enter__(), True)[1], bool)
        try:
            yield
        finally:
            self.call(plugin, what, lambda: (block.__exit__(None, None, None), True)[1], bool)

    def has_failed(self, plugin: Registered) -> bool:
        return plugin in self._failed

    def _fail(self, plugin: Registered, what: str, cause: str, detail: str = "") -> None:
        self._failed.add(plugin)
        self.faults.append(PluginFailed(str(plugin), plugin.distribution, what, cause, detail[:_MAX_DETAIL]))
