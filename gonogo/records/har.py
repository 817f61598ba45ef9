"""Reads and writes HAR 1.2 files. Files of any tool are accepted; incomplete entries are left out and counted.

`har_source` decompresses and `har_stream` reads large and damaged files; `har_entry` converts the entries.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from sys import getsizeof
from typing import Any

from gonogo import __version__
from gonogo.core.errors import EvidenceError
from gonogo.model.calls import BROWSER
from gonogo.model.exchange import Exchange
from gonogo.records.har_entry import EntryLeftOutError, HarEntry, NameOf, NoExchangeError, exchange_of
from gonogo.records.har_source import HarSource
from gonogo.records.har_stream import Continued, HarStream
from gonogo.records.run_folder import write_masked_json
from gonogo.secrets.masking import Masker

MAX_WHOLE_BYTES = 4 * 1024 * 1024  # parsed at once, which is faster and takes up to thirty times as much memory
MAX_KEPT_BYTES = 128 * 1024 * 1024  # of the texts of all exchanges
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


def read_recording(path: Path, name_of: NameOf, *, scenario: str = "", caller: str = BROWSER,
                   masker: Masker | None = None) -> Recording:
    """The exchanges of a HAR file, and what was left out; `caller` is the default if an entry has none.

    A damaged file is read up to the damage, which counts as left out. Raises EvidenceError if the file is missing, too
    large, or not a HAR file.
    """
    def recording(entries: Iterable[object]) -> Recording:
        return recording_of(entries, name_of, scenario=scenario, caller=caller, masker=masker)

    with HarSource(path) as source:
        start = _start_of(source, path)
        try:
            log = _whole_log(start, path)
            return replace(recording(log["entries"]), tool=_tool(log.get("creator")))
        except EvidenceError as error:
            stream = HarStream(Continued(start, source))
            read = recording(stream.entries())
            if not stream.found:
                raise error from None
            return replace(read, tool=_tool(stream.creator))


def _start_of(source: HarSource, path: Path) -> bytes:
    """The file, or a little more of it than is read as a whole."""
    start = bytearray()
    while len(start) <= MAX_WHOLE_BYTES and (chunk := source.read(MAX_WHOLE_BYTES + 1)):
        start += chunk
    if source.damage and not start:
        raise EvidenceError(f"{path.name} cannot be decompressed: {source.damage}.", where=str(path),
                            fix=_RECORD_AGAIN)
    return bytes(start)


def _tool(creator: object) -> str:
    if not isinstance(creator, dict):
        return ""
    return " ".join(str(creator[key]) for key in ("name", "version") if creator.get(key))


def recording_of(entries: Iterable[object], name_of: NameOf, *, scenario: str = "", caller: str = BROWSER,
                 masker: Masker | None = None) -> Recording:
    """The exchanges of HAR entries from any source."""
    exchanges: list[Exchange] = []
    left_out: Counter[str] = Counter()
    kept_bytes = damaged = 0
    for entry in entries:
        try:
            exchange = exchange_of(entry, name_of, scenario=scenario, caller=caller, masker=masker)
            kept_bytes += _size(exchange)
            if kept_bytes > MAX_KEPT_BYTES:
                raise EntryLeftOutError(f"there are more than {MAX_KEPT_BYTES // 1024 ** 2} MiB of text")
            exchanges.append(exchange)
        except EntryLeftOutError as why:
            left_out[str(why)] += 1
            damaged += not isinstance(why, NoExchangeError)
    return Recording(tuple(exchanges), dict(left_out), damaged=damaged)


def _size(exchange: Exchange) -> int:
    """The memory that the texts of an exchange take."""
    messages = (exchange.request, exchange.response)
    return sum(map(getsizeof, [
        exchange.url, *(text for message in messages for header in message.headers for text in header),
        *(message.body.text for message in messages if message.body and message.body.text)]))


def write_har(path: Path, entries: Iterable[HarEntry], masker: Masker) -> None:
    """Write a HAR 1.2 file atomically. Secret names in `entries` must be masked; known values are masked here."""
    log = {"version": "1.2", "creator": {"name": "gonogo", "version": __version__}, "entries": list(entries)}
    write_masked_json(path, {"log": log}, masker)


def _whole_log(raw: bytes, path: Path) -> dict[str, Any]:
    """The log of a small file. Raises EvidenceError for a file that is large, damaged or of another kind."""
    if raw.startswith(b"PK"):
        raise EvidenceError(f"{path.name} is a zip archive.", where=str(path),
                            fix="extract it, and give the .har file in it.")
    try:
        # in UTF-8, 16 or 32
        document = json.loads(raw.removeprefix(b"\xef\xbb\xbf")) if len(raw) <= MAX_WHOLE_BYTES else None
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
