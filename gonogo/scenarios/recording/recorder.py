"""Stores the evidence of a scenario: its exchanges; if it did not pass, also screenshots, traces, console and state.

Every scenario is traced without screenshots, which costs little (docs/decisions/tracing.md); the trace
is deleted if it passes. All evidence is masked before it is written.
"""

from __future__ import annotations

import contextlib
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from itertools import filterfalse
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.records.console import CONSOLE_FILE
from gonogo.records.drawn import write_drawn
from gonogo.records.outside import write_outside
from gonogo.records.run_folder import write_json, write_whole
from gonogo.scenarios.browser.playwright_error import Error
from gonogo.scenarios.recording.credentials import credentials_in
from gonogo.scenarios.recording.exchanges import started_s, write_exchanges
from gonogo.scenarios.recording.http import HarEntry
from gonogo.scenarios.recording.network_log import NO_ANSWER_YET, entries_in_folder, entries_in_zip
from gonogo.scenarios.recording.outside import OutsideRecorder
from gonogo.scenarios.recording.refusals import with_refusals
from gonogo.scenarios.recording.trace_file import mask_trace, secrets_typed
from gonogo.scenarios.world import Person, World
from gonogo.secrets.known import NO_SECRETS, Secrets
from gonogo.secrets.masking import Masker, is_masked

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Request, WebError

SCREENSHOT_TIMEOUT_S = 5.0
KEEPING_S = 15.0  # time limit for a browser to hand over its evidence
WORLD_FILE = "world.txt"
MAX_CONSOLE = 1_000  # messages of a person that are kept
MAX_CONSOLE_TEXT = 10_000  # characters of one
_ERRORS = ("error", "pageerror")
_SENDING = ("POST", "PUT", "PATCH")
_MAX_LEARNED = 64 * 1024  # characters of a body that is searched for cards while the scenario runs
_ONLY_LATE_S = 1.0  # a request sent so shortly before the end had no time to be answered


