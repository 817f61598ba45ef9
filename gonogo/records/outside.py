"""outside.json of one attempt at a scenario: the pages and downloads that people saw, and what they put in.

`scenarios.recording.outside` records it; `gonogo.outside` compares it with the baseline.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from gonogo.core.errors import EvidenceError
from gonogo.model.outside import Mail, OutsideRecord
from gonogo.records.run_folder import write_masked_json, write_whole
from gonogo.secrets.masking import Masker

OUTSIDE_FILE = "outside.json"
MAILS_FILE = "mails.ndjson"
MAX_FILE_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class _Document:
    record: OutsideRecord
    version: Literal[1] = 1


_DOCUMENT = TypeAdapter(_Document)
_MAIL = TypeAdapter(Mail)


def write_outside(folder: Path, record: OutsideRecord, masker: Masker) -> None:
    """Write `folder`/outside.json. What has the name of a secret must be masked; known values are masked here."""
    write_masked_json(folder / OUTSIDE_FILE, {"version": 1, "record": asdict(record)}, masker)


def read_outside(path: Path) -> OutsideRecord:
    """The record in a file. Raises EvidenceError if it is missing, too large or damaged."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise EvidenceError(f"{path.name} is larger than {MAX_FILE_BYTES // 1024 ** 2} MiB.", where=str(path),
                                fix="run the gate again.")
        return _DOCUMENT.validate_json(path.read_bytes()).record
    except (OSError, ValidationError, RecursionError) as error:
        raise EvidenceError(f"{path.name} cannot be read.", where=str(path), fix="run the gate again.") from error


def read_kept_mails(path: Path) -> tuple[Mail, ...]:
    """The mails in a file that `write_mails` wrote; none without the file. Raises EvidenceError if it is damaged."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)
        if len(raw) > MAX_FILE_BYTES:
            raise EvidenceError(f"{path.name} is larger than {MAX_FILE_BYTES // 1024 ** 2} MiB.", where=str(path),
                                fix="run the gate again.")
        return tuple(_MAIL.validate_json(line) for line in raw.splitlines())
    except FileNotFoundError:
        return ()
    except (OSError, ValidationError, RecursionError) as error:
        raise EvidenceError(f"{path.name} cannot be read.", where=str(path), fix="run the gate again.") from error


def write_mails(path: Path, mails: Iterable[Mail], masker: Masker) -> None:
    """Write mails, one JSON object a line. They must be masked; known values are masked here."""
    lines = (json.dumps(masker.only_known_in(asdict(mail)), ensure_ascii=False) + "\n" for mail in mails)
    write_whole(path, "".join(lines), masker)
