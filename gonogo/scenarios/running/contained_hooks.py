"""A suite's hooks, with what behave makes of them: an exit or a changed plan is the error of its scenario."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

Hook = Callable[..., Any]
Hooks = dict[str, Hook]

# hooks that run before the scenarios below them
_BEFORE_SCENARIOS = ("before_feature", "before_rule", "before_tag", "before_scenario")


class HookExit(Exception):
    """A hook raised SystemExit, KeyboardInterrupt or the like, for which behave would end the whole run."""


class ScenariosChanged(Exception):
    """A hook changed which scenarios there are, after they were planned."""


def contained(hooks: Mapping[str, Hook], *, interrupted: Callable[[], bool], problem: Callable[[], str]) -> Hooks:
    """The hooks, whose exits are errors unless this process is `interrupted`.

    `problem` is what the hooks have made of the planned scenarios, "" if they are as planned.
    """
    def wrap(name: str, hook: Hook) -> Hook:
        @functools.wraps(hook)
        def run(*arguments: object) -> None:
            try:
                hook(*arguments)
            except BaseException as error:
                if isinstance(error, Exception) or interrupted():
                    raise
                raise HookExit(f"the hook raised {error!r}") from error
            if name in _BEFORE_SCENARIOS and (changed := problem()):
                raise ScenariosChanged(changed)

        return run

    return {name: wrap(name, hook) if callable(hook) else hook for name, hook in hooks.items()}
