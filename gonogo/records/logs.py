"""logs.ndjson: one log record per line: those of the run's traces and all errors, written after the stages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from gonogo.model.logs import LogRecord
from gonogo.records.run_folder import write_masked_lines
from gonogo.records.spans import lines_of
from gonogo.secrets.masking import Masker

LOGS_FILE = "logs.ndjson"
MAX_RECORDS = 50_000
_RECORD = TypeAdapter(LogRecord)


def write_logs(path: Path, records: Iterable[LogRecord], masker: Masker) -> None:
    """Write records whose secret names are masked, without default values; known values are masked here.

    Raises EvidenceError.
    """
    write_masked_lines(path, (_RECORD.dump_json(masker.only_known_in(record), exclude_defaults=True)
                              for record in records))


def read_logs(path: Path) -> tuple[tuple[LogRecord, ...], int]:
    """The records of a file in order, and the number of invalid lines; none if there is no file."""
    read = list(islice(_records(path), MAX_RECORDS + 1))
    cut = len(read) > MAX_RECORDS
    read = read[:MAX_RECORDS]
    return tuple(record for record in read if record is not None), read.count(None) + cut


def _records(path: Path) -> Iterator[LogRecord | None]:
    for line in lines_of(path):
        try:
            yield _RECORD.validate_json(line)
        except ValidationError:
            yield None
