"""Every mistake in what a run is made of that can be found before anything is started."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from gonogo.config import LocatedEnvironment
from gonogo.core.bounded import CallFailed, CallTimedOut, call_bounded
from gonogo.core.entry_points import Registered
from gonogo.core.errors import GonogoError, PluginError
from gonogo.core.runtime import Outside
from gonogo.gate.extensions import Extension
from gonogo.stages.stage import Setup, Stage


def check_stages(located: LocatedEnvironment, requested: Collection[str], stages: Mapping[str, Extension[type[Stage]]],
                 outside: Outside) -> None:
    """Have each installed stage check the environment, also one that is not requested. Raises GonogoError."""
    for name, stage in stages.items():
        setup = Setup(outside.root, located.name, located.environment, outside.environ, name in requested,
                      located.where)
        if stage.registered.is_own:
            stage.target().check(setup)
        elif name in requested:
            _check_plugin(stage, setup)


def _check_plugin(stage: Extension[type[Stage]], setup: Setup) -> None:
    try:
        call_bounded(lambda: stage.target().check(setup), setup.environment.budgets.plugin_s)
    except CallFailed as error:
        if isinstance(error.__cause__, GonogoError):
            raise error.__cause__ from None
        raise _unusable(stage.registered, str(error)) from error
    except CallTimedOut as error:
        raise _unusable(stage.registered, str(error)) from error


def _unusable(plugin: Registered, why: str) -> PluginError:
    return PluginError(f"The plug-in {plugin} ({plugin.distribution}) failed while it checked the environment: {why}",
                       where=f"entry point {plugin.entry_point.value}",
                       mend=f"repair it, or take `{plugin.name}` out of `stages`.")
