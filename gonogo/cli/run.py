"""`gonogo run`: run the gate."""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from gonogo.core.errors import EvidenceError, UsageError
from gonogo.core.exit_codes import ExitCode
from gonogo.core.network import use_proxy
from gonogo.core.numbers import whole_number
from gonogo.core.runtime import Interrupted, Runtime
from gonogo.core.signals import raising
from gonogo.environment.lease import Lease, leased
from gonogo.environment.leftovers import end_leftovers
from gonogo.gate.earlier_runs import mask_key
from gonogo.gate.extensions import Extensions
from gonogo.gate.request import Request, request_of
from gonogo.gate.run import run_gate
from gonogo.model.verdict import Answer, Verdict
from gonogo.plugins import installed
from gonogo.report.terminal import TerminalWatcher, print_verdict
from gonogo.secrets.masking import masker_for
from gonogo.secrets.stream import write_through
from gonogo.verdict.judge import exit_code_of

_MAX_LEARN = 10


def execute(arguments: argparse.Namespace, runtime: Runtime) -> int:
    """Return the verdict's exit code, or INTERRUPTED if a signal ended the run."""
    with raising(Interrupted):
        return _run(arguments, runtime)


def _run(arguments: argparse.Namespace, runtime: Runtime) -> int:
    extensions = installed()
    learn = _learn_of(arguments)
    request = request_of(arguments, extensions, runtime)
    use_proxy(os.environ, *request.environment.proxy_settings)
    environ = {**runtime.environ, "GONOGO_ENV": request.environment_name}
    masker = masker_for(request.environment, environ, mask_key(runtime))
    write_through(masker, runtime.stdout, runtime.stderr)
    no_color = bool(runtime.environ.get("NO_COLOR"))
    watcher = TerminalWatcher(runtime.stderr, no_color=no_color)

    def gate(request: Request) -> Verdict:
        with _lease_of(request, runtime, environ, watcher) as lease:
            return run_gate(request, extensions, runtime, watcher, masker, lease=lease)

    try:
        verdict = gate(request)
        first = request.run_folder.name
        for number in range(2, learn + 1):
            if verdict.answer is not Answer.GO:
                break
            watcher.note(f"learning what varies: run {number} of {learn}")
            again = replace(request_of(_scenarios_only(arguments, extensions, request), extensions, runtime),
                            learns_for=first)
            other = gate(again)
            if other.answer not in (Answer.GO, Answer.PARTIAL):  # the same images did not pass again
                request, verdict = again, other
    finally:
        watcher.close()
    with contextlib.suppress(EvidenceError):  # of a full disk: verdict.json is written
        print_verdict(verdict, _shown(request.run_folder, runtime.root), runtime.stdout, no_color=no_color)
        runtime.stdout.flush()
    interrupted = any(finding.rule == "interrupted" for finding in verdict.findings)
    return ExitCode.INTERRUPTED if interrupted else exit_code_of(verdict.answer)


def _learn_of(arguments: argparse.Namespace) -> int:
    """The number of runs of --learn. Raises UsageError."""
    number = whole_number(arguments.learn, minimum=1)
    if number is None or number > _MAX_LEARN:
        raise UsageError(f"--learn must be a number from 1 to {_MAX_LEARN}, got '{arguments.learn}'.", where="--learn",
                         fix="write it like --learn 2.")
    if number > 1 and (arguments.only or arguments.tags or arguments.profile or arguments.url):
        raise UsageError("--learn needs a run of the whole gate.", where="--learn",
                         fix="remove --only, --tags, --profile or --url: only a GO is a baseline.")
    return number


def _scenarios_only(arguments: argparse.Namespace, extensions: Extensions, request: Request) -> argparse.Namespace:
    stages = [stage for stage in request.stages if extensions.stages[stage].target.selects_by_tags]
    return argparse.Namespace(**{**vars(arguments), "only": stages, "learn": "1"})


@contextlib.contextmanager
def _lease_of(request: Request, runtime: Runtime, environ: Mapping[str, str], watcher: TerminalWatcher
              ) -> Iterator[Lease]:
    """Hold the lease of the request's environment. Without it there is no run, and no folder of one."""
    try:
        with leased(request.environment_name, request.environment.url, root=runtime.root,
                    run_folder=request.run_folder, environ=environ, since=runtime.now(), wait_s=request.wait_s,
                    on_progress=watcher.note,
                    clean=lambda left: end_leftovers(left, environ, watcher.note)) as lease:
            yield lease
    finally:
        with contextlib.suppress(OSError):  # it has files
            request.run_folder.rmdir()


def _shown(path: Path, root: Path) -> Path:
    return path.relative_to(root) if path.is_relative_to(root) else path
