"""`gonogo rejudge`: judge a run again from its folder."""

from __future__ import annotations

import argparse
from contextlib import suppress
from pathlib import Path

from gonogo.core.errors import EvidenceError
from gonogo.core.runtime import Runtime
from gonogo.gate.kept_run import kinds_of
from gonogo.gate.promotion import run_folder_of
from gonogo.gate.rejudging import rejudge
from gonogo.plugins import installed
from gonogo.records.run_folder import write_json
from gonogo.records.verdict_file import read_verdict
from gonogo.report.terminal import print_verdict
from gonogo.secrets.stream import write_through
from gonogo.verdict.judge import exit_code_of


def execute(arguments: argparse.Namespace, runtime: Runtime) -> int:
    """Return the exit code of the new verdict."""
    folder = run_folder_of(arguments.run, runtime.root)
    rejudged = rejudge(folder, installed(), runtime, leave_out=kinds_of(arguments.without),
                       baseline_folder=arguments.baseline and runtime.root / arguments.baseline)
    write_through(rejudged.masker, runtime.stdout, runtime.stderr)
    if arguments.json:
        write_json(runtime.root / arguments.json, rejudged.document, rejudged.masker)
    runtime.stderr.write(f"judged again: run {rejudged.document['run']}{_earlier_verdict(folder)}\n")
    shown = folder.relative_to(runtime.root) if folder.is_relative_to(runtime.root) else folder
    print_verdict(rejudged.verdict, shown, runtime.stdout, no_color=bool(runtime.environ.get("NO_COLOR")),
                  has_report=False)
    return exit_code_of(rejudged.verdict.answer)


def _earlier_verdict(folder: Path) -> str:
    """What the run ended in, as the end of a line; empty if its verdict cannot be read."""
    with suppress(EvidenceError):
        return f", which ended in {read_verdict(folder).verdict}"
    return ""
