"""What gonogo itself and other installed distributions register under gonogo's entry points."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points

from gonogo.core.errors import ConfigError, PluginError

OWN_DISTRIBUTION = "gonogo"
STAGES, REPORTS, TRACE_BACKENDS, CLUES, PROBES = GROUPS = (
    "gonogo.stages", "gonogo.reports", "gonogo.trace_backends", "gonogo.clues", "gonogo.probes")


@dataclass(frozen=True, slots=True)
class Registered:
    """One entry point. `name` is unique within its `group`; `distribution` registered it."""

    group: str
    name: str
    distribution: str
    version: str
    entry_point: EntryPoint

    @property
    def is_own(self) -> bool:
        return self.distribution == OWN_DISTRIBUTION

    def __str__(self) -> str:
        return f"{self.group}: {self.name}"

    def load(self) -> object:
        """Import it. Raises PluginError if the import fails for any reason."""
        try:
            return self.entry_point.load()
        except (Exception, SystemExit) as error:
            raise PluginError(
                f"The plug-in {self} ({self.distribution}) cannot be imported: {type(error).__name__}: {error}",
                where=f"entry point {self.entry_point.value}",
                fix=f"fix the plug-in, or run `pip uninstall {self.distribution}`.") from error


def registered(group: str) -> dict[str, Registered]:
    """Return name → entry point, gonogo's own first, then by name. Raises ConfigError for a duplicate name."""
    by_name: dict[str, Registered] = {}
    for each in sorted(_in(group), key=lambda each: not each.is_own):
        if each.name in by_name and by_name[each.name].distribution != each.distribution:
            raise ConfigError(
                f"Two distributions register '{each.name}' under {group}: {by_name[each.name].distribution} and "
                f"{each.distribution}.", where=f"entry point {each.entry_point.value}",
                fix="uninstall one of the two distributions.")
        by_name[each.name] = each
    if not any(each.is_own for each in by_name.values()):
        raise ConfigError(f"gonogo's own entry points of {group} are not registered.", where="the installed packages",
                          fix="reinstall gonogo (`pip install gonogo`; in a checkout, `make setup`).")
    return by_name


def _in(group: str) -> Iterator[Registered]:
    for each in sorted(entry_points(group=group), key=lambda each: each.name):
        distribution = each.dist.metadata["Name"] if each.dist else ""
        yield Registered(group, each.name, distribution, each.dist.version if each.dist else "", each)
