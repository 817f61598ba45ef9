"""Writes errors.txt, what components logged as errors in the trace of a failing scenario, beside its exchanges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from gonogo.core.text import printable, printable_lines
from gonogo.model.exposures import LoggedErrors
from gonogo.model.logs import LogRecord
from gonogo.model.scenarios import Scenario, ScenarioEvidence
from gonogo.records.run_folder import write_whole
from gonogo.secrets.masking import Masker

ERRORS_FILE = "errors.txt"
_MAX_LINE = 300


def with_errors(evidence: ScenarioEvidence, errors: LoggedErrors, run_folder: Path, masker: Masker) -> ScenarioEvidence:
    """`evidence` with an errors.txt attached to the last attempt of every failing scenario in whose trace there are
    errors.
    """
    for scenario in evidence.scenarios:
        if path := _path_of(scenario, errors):
            write_whole(run_folder / path, "".join(_text(errors.by_scenario[scenario.key])), masker)
    return with_written_errors(evidence, errors, run_folder)


def with_written_errors(evidence: ScenarioEvidence, errors: LoggedErrors, run_folder: Path) -> ScenarioEvidence:
    """`evidence` with the errors.txt of each scenario with `errors` attached, as far as the run folder has it."""
    return replace(evidence, scenarios=tuple(
        _attached(scenario, path) if (path := _path_of(scenario, errors)) and (run_folder / path).is_file()
        else scenario for scenario in evidence.scenarios))


def error_line(record: LogRecord) -> str:
    """`till 2026-01-01 10:00:01.500 no money; shop.NoMoney: 12 EUR`: of a stack trace its first and its last line."""
    lines = [line.strip() for line in record.body.splitlines() if line.strip()]
    text = "; ".join(dict.fromkeys([*lines[:1], *lines[-1:]])) or record.exception
    return printable(" ".join(filter(None, [record.component or "?", _time(record.at_s), text])))[:_MAX_LINE]


def _path_of(scenario: Scenario, errors: LoggedErrors) -> str | None:
    """Where the errors of a failing scenario are written; None if it has none."""
    if scenario.passed or not scenario.attempts or not errors.by_scenario.get(scenario.key):
        return None
    beside = next(iter(scenario.attempts[-1].attachments), None)
    return PurePosixPath(beside).with_name(ERRORS_FILE).as_posix() if beside else None


def _attached(scenario: Scenario, path: str) -> Scenario:
    last = scenario.attempts[-1]
    return replace(scenario, attempts=(*scenario.attempts[:-1], replace(last, attachments=(*last.attachments, path))))


def _text(errors: Sequence[LogRecord]) -> Iterator[str]:
    for record in errors:
        parts = (record.component or "?", _time(record.at_s), record.level.upper(), record.source)
        head = " ".join(filter(None, parts))
        yield printable(head) + "\n" + printable_lines(record.body) + "\n\n"


def _time(at_s: float) -> str:
    """In UTC; "" if it is unknown, or beyond the calendar."""
    try:
        return datetime.fromtimestamp(at_s, UTC).isoformat(" ", "milliseconds").removesuffix("+00:00") if at_s else ""
    except (ValueError, OverflowError, OSError):
        return ""
