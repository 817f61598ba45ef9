"""What is kept of a scenario that did not pass: screenshots, Playwright traces, exchanges, console, shared state.

Every scenario is traced without screenshots, which costs little (docs/decisions/tracing.md), and the
recording is thrown away when it passes. What is kept is masked on its way to the disk.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Error, WebError

from gonogo.behave_plugin.http import HarEntry
from gonogo.behave_plugin.trace_file import exchanges_of, redact_exchange, redact_trace
from gonogo.behave_plugin.world import Person, World
from gonogo.evidence.redaction import Redactor

SCREENSHOT_TIMEOUT_S = 5.0
KEEPING_S = 15.0  # all that a browser may take to hand over its evidence


class Recorder:
    """Records the people of one scenario at a time."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor

    def redacted(self, text: str) -> str:
        return self._redactor.text(text)

    def follow(self, person: Person) -> None:
        """Begin to record; called when a person's browser context opens."""
        person.context.tracing.start(title=person.name, snapshots=True, screenshots=False)
        person.page.on("crash", lambda _page: setattr(person, "crashed", True))
        person.context.on("console", lambda message: _note_console(person, message))
        person.context.on("weberror", lambda error: _note_error(person, error))

    def keep(self, world: World, folder: Path) -> None:
        """Write what was recorded into `folder`; what a dead or dying browser cannot give is left out."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "world.txt").write_text(self.redacted(world.dump()) + "\n", encoding="utf-8")
        exchanges = [*world.http.exchanges]
        with world.browser.bounded(KEEPING_S):
            for index, person in enumerate(world.people.values()):
                suffix = f"-{index + 1}" if index else ""
                if world.browser.alive:
                    with contextlib.suppress(Error):
                        person.page.screenshot(path=folder / f"screenshot{suffix}.png",
                                               timeout=SCREENSHOT_TIMEOUT_S * 1000)
                    with contextlib.suppress(Error):
                        exchanges += self._keep_trace(person, folder / f"trace{suffix}.zip")
        self._write_exchanges(exchanges, folder)
        self._write_console(world, folder)

    def drop(self, world: World) -> None:
        """End the people's contexts, and with them what was recorded and not kept."""
        with world.browser.bounded(KEEPING_S):
            for person in world.people.values():
                if world.browser.alive:
                    with contextlib.suppress(Error):
                        person.context.close()

    def _keep_trace(self, person: Person, path: Path) -> list[HarEntry]:
        with tempfile.TemporaryDirectory(prefix="gonogo-trace-") as private:
            raw = Path(private) / "trace.zip"
            person.context.tracing.stop(path=raw)
            redact_trace(raw, path, self._redactor)
            return [{**entry, "_person": person.name} for entry in exchanges_of(raw)]

    def _write_exchanges(self, exchanges: list[HarEntry], folder: Path) -> None:
        if not exchanges:
            return
        exchanges.sort(key=lambda entry: str(entry["startedDateTime"]))
        har = {"log": {"version": "1.2", "creator": {"name": "gonogo", "version": "1"},
                       "entries": [redact_exchange(entry, self._redactor) for entry in exchanges]}}
        (folder / "exchanges.har").write_text(json.dumps(har, indent=1, ensure_ascii=False), encoding="utf-8")

    def _write_console(self, world: World, folder: Path) -> None:
        messages = [{"person": person.name, **message, "text": self._redactor.text(message["text"])}
                    for person in world.people.values() for message in person.console]
        if messages:
            (folder / "console.json").write_text(json.dumps(messages, indent=1, ensure_ascii=False),
                                                 encoding="utf-8")


def _note_console(person: Person, message: ConsoleMessage) -> None:
    person.console.append({"type": message.type, "text": message.text,
                           "at": f"{message.location['url']}:{message.location['lineNumber'] + 1}"})


def _note_error(person: Person, error: WebError) -> None:
    page = error.page
    person.console.append({"type": "pageerror", "text": error.error.stack or error.error.message,
                           "at": page.url if page else ""})
