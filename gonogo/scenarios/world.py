"""The state that a scenario's steps share: `context.world`, its people, and the suite's own object.

Only steps and hooks access `context`. All state that steps share is a field here, and is dumped when
the scenario fails. `recorder` records the browser.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gonogo.config.model import Environment, Release
from gonogo.model.drawn import DrawnValue
from gonogo.records.drawn import bounded
from gonogo.scenarios.browser.sign_in import SignInStates
from gonogo.scenarios.browser.trace_context import TraceContext
from gonogo.scenarios.browser.worker_browser import WorkerBrowser
from gonogo.scenarios.drawing.draw import Draw
from gonogo.scenarios.recording.http import RecordedHttp
from gonogo.scenarios.recording.timeline import Timeline
from gonogo.secrets.masking import learned_cards
from gonogo.secrets.names import CARD, kind_of_name

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page


@dataclass
class Person:
    """A person in a scenario, with a separate browser context: cookies, language and clock.

    `on_use` is called whenever steps ask for the page: they may be about to change what it shows.
    """

    name: str
    context: BrowserContext
    first_page: Page
    locale: str
    timezone: str
    console: list[dict[str, Any]] = field(default_factory=list)
    crashed: bool = False
    recording: str = ""  # the name of the Playwright trace that is being recorded
    on_use: Callable[[], object] = lambda: None

    @property
    def page(self) -> Page:
        self.on_use()
        return self.first_page


@dataclass
class World:
    """The scenario's shared state.

    `suite` is an object of the type that the suite passes to `hooks.before_all(context, suite=…)`, new
    for each scenario. `data` draws the values that are not the point of a rule: the same in each run of the scenario.
    """

    environment_name: str
    environment: Environment
    root: Path
    http: RecordedHttp
    states: SignInStates
    browser: WorkerBrowser
    on_person_opened: Callable[[Person], None]
    trace: TraceContext | None = None
    timeline: Timeline = field(default_factory=Timeline)
    suite: Any = None
    release: Release | None = None
    people: dict[str, Person] = field(default_factory=dict)
    data: Draw = field(default_factory=lambda: Draw(""))

    def person(self, name: str, *, locale: str | None = None, timezone: str | None = None,
               storage_state: str | None = None) -> Person:
        """The person `name`; the first call opens a browser context and a page.

        `storage_state` is the path of a state in `states`, for a person who is signed in.
        """
        if name not in self.people:
            settings = self.environment.browser
            locale, timezone = locale or settings.locale, timezone or settings.timezone
            context = self.browser.new_context(locale, timezone, storage_state, self.trace)
            person = Person(name, context, context.new_page(), locale, timezone)
            self.people[name] = person
            self.on_person_opened(person)
        return self.people[name]

    @property
    def crashed(self) -> bool:
        return any(person.crashed for person in self.people.values())

    def dump(self) -> str:
        """All shared values, one on each line, as evidence of a failure."""
        lines = [f"environment: {self.environment_name} ({self.environment.url})"]
        lines += [f"{person.name}: {person.locale}, {person.timezone}, at {person.page.url}"
                  for person in self.people.values()]
        if dataclasses.is_dataclass(self.suite):
            lines += [f"{each.name}: {getattr(self.suite, each.name)!r}" for each in dataclasses.fields(self.suite)]
        elif self.suite is not None:
            lines += [f"{name}: {value!r}" for name, value in vars(self.suite).items()]
        lines += self._drawn_lines()
        return "\n".join(lines)

    def _drawn_lines(self) -> Iterator[str]:
        drawn = bounded(self.data.drawn)
        for each in drawn.values:
            new = f" (new in each attempt: {each.unique})" if each.unique else ""
            secret = _kind_of_secret(each)
            yield f"drawn: {each.name}: " + (f"({secret})" if secret else f"{each.value!r}{new}")
        if drawn.left_out:
            yield f"drawn: {drawn.left_out} more values, too many or too long to be listed"


def _kind_of_secret(drawn: DrawnValue) -> str | None:
    """By its name; of what is on a card, the number alone is secret."""
    kind = kind_of_name(drawn.name)
    return kind if kind != CARD or len(learned_cards([drawn.value])) else None
