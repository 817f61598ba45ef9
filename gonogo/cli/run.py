"""`gonogo run`: run the gate."""

from __future__ import annotations

import argparse
import os
from contextlib import suppress
from pathlib import Path

from gonogo.core.errors import EvidenceError
from gonogo.core.exit_codes import ExitCode
from gonogo.core.network import use_proxy
from gonogo.core.runtime import Interrupted, Runtime
from gonogo.core.signals import raising
from gonogo.gate.earlier_runs import mask_key
from gonogo.gate.request import request_of
from gonogo.gate.run import run_gate
from gonogo.plugins import installed
from gonogo.report.terminal import TerminalWatcher, print_verdict
from gonogo.secrets.masking import masker_for
from gonogo.secrets.stream import write_through
from gonogo.verdict.judge import exit_code_of


def execute(arguments: argparse.Namespace, runtime: Runtime) -> int:
    """Return the verdict's exit code, or INTERRUPTED if a signal ended the run."""
    with raising(Interrupted):
        return _run(arguments, runtime)


def _run(arguments: argparse.Namespace, runtime: Runtime) -> int:
    extensions = installed()
    request = request_of(arguments, extensions, runtime)
    use_proxy(os.environ, *request.environment.proxy_settings)
    environ = {**runtime.environ, "GONOGO_ENV": request.environment_name}
    masker = masker_for(request.environment, environ, mask_key(runtime))
    write_through(masker, runtime.stdout, runtime.stderr)
    no_color = bool(runtime.environ.get("NO_COLOR"))
    watcher = TerminalWatcher(runtime.stderr, no_color=no_color)
    try:
        verdict = run_gate(request, extensions, runtime, watcher, masker)
    finally:
        watcher.close()
    with suppress(EvidenceError):  # of a full disk: verdict.json is written
        print_verdict(verdict, _shown(request.run_folder, runtime.root), runtime.stdout, no_color=no_color)
        runtime.stdout.flush()
    interrupted = any(finding.rule == "interrupted" for finding in verdict.findings)
    return ExitCode.INTERRUPTED if interrupted else exit_code_of(verdict.answer)


def _shown(path: Path, root: Path) -> Path:
    return path.relative_to(root) if path.is_relative_to(root) else path
