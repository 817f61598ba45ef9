"""Records what people see: the pages at the end of each step that touched them, downloads, and what they put in.

A page is recorded as Playwright's ARIA snapshot: what screen readers find in it. `recorder` stores the record.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.core.text import printable_lines
from gonogo.model.outside import Download, Input, OutsideRecord, PageView, StepTiming
from gonogo.records.bodies import bounded, is_text
from gonogo.scenarios.browser.playwright_error import Error
from gonogo.scenarios.recording.timeline import Timeline
from gonogo.scenarios.recording.trace_file import trace_lines
from gonogo.scenarios.world import Person, World
from gonogo.secrets.masking import Masker
from gonogo.secrets.names import kind_of_selector

if TYPE_CHECKING:
    from playwright.sync_api import Download as BrowserDownload
    from playwright.sync_api import Page, Request

MAX_VIEWS = 300  # of a scenario
MAX_TREE_BYTES = 64 * 1024  # of one page
MAX_DOWNLOADS = 20
MAX_INPUTS = 1_000
_MAX_NAME = 200
_SNAPSHOT_TIMEOUT_S = 1.0
_STEP_S = 5.0  # time limit for all pages of a step
# what keeps a connection open says nothing about a page that is not complete
_ENDLESS = ("eventsource", "websocket", "media", "ping")
_VALUES = {"fill": "value", "type": "text", "selectOption": "options", "pressSequentially": "text"}
_ACTIONS = (*_VALUES, "click", "dblclick", "tap", "press", "check", "uncheck", "goto", "reload", "goBack", "goForward",
            "dispatchEvent", "dragTo", "setInputFiles", "keyboardPress", "keyboardType", "mouseClick")
# what waits for a state of the page
_WAITS = ("expect", "waitForSelector", "waitForFunction", "waitForLoadState", "textContent", "innerText", "inputValue",
          "getAttribute")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')


class OutsideRecorder:
    """Records one scenario, up to the bounds."""

    def __init__(self) -> None:
        self._views: list[PageView] = []
        self._downloads: list[tuple[str, int, BrowserDownload]] = []
        self._pending: dict[str, set[Request]] = {}
        self._touched: set[str] = set()
        self._step = 0
        self._cut = False

    def follow(self, person: Person) -> None:
        """Start recording; called when a person's browser context opens."""
        pending = self._pending[person.name] = set()
        context = person.context

        def began(request: Request) -> None:
            self._touched.add(person.name)
            if request.resource_type not in _ENDLESS:
                pending.add(request)

        def ended(request: Request) -> None:
            pending.discard(request)

        context.on("request", began)
        context.on("requestfinished", ended)
        context.on("requestfailed", ended)
        person.page.on("download", lambda download: self._note_download(person, download))
        context.on("page", lambda page: page.on("download", lambda download: self._note_download(person, download)))
        person.on_use = lambda: self._touched.add(person.name)
        self._touched.add(person.name)

    def step_ended(self, world: World) -> None:
        """Record the pages of the people whom the step that has just ended had something to do with."""
        steps = world.timeline.steps
        self._step = steps[-1].index + 1 if steps else 0
        touched, self._touched = self._touched, set()
        if not touched or not world.browser.alive:
            return
        with world.browser.bounded(_STEP_S):
            for person in (world.people[name] for name in sorted(touched) if name in world.people):
                for window, page in enumerate(_pages_of(person), 1):
                    self._view(person, page, window, self._step - 1)

    def picture(self, world: World, folder: Path) -> None:
        """Write a picture of each person's last page, for those who approve a difference."""
        for number, person in enumerate(world.people.values(), 1):
            with contextlib.suppress(Error):  # it is closed, or does not answer
                path = folder / f"last-page{f'-{number}' if number > 1 else ''}.png"
                person.first_page.screenshot(path=path, timeout=_SNAPSHOT_TIMEOUT_S * 1000)

    def record(self, timeline: Timeline, traces: Iterable[tuple[Person, Path]], masker: Masker) -> OutsideRecord:
        """The masked record of the scenario; `traces` are the people with their Playwright traces."""
        traced = list(traces)
        actions = [action for person, trace in traced for action in _actions_of(person.name, trace)]
        steps = tuple(_timings(timeline, actions, masker))
        waited = _waited(timeline, actions)
        inputs = [Input(action.person, step.index if step else 0, action.field, value)
                  for action in actions if (value := _value(action, masker)) and action.field
                  for step in [timeline.step_at(action.started_s)]]
        return OutsideRecord(
            steps, tuple(_masked(view, masker, settled=(view.person, view.step) in waited) for view in self._views),
            tuple(_download(*each, masker) for each in self._downloads[:MAX_DOWNLOADS]), tuple(inputs[:MAX_INPUTS]),
            tuple(dict.fromkeys(person.locale for person, _ in traced)),
            self._cut or len(inputs) > MAX_INPUTS or len(self._downloads) > MAX_DOWNLOADS)

    def _view(self, person: Person, page: Page, window: int, step: int) -> None:
        if len(self._views) >= MAX_VIEWS:
            self._cut = True
            return
        with contextlib.suppress(Error):  # it is closed or navigates: there is nothing to see
            if page.url.startswith(("http:", "https:")):
                tree, cut = bounded(page.locator("body").aria_snapshot(timeout=_SNAPSHOT_TIMEOUT_S * 1000))
                self._cut |= cut
                self._views.append(PageView(person.name, step, page.url, page.title(), tree, window,
                                            not self._pending[person.name]))

    def _note_download(self, person: Person, download: BrowserDownload) -> None:
        self._touched.add(person.name)
        if len(self._downloads) <= MAX_DOWNLOADS:
            self._downloads.append((person.name, self._step, download))


