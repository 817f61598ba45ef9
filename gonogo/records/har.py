"""HAR 1.2 files → exchanges, and back. Anybody's HAR is read; what is not whole is left out and counted.

What an entry holds is `har_entry`'s business.
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
from gonogo.records.har_entry import EntryLeftOutError, HarEntry, NameOf, exchange_of
from gonogo.records.run_folder import write_masked_json
from gonogo.secrets.masking import Masker

MAX_FILE_BYTES = 128 * 1024 * 1024  # parsing takes three to four times as much memory
_RECORD_IT = "record it anew, or export it from the tool that did as \"HAR\" or \"HTTP Archive\" (JSON)."


@dataclass(frozen=True, slots=True)
class Recording:
    """What a HAR file held; `left_out` counts, by reason, the entries that tell of no exchange."""

    exchanges: tuple[Exchange, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)
    tool: str = ""


def read_har(path: Path, name_of: NameOf, *, scenario: str = "") -> tuple[Exchange, ...]:
    """The exchanges of a HAR file in their order; empty where the file is missing or no HAR."""
    try:
        return read_recording(path, name_of, scenario=scenario).exchanges
    except EvidenceError:
        return ()


def read_recording(path: Path, name_of: NameOf, *, scenario: str = "", caller: str = BROWSER,
                   masker: Masker | None = None) -> Recording:
    """The exchanges of a HAR file, and what was left out; `caller` sent what names no sender.

    Raises EvidenceError where the file is missing, too large, or no HAR.
    """
    log = _log(_content(path), path)
    creator = log.get("creator")
    tool = " ".join(str(creator[key]) for key in ("name", "version") if creator.get(key)) \
        if isinstance(creator, dict) else ""
    return recording_of(log["entries"], name_of, scenario=scenario, caller=caller, masker=masker, tool=tool)


def recording_of(entries: Iterable[object], name_of: NameOf, *, scenario: str = "", caller: str = BROWSER,
                 masker: Masker | None = None, tool: str = "") -> Recording:
    """The exchanges of HAR entries, wherever these were kept."""
    exchanges: list[Exchange] = []
    left_out: Counter[str] = Counter()
    for entry in entries:
        try:
            exchanges.append(exchange_of(entry, name_of, scenario=scenario, caller=caller, masker=masker))
        except EntryLeftOutError as why:
            left_out[str(why)] += 1
    return Recording(tuple(exchanges), dict(left_out), tool)


def write_har(path: Path, entries: Iterable[HarEntry], masker: Masker) -> None:
    """Write a HAR 1.2 file in one step. Its entries were masked by their names before; known values are masked here."""
    log = {"version": "1.2", "creator": {"name": "gonogo", "version": __version__}, "entries": list(entries)}
    write_masked_json(path, {"log": log}, masker)


def _content(path: Path) -> bytes:
    """The file as it is, or unpacked: mitmproxy's .zhar and other tools' .har.gz are HAR in zlib or gzip."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise EvidenceError(f"{path.name} cannot be read: {error.strerror}.", where=str(path),
                            fix="name a HAR file that exists and may be read.") from error
    if raw[:2] in (b"\x1f\x8b", b"\x78\x01", b"\x78\x9c", b"\x78\xda"):
        try:
            unpacking = zlib.decompressobj(zlib.MAX_WBITS | 32)
            raw = unpacking.decompress(raw, MAX_FILE_BYTES + 1)
            if not unpacking.eof and len(raw) <= MAX_FILE_BYTES:
                raise zlib.error("it ends too early")
        except zlib.error as error:
            raise EvidenceError(f"{path.name} is packed, and broken: {error}.", where=str(path),
                                fix=_RECORD_IT) from error
    if len(raw) > MAX_FILE_BYTES:
        raise EvidenceError(
            f"{path.name} is larger than {MAX_FILE_BYTES // 1024 ** 2} MiB.", where=str(path),
            fix="record fewer pages into one file, or leave pictures and scripts out when you record.")
    return raw


def _log(raw: bytes, path: Path) -> dict[str, Any]:
    if raw.startswith(b"PK"):
        raise EvidenceError(f"{path.name} is a zip archive.", where=str(path),
                            fix="unpack it, and name the .har file in it.")
    try:
        document = json.loads(raw.removeprefix(b"\xef\xbb\xbf"))  # UTF-8, 16 or 32
    except UnicodeDecodeError as error:
        raise EvidenceError(f"{path.name} is no text: byte {error.start + 1} is not UTF-8.", where=str(path),
                            fix="save it as UTF-8.") from error
    except json.JSONDecodeError as error:
        raise EvidenceError(f"{path.name} is no JSON: {error.msg}.", where=f"{path}:{error.lineno}",
                            fix=_RECORD_IT) from error
    except (ValueError, RecursionError) as error:
        raise EvidenceError(f"{path.name} is no JSON that can be read: {error}.", where=str(path),
                            fix=_RECORD_IT) from error
    log = document.get("log") if isinstance(document, dict) else None
    if not isinstance(log, dict) or not isinstance(log.get("entries"), list):
        raise EvidenceError(f"{path.name} is JSON, and no HAR: it has no list `log.entries`.", where=str(path),
                            fix=_RECORD_IT)
    return log
