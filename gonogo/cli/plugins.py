"""`gonogo plugins`: lists what is registered under gonogo's entry points."""

from __future__ import annotations

import argparse

from gonogo.core.entry_points import GROUPS
from gonogo.core.errors import PluginError
from gonogo.core.exit_codes import ExitCode
from gonogo.core.runtime import Runtime
from gonogo.plugins import inspected


def execute(arguments: argparse.Namespace, runtime: Runtime) -> int:
    """Print one line per plug-in. The exit code is INCONCLUSIVE if one cannot be used, as in a run."""
    all_usable = True
    for group in GROUPS:
        runtime.stdout.write(f"{group}\n")
        for plugin, problem in inspected(group):
            runtime.stdout.write(f"  {plugin.name:<16} {plugin.distribution} {plugin.version}\n")
            if problem is not None:
                all_usable = False
                runtime.stdout.write("".join(f"    {line}\n" for line in str(problem).splitlines()))
    return ExitCode.GO if all_usable else PluginError.exit_code
