"""What is kept of a scenario: its exchanges; where it did not pass, screenshots, traces, console, shared state too.

Every scenario is traced without screenshots, which costs little (docs/decisions/tracing.md), and the
trace is thrown away when it passes. What is kept is masked on its way to the disk.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from itertools import filterfalse
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.scenarios.browser.playwright_error import Error
from gonogo.scenarios.recording.exchanges import started_s, write_exchanges
from gonogo.scenarios.recording.http import HarEntry
from gonogo.scenarios.recording.network_log import NO_ANSWER_YET, entries_in_folder, entries_in_zip
from gonogo.scenarios.recording.refusals import with_refusals
from gonogo.scenarios.recording.trace_file import redact_trace
from gonogo.scenarios.world import Person, World
from gonogo.secrets.masking import Redactor

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, WebError

SCREENSHOT_TIMEOUT_S = 5.0
KEEPING_S = 15.0  # all that a browser may take to hand over its evidence
_ERRORS = ("error", "pageerror")
_ONLY_LATE_S = 1.0  # what was sent so shortly before the end had no time to be answered in


class Recorder:
    """Records the people of one scenario at a time."""

    def __init__(self, redactor: Redactor) -> None:
        self.redactor = redactor

    def redacted(self, text: str) -> str:
        return self.redactor.text(text)

    def follow(self, person: Person) -> None:
        """Begin to record; called when a person's browser context opens."""
        person.recording = secrets.token_hex(8)
        person.context.tracing.start(name=person.recording, title=person.name, snapshots=True, screenshots=False)
        person.page.on("crash", lambda _page: setattr(person, "crashed", True))
        person.context.on("console", lambda message: _note_console(person, message))
        person.context.on("weberror", lambda error: _note_error(person, error))

    def keep(self, world: World, folder: Path) -> None:
        """Write what was recorded into `folder`; what a dead or dying browser cannot give is left out."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "world.txt").write_text(self.redacted(world.dump()) + "\n", encoding="utf-8")
        ended_s = time.time()
        exchanges = [*world.http.exchanges]
        with world.browser.bounded(KEEPING_S):
            for index, person in enumerate(world.people.values()):
                suffix = f"-{index + 1}" if index else ""
                if world.browser.alive:
                    with contextlib.suppress(Error):
                        person.page.screenshot(path=folder / f"screenshot{suffix}.png",
                                               timeout=SCREENSHOT_TIMEOUT_S * 1000)
                exchanges += self._end_recording(person, world, folder / f"trace{suffix}.zip")
        write_exchanges(_unless_only_late(exchanges, ended_s), folder, self.redactor, world.timeline)
        self._write_console(world, folder)

    def keep_exchanges(self, world: World, folder: Path) -> None:
        """Write the exchanges of a scenario that passed, and the console where it speaks of an error."""
        exchanges = [*world.http.exchanges]
        with world.browser.bounded(KEEPING_S):
            for person in world.people.values():
                # what nobody waited for is no failure
                exchanges += filterfalse(_unanswered, self._end_recording(person, world, None))
        write_exchanges(exchanges, folder, self.redactor, world.timeline)
        if any(message["type"] in _ERRORS for person in world.people.values() for message in person.console):
            self._write_console(world, folder)

    def drop(self, world: World) -> None:
        """End the people's contexts, and with them what was recorded and not kept."""
        with world.browser.bounded(KEEPING_S):
            for person in world.people.values():
                if world.browser.alive:
                    with contextlib.suppress(Error):
                        person.context.close()
        if world.browser.traces is not None:
            shutil.rmtree(world.browser.traces, ignore_errors=True)

    def _end_recording(self, person: Person, world: World, trace: Path | None) -> list[HarEntry]:
        """The person's exchanges; the trace itself goes to `trace`, masked, where it is to be kept.

        Where the recording lies on this machine, the exchanges are read from it as it is: to make a zip file and
        to take it apart again costs more than all the rest. It is there also where the browser died.
        """
        folder = world.browser.traces
        entries: list[HarEntry] = []
        with tempfile.TemporaryDirectory(prefix="gonogo-trace-") as private, contextlib.suppress(Error):
            raw = Path(private) / "trace.zip" if trace is not None or folder is None else None
            if world.browser.alive:
                person.context.tracing.stop(path=raw)
                if raw is not None and trace is not None:
                    redact_trace(raw, trace, self.redactor)
                if raw is not None and folder is None:
                    entries = entries_in_zip(raw)
        if folder is not None:
            entries = entries_in_folder(folder, person.recording)
        return [{**entry, "_person": person.name} for entry in with_refusals(entries, person.console)]

    def _write_console(self, world: World, folder: Path) -> None:
        messages = [{"person": person.name, **message, "text": self.redactor.text(message["text"])}
                    for person in world.people.values() for message in person.console]
        if messages:
            (folder / "console.json").write_text(json.dumps(messages, indent=1, ensure_ascii=False),
                                                 encoding="utf-8")


def _unanswered(entry: HarEntry) -> bool:
    return bool(entry["response"].get("_failureText") == NO_ANSWER_YET)


def _unless_only_late(entries: Iterable[HarEntry], ended_s: float) -> Iterator[HarEntry]:
    """Without what could not have been answered yet; what could tells how long it has waited."""
    for entry in entries:
        if not _unanswered(entry):
            yield entry
        elif (waited_s := ended_s - started_s(entry)) >= _ONLY_LATE_S:
            yield {**entry, "time": round(waited_s * 1000)}


def _note_console(person: Person, message: ConsoleMessage) -> None:
    person.console.append({"type": message.type, "text": message.text,
                           "at": f"{message.location['url']}:{message.location['lineNumber'] + 1}",
                           "at_s": message.timestamp / 1000})


def _note_error(person: Person, error: WebError) -> None:
    page = error.page
    person.console.append({"type": "pageerror", "text": error.error.stack or error.error.message,
                           "at": page.url if page else "", "at_s": time.time()})
