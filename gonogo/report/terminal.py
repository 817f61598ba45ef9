"""Terminal output: progress on stderr (live on a terminal), the verdict on stdout."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text

from gonogo.core.text import printable, printable_lines
from gonogo.model.findings import Severity
from gonogo.model.progress import Progress
from gonogo.model.stages import Ending, ProcessEnd
from gonogo.model.verdict import Answer, Verdict
from gonogo.report.html import REPORT_FILE
from gonogo.report.lines import finding_lines
from gonogo.report.wording import no_suspect_line, not_checked_words, suspect_line
from gonogo.report.wrapping import wrapped
from gonogo.secrets.stream import styled

_COLOURS = {Answer.GO: "bold green", Answer.PARTIAL: "bold cyan", Answer.NO_GO: "bold red",
            Answer.INCONCLUSIVE: "bold yellow"}
_PLAIN_EVERY_S = 5.0


class TerminalWatcher:
    """Shows progress: one live line on a terminal, otherwise a line every few seconds."""

    def __init__(self, stderr: TextIO, *, no_color: bool = False) -> None:
        self._console = _console(stderr, no_color=no_color)
        self._live: Live | None = None
        self._last_line_at = 0.0
        self._started_at = 0.0

    def stage_started(self, stage: str, what: str) -> None:
        self._started_at = self._last_line_at = time.monotonic()
        if self._console.is_terminal:
            self._live = Live(Text(printable(f"{stage}  {what} …")), console=self._console, transient=True,
                              refresh_per_second=5)
            self._live.start()
        else:
            self.note(f"{stage}: {what} …")

    def progressed(self, progress: Progress) -> None:
        now = time.monotonic()
        line = self._line(progress, now - self._started_at)
        if self._live:
            self._live.update(Text(line))
        elif now - self._last_line_at >= _PLAIN_EVERY_S and progress.done < progress.planned:
            self._last_line_at = now
            self.note(line)

    def stage_ended(self, stage: str, end: ProcessEnd, last: Progress | None) -> None:
        self.close()
        line = self._line(last, end.duration_s) if last else f"{stage}  {end.duration_s:.1f} s"
        self.note(line if end.ending is Ending.EXITED else f"{line}  ({end.ending})")

    def note(self, line: str) -> None:
        self._console.print(printable_lines(line))

    def close(self) -> None:
        if self._live:
            self._live.stop()
            self._live = None

    @staticmethod
    def _line(progress: Progress, seconds: float) -> str:
        unit = f" {progress.unit}" if progress.unit else ""
        failed = f"  {progress.failed} failed" if progress.failed else ""
        note = f"  {progress.note}" if progress.note else ""
        return printable(f"{progress.stage}  {progress.done}/{progress.planned}{unit}{failed}{note}  {seconds:.1f} s")


def print_verdict(verdict: Verdict, run_folder: Path, stdout: TextIO, *, no_color: bool = False,
                  has_report: bool = True) -> None:
    """Prints the suspect, findings (worst first), what was not checked, figures and, as the last line, the verdict.

    Each is one line; on a terminal, long ones are wrapped. Without `has_report`, that of the run folder is of another
    verdict.
    """
    console = _console(stdout, no_color=no_color)
    width = console.width if console.is_terminal else None

    def line(text: str, style: str | None = None) -> None:
        console.print(wrapped(printable(text), width), style=style)

    for suspect in verdict.suspects[:1]:
        line(suspect_line(suspect), "bold")
    if verdict.no_suspect:
        line(no_suspect_line(verdict.no_suspect), "bold")
    for severity, words, evidence in finding_lines(verdict.findings):
        style = "" if severity is Severity.WARN else "red" if severity is Severity.BLOCK else "yellow"
        mark = "warning: " if severity is Severity.WARN else ""
        where = f"  {run_folder / evidence}" if evidence else ""
        line(f"{mark}{words}{where}", style or None)
    for item in verdict.not_checked:
        line(f"not checked: {not_checked_words(item)}", "dim")
    for stage, figures in verdict.stages.items():
        flaky = f", {figures.flaky} flaky" if figures.flaky else ""
        line(f"{stage}: {figures.passed} of {figures.planned} {figures.unit} passed{flaky} "
             f"in {figures.duration_s:.1f} s")
    if has_report:
        line(f"report: {run_folder / REPORT_FILE}")
    line(str(verdict.answer), _COLOURS[verdict.answer])


def _console(stream: TextIO, *, no_color: bool) -> Console:
    """A console that prints the text of others as it is: `[bold]` and `:x:` have no meaning in it."""
    return Console(file=styled(stream), no_color=no_color, highlight=False, markup=False, emoji=False, soft_wrap=True)
