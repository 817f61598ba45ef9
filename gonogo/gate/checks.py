"""Checks the configuration and the files of each stage before anything starts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial

from gonogo.config import LocatedEnvironment, RunPlan
from gonogo.core.bounded import CallFailed, CallTimedOut, call_bounded
from gonogo.core.entry_points import Registered
from gonogo.core.errors import GonogoError, Mistakes, PluginError
from gonogo.core.runtime import Runtime
from gonogo.gate.extensions import Extension
from gonogo.stages.stage import Setup, Stage


def check_stages(located: LocatedEnvironment, requested: Collection[str], stages: Mapping[str, Extension[type[Stage]]],
                 runtime: Runtime, tags: tuple[str, ...] = ()) -> None:
    """Let each stage check the environment, then each requested stage its files. Raises GonogoError.

    Mistakes in the files of all stages are raised together, those in the environment alone: files are checked with it.
    A plug-in's stage checks only if it is requested. `tags` select scenarios.
    """
    plan = RunPlan(located.name, located.environment, other_urls=located.other_urls)
    setups = {name: Setup(runtime.root, plan, runtime.environ, name in requested, located.where, tags)
              for name in stages}
    for name, stage in stages.items():
        if stage.registered.is_own or name in requested:
            _check(stage, setups[name], lambda instance, setup: instance.check(setup))
    mistakes = Mistakes()
    for name, stage in stages.items():
        if name in requested:
            mistakes.collect(partial(_check, stage, setups[name], lambda instance, setup: instance.check_files(setup)))
    mistakes.raise_any()


def _check(stage: Extension[type[Stage]], setup: Setup, call: Callable[[Stage, Setup], None]) -> None:
    if stage.registered.is_own:
        call(stage.target(), setup)
        return
    try:
        call_bounded(lambda: call(stage.target(), setup), setup.environment.budgets.plugin_s)
    except CallFailed as error:
        if isinstance(error.__cause__, GonogoError):
            raise error.__cause__ from None
        raise _unusable(stage.registered, str(error)) from error
    except CallTimedOut as error:
        raise _unusable(stage.registered, str(error)) from error


def _unusable(plugin: Registered, why: str) -> PluginError:
    return PluginError(f"The plug-in {plugin} ({plugin.distribution}) failed while checking the environment: {why}",
                       where=f"entry point {plugin.entry_point.value}",
                       fix=f"fix the plug-in, or remove `{plugin.name}` from `stages`.")
