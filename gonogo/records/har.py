"""Reads and writes HAR 1.2 files. Files of any tool are accepted; incomplete entries are left out and counted.

`har_entry` converts the entries.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gonogo import __version__
from gonogo.core.errors import EvidenceError
from gonogo.model.calls import BROWSER
from gonogo.model.exchange import Exchange
from gonogo.records.har_entry import EntryLeftOutError, HarEntry, NameOf, NoExchangeError, exchange_of
from gonogo.records.run_folder import write_masked_json
from gonogo.secrets.masking import Masker

MAX_FILE_BYTES = 128 * 1024 * 1024  # parsing takes three to four times as much memory
_RECORD_AGAIN = "record it again, or export it from the recording tool as \"HAR\" or \"HTTP Archive\" (JSON)."


@dataclass(frozen=True, slots=True)
class Recording:
    """The content of a HAR file; `left_out` counts, by reason, the entries that are not complete exchanges.

    `damaged` is the number of those that may have been exchanges.
    """

    exchanges: tuple[Exchange, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)
    tool: str = ""
    damaged: int = 0


def read_har(path: Path, name_of: NameOf, *, scenario: str = "") -> tuple[Exchange, ...]:
    """The exchanges of a HAR file in order; empty if the file is missing or not a HAR file."""
    try:
        return read_recording(path, name_of, scenario=scenario).exchanges
    except EvidenceError:
        return ()


def read_recording(path: Path, name_of: NameOf, *, scenario: str = "", caller: str = BROWSER,
                   masker: Masker | None = None) -> Recording:
    """The exchanges of a HAR file, and what was left out; `caller` is the default if an entry has none.

    Raises EvidenceError if the file is missing, too large, or not a HAR file.
    """
    log = _log(_content(path), path)
    creator = log.get("creator")
    tool = " ".join(str(creator[key]) for key in ("name", "version") if creator.get(key)) \
        if isinstance(creator, dict) else ""
    return recording_of(log["entries"], name_of, scenario=scenario, caller=caller, masker=masker, tool=tool)


def recording_of(entries: Iterable[object], name_of: NameOf, *, scenario: str = "", caller: str = BROWSER,
                 masker: Masker | None = None, tool: str = "") -> Recording:
    """The exchanges of HAR entries from any source."""
    exchanges: list[Exchange] = []
    left_out: Counter[str] = Counter()
    damaged = 0
    for entry in entries:
        try:
            exchanges.append(exchange_of(entry, name_of, scenario=scenario, caller=caller, masker=masker))
        except EntryLeftOutError as why:
            left_out[str(why)] += 1
            damaged += not isinstance(why, NoExchangeError)
    return Recording(tuple(exchanges), dict(left_out), tool, damaged)


def write_har(path: Path, entries: Iterable[HarEntry], masker: Masker) -> None:
    """Write a HAR 1.2 file atomically. Secret names in `entries` must be masked; known values are masked here."""
    log = {"version": "1.2", "creator": {"name": "gonogo", "version": __version__}, "entries": list(entries)}
    write_masked_json(path, {"log": log}, masker)


def _content(path: Path) -> bytes:
    """The content of the file, decompressed: mitmproxy writes .zhar (zlib), other tools .har.gz (gzip)."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise EvidenceError(f"{path.name} cannot be read: {error.strerror}.", where=str(path),
                            fix="give a HAR file that exists and is readable.") from error
    if raw[:2] in (b"\x1f\x8b", b"\x78\x01", b"\x78\x9c", b"\x78\xda"):
        try:
            unpacking = zlib.decompressobj(zlib.MAX_WBITS | 32)
            raw = unpacking.decompress(raw, MAX_FILE_BYTES + 1)
            if not unpacking.eof and len(raw) <= MAX_FILE_BYTES:
                raise zlib.error("it is cut off")
        except zlib.error as error:
            raise EvidenceError(f"{path.name} cannot be decompressed: {error}.", where=str(path),
                                fix=_RECORD_AGAIN) from error
    if len(raw) > MAX_FILE_BYTES:
        raise EvidenceError(
            f"{path.name} is larger than {MAX_FILE_BYTES // 1024 ** 2} MiB.", where=str(path),
            fix="record fewer pages into one file, or exclude images and scripts from the recording.")
    return raw


def _log(raw: bytes, path: Path) -> dict[str, Any]:
    if raw.startswith(b"PK"):
        raise EvidenceError(f"{path.name} is a zip archive.", where=str(path),
                            fix="extract it, and give the .har file in it.")
    try:
        document = json.loads(raw.removeprefix(b"\xef\xbb\xbf"))  # UTF-8, 16 or 32
    except UnicodeDecodeError as error:
        raise EvidenceError(f"{path.name} is not text: byte {error.start + 1} is not UTF-8.", where=str(path),
                            fix="save it as UTF-8.") from error
    except json.JSONDecodeError as error:
        raise EvidenceError(f"{path.name} is not valid JSON: {error.msg}.", where=f"{path}:{error.lineno}",
                            fix=_RECORD_AGAIN) from error
    except (ValueError, RecursionError) as error:
        raise EvidenceError(f"{path.name} is not valid JSON: {error}.", where=str(path),
                            fix=_RECORD_AGAIN) from error
    log = document.get("log") if isinstance(document, dict) else None
    if not isinstance(log, dict) or not isinstance(log.get("entries"), list):
        raise EvidenceError(f"{path.name} is not a HAR file: it has no list `log.entries`.", where=str(path),
                            fix=_RECORD_AGAIN)
    return log
