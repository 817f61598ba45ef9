"""Loads stages, reports, trace backends, clues and probes from entry points.

gonogo registers its own like any other distribution (pyproject.toml: `[project.entry-points]`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

from gonogo.core.entry_points import CLUES, PROBES, REPORTS, STAGES, TRACE_BACKENDS, Registered, registered
from gonogo.core.errors import PluginError
from gonogo.gate.extensions import Extension, Extensions
from gonogo.stages.stage import Stage

if TYPE_CHECKING:
    from gonogo.environment.probes import ServiceProbe
    from gonogo.report.report import Report
    from gonogo.traffic.spans.backends import TraceBackend
    from gonogo.verdict.blame.clues import ClueSource

Target = TypeVar("Target")


def installed() -> Extensions:
    """Import and return all extensions.

    Raises PluginError if an import fails, ConfigError if two distributions register the same name.
    """
    return Extensions(
        stages=installed_stages(), reports=_all_of(REPORTS, _reports),
        trace_backends=_all_of(TRACE_BACKENDS, _backends), clues=_all_of(CLUES, _clues),
        probes=_all_of(PROBES, _probes))


def installed_stages() -> Mapping[str, Extension[type[Stage]]]:
    return _all_of(STAGES, _stages)


def inspected(group: str) -> list[tuple[Registered, PluginError | None]]:
    """Return each entry point of a group with its error, or None. Raises ConfigError for a duplicate name."""
    return [(each, _problem(each)) for each in registered(group).values()]


def _problem(plugin: Registered) -> PluginError | None:
    try:
        _CHECKS[plugin.group](plugin, plugin.load())
    except PluginError as error:
        return error
    return None


def _all_of(group: str, check: Callable[[Registered, object], Target]) -> dict[str, Extension[Target]]:
    return {name: Extension(each, check(each, each.load())) for name, each in registered(group).items()}


def _stages(plugin: Registered, target: object) -> type[Stage]:
    if isinstance(target, type) and issubclass(target, Stage) and getattr(target, "name", "") == plugin.name:
        return target
    raise _other(plugin, f"a subclass of gonogo.stages.stage.Stage whose `name` is '{plugin.name}'")


def _reports(plugin: Registered, target: object) -> type[Report]:
    from gonogo.report.report import Report  # noqa: PLC0415  only reports need it

    if isinstance(target, type) and issubclass(target, Report) and hasattr(target, "file_name"):
        return target
    raise _other(plugin, "a subclass of gonogo.report.report.Report with a `file_name`")


def _backends(plugin: Registered, target: object) -> type[TraceBackend]:
    from gonogo.traffic.spans.backends import TraceBackend  # noqa: PLC0415  it imports an HTTP client

    if isinstance(target, type) and issubclass(target, TraceBackend):
        return target
    raise _other(plugin, "a subclass of gonogo.traffic.spans.backends.TraceBackend")


def _clues(plugin: Registered, target: object) -> ClueSource:
    if callable(target):
        return target
    raise _other(plugin, "a function from a Scene to clues")


def _probes(plugin: Registered, target: object) -> ServiceProbe:
    if callable(target):
        return target
    raise _other(plugin, "a function from a service's name and settings to a Probe")


_CHECKS: Mapping[str, Callable[[Registered, object], object]] = {
    STAGES: _stages, REPORTS: _reports, TRACE_BACKENDS: _backends, CLUES: _clues, PROBES: _probes}


def _other(plugin: Registered, wanted: str) -> PluginError:
    return PluginError(f"The plug-in {plugin} ({plugin.distribution}) is not {wanted}.",
                       where=f"entry point {plugin.entry_point.value}",
                       fix=f"correct its entry point, or run `pip uninstall {plugin.distribution}`.")
