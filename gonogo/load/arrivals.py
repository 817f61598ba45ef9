"""Open arrivals: visits begin at the times that `timetable` gives, however slow the system is.

Locust runs one user in each process, whose only task lasts as long as the run.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate, islice
from typing import ClassVar

import gevent
from gevent.pool import Group
from locust import User, task
from locust.env import Environment
from locust.exception import InterruptTaskSet, RescheduleTask, StopUser

from gonogo.config import Arrivals
from gonogo.load.persona import Persona
from gonogo.load.timetable import Visit, timetable
from gonogo.model.load import Arrived

_CHECK_EVERY_S = 0.1  # whether the run is ending

Personas = Mapping[type[Persona], int]


@dataclass(slots=True)
class Dispatcher:
    """Starts one process's share of the visits: every `share`-th of the timetable, from its `index`-th on.

    `begin` is called when the timetable starts; while `ending()` is true, no further visit begins.
    """

    arrivals: Arrivals
    duration_s: float
    personas: Personas
    ending: Callable[[], bool]
    begin: Callable[[], None]
    index: int = 0
    share: int = 1
    _due: int = 0
    _started: int = 0
    _dropped: int = 0
    _last_active: float = 0.0  # the last moment at which the run was not ending
    _under_way: Group = field(default_factory=Group)
    _idle: dict[type[Persona], list[Persona]] = field(default_factory=dict)

    @property
    def arrived(self) -> Arrived:
        return Arrived(self._due, self._started, self._dropped)

    @property
    def under_way(self) -> int:
        return len(self._under_way)

    def run(self, environment: Environment) -> None:
        """Return when the run is ending and each visit is over; if killed, kill the visits under way."""
        for persona in self.personas:
            persona.host = environment.host  # Locust sets it only for the users that it starts itself
        self.begin()
        started = time.perf_counter()
        try:
            visits = self._own_visits()
            for visit in visits:
                if not self._wait_until(started + visit.due_s):
                    break
                self._due += 1
                self._start(visit, (time.perf_counter() - started - visit.due_s) * 1000, environment)
            self._wait_until(math.inf)  # where the rate has dropped to 0
            self._due += sum(1 for _ in self._overdue(visits, self._last_active - started))
            self._under_way.join()
        finally:
            self._under_way.kill()

    def _wait_until(self, moment: float) -> bool:
        """False as soon as the run is ending."""
        while not self.ending():
            self._last_active = time.perf_counter()
            left_s = moment - self._last_active
            gevent.sleep(min(max(left_s, 0.0), _CHECK_EVERY_S))
            if left_s <= _CHECK_EVERY_S:
                return not self.ending()
        return False

    def _own_visits(self) -> Iterator[Visit]:
        return islice(timetable(self.arrivals, self.duration_s), self.index, None, self.share)

    @staticmethod
    def _overdue(visits: Iterator[Visit], until_s: float) -> Iterator[Visit]:
        """Visits due before `until_s` that this process did not start in time."""
        for visit in visits:
            if visit.due_s > until_s:
                return
            yield visit

    def _start(self, visit: Visit, late_ms: float, environment: Environment) -> None:
        if self.under_way >= max(1, self.arrivals.most_at_once // self.share):
            self._dropped += 1
            return
        self._started += 1
        self._under_way.spawn(self._run_visit, _persona_of(visit.draw, self.personas), late_ms, environment)

    def _run_visit(self, persona: type[Persona], late_ms: float, environment: Environment) -> None:
        idle = self._idle.setdefault(persona, [])
        visitor = idle.pop() if idle else persona(environment)
        visitor.arrive(late_ms)
        try:
            visitor.visit()
        except (StopUser, InterruptTaskSet, RescheduleTask):
            pass
        except Exception as error:  # noqa: BLE001  reports any error of a persona's own code, as Locust does
            environment.events.user_error.fire(user_instance=visitor, exception=error, tb=error.__traceback__)
        idle.append(visitor)


def _persona_of(draw: float, personas: Personas) -> type[Persona]:
    bounds = list(accumulate(personas.values()))
    point = draw * bounds[-1]
    return next(persona for persona, bound in zip(personas, bounds, strict=True) if point < bound)


class ArrivalsUser(User):
    """The one Locust user of a process: it runs the dispatcher, which is set before the user starts."""

    abstract = True
    dispatcher: ClassVar[Dispatcher | None] = None

    @task
    def run_visits(self) -> None:
        dispatcher = type(self).dispatcher
        if dispatcher is None:
            raise StopUser
        dispatcher.run(self.environment)
        raise StopUser