class EvidenceRecorder:
    """Records the people of one scenario at a time; what they see, if `outside` is given.

    `used` are the secrets that the scenario typed, sent or was given.
    """

    def __init__(self, masker: Masker, outside: OutsideRecorder | None = None) -> None:
        self.masker = masker
        self.outside = outside
        self.used: Secrets = NO_SECRETS

    def follow(self, person: Person) -> None:
        """Start recording; called when a person's browser context opens."""
        person.recording = secrets.token_hex(8)
        person.context.tracing.start(name=person.recording, title=person.name, snapshots=True, screenshots=False)
        person.page.on("crash", lambda _page: setattr(person, "crashed", True))
        person.context.on("console", lambda message: _note_console(person, message))
        person.context.on("weberror", lambda error: _note_error(person, error))
        person.context.on("request", self._learn)
        if self.outside is not None:
            self.outside.follow(person)

    def keep(self, world: World, folder: Path) -> None:
        """Write all evidence into `folder`, except what a dead browser cannot supply."""
        folder.mkdir(parents=True, exist_ok=True)
        dump = world.dump()
        ended_s = time.time()
        exchanges = [*world.http.exchanges]
        with tempfile.TemporaryDirectory(prefix="gonogo-trace-") as private:
            raw_traces: dict[str, Path] = {}
            with world.browser.bounded(KEEPING_S):
                for index, person in enumerate(world.people.values()):
                    suffix = f"-{index + 1}" if index else ""
                    if world.browser.alive:
                        with contextlib.suppress(Error):
                            person.page.screenshot(path=folder / f"screenshot{suffix}.png",
                                                   timeout=SCREENSHOT_TIMEOUT_S * 1000)
                    raw_traces[suffix] = Path(private) / f"trace{suffix}.zip"
                    exchanges += self._end_recording(person, world, raw_traces[suffix])
            masker = self._with_used(world, raw_traces.values(), exchanges)
            # exchanges first: cards in them are then masked in all other evidence
            write_exchanges(_unless_only_late(exchanges, ended_s), folder, masker, world.timeline)
            self._write_outside(world, folder, [*raw_traces.values()], masker)
            for suffix, raw in raw_traces.items():
                if raw.exists():
                    mask_trace(raw, folder / f"trace{suffix}.zip", masker)
        self._write_console(world, folder, masker)
        write_drawn(folder, world.data.drawn, masker)
        write_whole(folder / WORLD_FILE, masker.text(dump) + "\n", masker)

    def keep_exchanges(self, world: World, folder: Path) -> None:
        """Write the exchanges and drawn values of a scenario that passed; its console if it has errors or secrets."""
        exchanges = [*world.http.exchanges]
        with tempfile.TemporaryDirectory(prefix="gonogo-trace-") as private:
            raw_traces: list[Path] = []
            with world.browser.bounded(KEEPING_S):
                if self.outside is not None and world.people and world.browser.alive:
                    folder.mkdir(parents=True, exist_ok=True)
                    self.outside.picture(world, folder)
                for index, person in enumerate(world.people.values()):
                    raw = Path(private) / f"{index}.zip" if world.browser.traces is None else None
                    raw_traces += [raw] if raw else []
                    # the scenario did not need these answers, so they are not failures
                    exchanges += filterfalse(_unanswered, self._end_recording(person, world, raw))
            masker = self._with_used(world, raw_traces, exchanges)
            write_exchanges(exchanges, folder, masker, world.timeline)  # first, as in `keep`
            self._write_outside(world, folder, raw_traces, masker)
        write_drawn(folder, world.data.drawn, masker)
        if any(message["type"] in _ERRORS or is_masked(masker.text(f"{message['text']}"))
               for person in world.people.values() for message in person.console):
            self._write_console(world, folder, masker)

    def drop(self, world: World) -> None:
        """Close the people's contexts and delete all recordings that were not stored."""
        with world.browser.bounded(KEEPING_S):
            for person in world.people.values():
                if world.browser.alive:
                    with contextlib.suppress(Error):
                        person.context.close()
        if world.browser.traces is not None:
            shutil.rmtree(world.browser.traces, ignore_errors=True)

    def _learn(self, request: Request) -> None:
        """Learn the cards in a request before its answer arrives, so that later step messages are masked too."""
        if request.method in _SENDING:
            with contextlib.suppress(Error, UnicodeDecodeError):
                body = request.post_data
                if body and len(body) <= _MAX_LEARNED:
                    self.masker.body(body, request.headers.get("content-type", ""))

    def _with_used(self, world: World, raw_traces: Iterable[Path], exchanges: Iterable[HarEntry]) -> Masker:
        """A masker that also masks what was typed into secret fields in this scenario, and the credentials that it
        sent and was given; cards are learned permanently.
        """
        folder = world.browser.traces
        recorded = [folder / f"{person.recording}.trace" for person in world.people.values()] if folder else []
        typed, cards = secrets_typed([*recorded, *(raw for raw in raw_traces if raw.exists())])
        self.masker.learn(cards)
        self.used = typed | credentials_in(exchanges)
        return self.masker.extended(self.used)

    def _end_recording(self, person: Person, world: World, raw: Path | None) -> list[HarEntry]:
        """Stop recording and return the person's exchanges; write the unmasked trace to `raw`, if given.

        If the recording is on this machine, the exchanges are read from its folder: writing and reading a zip file
        costs more than all other steps. The folder also survives the death of the browser.
        """
        folder = world.browser.traces
        entries: list[HarEntry] = []
        with contextlib.suppress(Error):
            if world.browser.alive:
                person.context.tracing.stop(path=raw)
                if raw is not None and folder is None:
                    entries = entries_in_zip(raw)
        if folder is not None:
            entries = entries_in_folder(folder, person.recording)
        return [{**entry, "_person": person.name} for entry in with_refusals(entries, person.console)]

    def _write_outside(self, world: World, folder: Path, raw_traces: list[Path], masker: Masker) -> None:
        """`raw_traces` are those of the people in their order, if the recordings are on another machine."""
        if self.outside is None or not (world.people or world.http.exchanges):
            return  # nobody saw anything
        local = world.browser.traces
        traces = [local / f"{person.recording}.trace" for person in world.people.values()] if local else raw_traces
        with world.browser.bounded(KEEPING_S):
            record = self.outside.record(world.timeline, zip(world.people.values(), traces, strict=False), masker)
        write_outside(folder, record, masker)

    @staticmethod
    def _write_console(world: World, folder: Path, masker: Masker) -> None:
        messages = [{"person": person.name, **message} for person in world.people.values()
                    for message in person.console]
        if messages:
            write_json(folder / CONSOLE_FILE, messages, masker)


def _unanswered(entry: HarEntry) -> bool:
    return bool(entry["response"].get("_failureText") == NO_ANSWER_YET)


def _unless_only_late(entries: Iterable[HarEntry], ended_s: float) -> Iterator[HarEntry]:
    """Drop unanswered requests sent within the last second; give the others the time that they have waited."""
    for entry in entries:
        if not _unanswered(entry):
            yield entry
        elif (waited_s := ended_s - started_s(entry)) >= _ONLY_LATE_S:
            yield {**entry, "time": round(waited_s * 1000)}


def _note_console(person: Person, message: ConsoleMessage) -> None:
    _note(person, message.type, message.text, f"{message.location['url']}:{message.location['lineNumber'] + 1}",
          message.timestamp / 1000)


def _note_error(person: Person, error: WebError) -> None:
    page = error.page
    _note(person, "pageerror", error.error.stack or error.error.message, page.url if page else "", time.time())


def _note(person: Person, kind: str, text: str, place: str, at_s: float) -> None:
    """Add a message to the console of a person, up to the bounds."""
    if len(person.console) >= MAX_CONSOLE:
        kind, text, place = "warning", f"more than {MAX_CONSOLE:,} messages: the rest is left out", ""
    if len(person.console) <= MAX_CONSOLE:
        person.console.append({"type": kind, "text": text[:MAX_CONSOLE_TEXT], "at": place[:MAX_CONSOLE_TEXT],
                               "at_s": at_s})