class _Action(NamedTuple):
    """An action on a page, from a Playwright trace; `field` is the name of what it was done to, "" if unknown."""

    person: str
    started_s: float
    method: str
    field: str
    selector: str
    value: str


def _pages_of(person: Person) -> list[Page]:
    return [page for page in person.context.pages if not page.is_closed()]


def _actions_of(person: str, trace: Path) -> Iterator[_Action]:
    """The actions in a trace that is being recorded, or has been. A line that is not complete is left out."""
    offset_s = 0.0
    for line in trace_lines(trace):
        if not line.startswith((b'{"type":"before"', b'{"version"', b'{"type":"context-options"')):
            continue
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if event.get("type") == "context-options":
            offset_s = float(event.get("wallTime", 0)) / 1000 - float(event.get("monotonicTime", 0)) / 1000
        elif event.get("method") in _ACTIONS or event.get("method") in _WAITS:
            params = event.get("params") or {}
            selector = str(params.get("selector", ""))
            yield _Action(person, offset_s + float(event.get("startTime", 0)) / 1000, event["method"],
                          field_of(selector), selector, _value_of(event["method"], params))


def _value_of(method: str, params: dict[str, object]) -> str:
    value = params.get(_VALUES.get(method, ""))
    if isinstance(value, list):
        return ", ".join(str(next(iter(each.values()), "")) for each in value if isinstance(each, dict))
    return value if isinstance(value, str) else ""


def field_of(selector: str) -> str:
    """The name of a field, by its selector: its label, role's name or placeholder, else the selector's last part."""
    quoted = [each.replace('\\"', '"') for each in _QUOTED.findall(selector)]
    name = quoted[-1] if quoted else re.sub(r"^internal:\S+?=", "", selector.rpartition(" >> ")[2])
    return name[:_MAX_NAME]


def _value(action: _Action, masker: Masker) -> str:
    """The value that was put in, masked as the kind of its field demands."""
    kind = kind_of_selector(action.selector)
    masked = masker.mask_if_secret(action.value, kind) if kind else None
    return masked or masker.text(action.value)


def _timings(timeline: Timeline, actions: Iterable[_Action], masker: Masker) -> Iterator[StepTiming]:
    last: dict[int, float] = {}
    for action in actions:
        step = timeline.step_at(action.started_s)
        if step is not None and action.method in _ACTIONS:
            last[step.index] = max(action.started_s, last.get(step.index, 0.0))
    for step in timeline:
        if step.ended_s is not None:
            yield StepTiming(step.index, masker.text(step.text), step.started_s, step.ended_s, last.get(step.index))


def _waited(timeline: Timeline, actions: Sequence[_Action]) -> set[tuple[str, int]]:
    """(person, step) of those that did nothing to a page, or waited for its state after that.

    Elsewhere the step ended before the page could show what the action led to.
    """
    last: dict[tuple[str, int], str] = {}
    for action in sorted(actions, key=lambda each: each.started_s):
        step = timeline.step_at(action.started_s)
        if step is not None:
            last[action.person, step.index] = action.method
    people = {action.person for action in actions}
    everywhere = {(person, step.index) for person in people for step in timeline}
    return {key for key in everywhere if last.get(key, "expect") in _WAITS}


def _masked(view: PageView, masker: Masker, *, settled: bool) -> PageView:
    return PageView(view.person, view.step, masker.url(view.url), printable_lines(masker.text(view.title)),
                    printable_lines(masker.text(view.tree)), view.window,
                    view.settled and settled)


def _download(person: str, step: int, download: BrowserDownload, masker: Masker) -> Download:
    """A download with its text, if it is text and has arrived."""
    text: str | None = None
    with contextlib.suppress(Error, OSError):
        path = download.path()
        raw = path.read_bytes()[:MAX_TREE_BYTES]
        text = printable_lines(masker.text(raw.decode("utf-8"))) if is_text(_mime(download)) is not False else None
    return Download(person, step, masker.text(download.suggested_filename)[:_MAX_NAME], _mime(download), text)


def _mime(download: BrowserDownload) -> str:
    import mimetypes  # noqa: PLC0415  reads files at import; only downloads need it

    return mimetypes.guess_type(download.suggested_filename)[0] or ""
