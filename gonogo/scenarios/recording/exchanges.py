"""Writes exchanges.har of one attempt at a scenario: the exchanges of browsers and steps, masked, cut, each with its
step.

`http` and `network_log` record the exchanges; `gonogo.traffic` analyses them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from gonogo.records.har import write_har
from gonogo.scenarios.recording.http import HarEntry
from gonogo.scenarios.recording.timeline import Timeline
from gonogo.scenarios.recording.trace_file import masked_exchange
from gonogo.secrets.masking import Masker

EXCHANGES_FILE = "exchanges.har"
MAX_TEXT = 64 * 1024  # characters of a body


def write_exchanges(entries: Iterable[HarEntry], folder: Path, masker: Masker, timeline: Timeline) -> None:
    """Write `folder`/exchanges.har, in the order of the requests; no file if there are no exchanges."""
    kept = [_placed(_bounded(masked_exchange(entry, masker)), timeline, masker) for entry in entries]
    if not kept:
        return
    kept.sort(key=started_s)
    write_har(folder / EXCHANGES_FILE, kept, masker)


def started_s(entry: HarEntry) -> float:
    return datetime.fromisoformat(entry["startedDateTime"]).timestamp()


def _bounded(entry: HarEntry) -> HarEntry:
    request, response = entry["request"], entry["response"]
    if "postData" in request:
        entry = {**entry, "request": {**request, "postData": _cut(request["postData"])}}
    return {**entry, "response": {**response, "content": _cut(response["content"])}}


def _cut(holder: dict[str, Any]) -> dict[str, Any]:
    text = holder.get("text", "")
    if len(text) <= MAX_TEXT:
        return holder
    return {**holder, "text": text[:MAX_TEXT], "_truncated": True,
            "comment": f"cut after {MAX_TEXT} of {len(text)} characters"}


def _placed(entry: HarEntry, timeline: Timeline, masker: Masker) -> HarEntry:
    step = timeline.step_at(started_s(entry))
    return {**entry, "_step": masker.text(step.text), "_stepIndex": step.index} if step else entry
