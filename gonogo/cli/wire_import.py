"""`gonogo wire import`: summarise, compare and merge HAR files of any tool."""

from __future__ import annotations

import argparse

from gonogo.core.exit_codes import ExitCode
from gonogo.core.runtime import Runtime
from gonogo.gate.recordings import ImportRequest, import_recordings


def execute(arguments: argparse.Namespace, runtime: Runtime) -> int:
    import_recordings(ImportRequest(files=tuple(arguments.files), caller=arguments.caller, earlier=arguments.compare,
                                    environment_name=arguments.env, out=arguments.out), runtime)
    return ExitCode.GO
