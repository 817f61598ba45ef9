"""The state of a worker across its scenarios: the environment, its browser, its recorder.

Of behave's objects it uses only the scenario that begins.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from behave.model import Scenario

from gonogo.config import Environment, RunPlan
from gonogo.config.features import read_feature
from gonogo.core.network import use_proxy
from gonogo.environment.request_guard import GUARD, install
from gonogo.model.identity import ScenarioId
from gonogo.model.reach import Refusal
from gonogo.records.spans import SPANS_FILE, append_spans
from gonogo.scenarios.browser.sign_in import SignInStates
from gonogo.scenarios.browser.trace_context import FirstParty, TraceContext
from gonogo.scenarios.browser.worker_browser import WorkerBrowser
from gonogo.scenarios.drawing.draw import Draw
from gonogo.scenarios.recording.http import RecordedHttp
from gonogo.scenarios.recording.outside import OutsideRecorder
from gonogo.scenarios.recording.own_spans import own_spans
from gonogo.scenarios.recording.recorder import EvidenceRecorder
from gonogo.scenarios.recording.scenario_folder import scenario_folder
from gonogo.scenarios.recording.vitals import VitalsRecorder
from gonogo.scenarios.running.settings import EVIDENCE, PRIVATE, UNDER_LOAD, plan_of
from gonogo.scenarios.world import Person, World
from gonogo.secrets.known import NO_SECRETS
from gonogo.secrets.masking import masker_for

SuiteFactory = Callable[[], Any]


class PlannedAttempt(NamedTuple):
    """An attempt as the runner planned it: the scenario, the number of the attempt, the round."""

    scenario: ScenarioId
    number: int = 1
    round: int = 1


class Running(NamedTuple):
    """The running scenario, as behave describes it."""

    feature: str
    uri: str
    line: int
    name: str

    @classmethod
    def of(cls, scenario: Scenario) -> Running:
        return cls(scenario.feature.name if scenario.feature else "", Path(scenario.filename).as_posix(),
                   scenario.line, scenario.name)


@dataclass
class Session:
    """One worker's part of a run; `begin` and `end` enclose each scenario."""

    plan: RunPlan
    root: Path
    evidence: Path
    suite: SuiteFactory
    states: SignInStates
    browser: WorkerBrowser
    recorder: EvidenceRecorder
    own_folder: tempfile.TemporaryDirectory[str] | None
    vitals: VitalsRecorder | None = None  # only under load
    world: World | None = field(default=None, init=False)
    running: Running | None = field(default=None, init=False)
    browser_lost: bool = field(default=False, init=False)
    planned: PlannedAttempt | None = field(default=None, init=False)
    trace_id: str = field(default="", init=False)  # of the scenario that began last

    @classmethod
    def open(cls, userdata: Mapping[str, str], root: Path, suite: SuiteFactory, plan: RunPlan | None) -> Session:
        """A session of the suite in `root`, for the environment of `plan`, by default for that in `userdata`."""
        plan = plan or plan_of(userdata, root, os.environ)
        environment = plan.environment
        use_proxy(os.environ, *environment.proxy_settings)
        guard = install(plan.reach)
        own = None if PRIVATE in userdata else tempfile.TemporaryDirectory(prefix="gonogo-")
        private = Path(own.name if own else userdata[PRIVATE])
        masker, first_party = masker_for(environment, os.environ), FirstParty.of(environment)
        return cls(plan, root, Path(userdata.get(EVIDENCE) or private / "behaviour"), suite,
                   SignInStates(private),
                   WorkerBrowser(environment.browser, environment.url, os.environ, private / f"traces-{os.getpid()}",
                                 guard),
                   EvidenceRecorder(masker, OutsideRecorder() if environment.evidence.outside
                                    and UNDER_LOAD not in os.environ else None), own,
                   VitalsRecorder(masker, first_party) if UNDER_LOAD in os.environ else None)

    @property
    def environment(self) -> Environment:
        return self.plan.environment

    def dump(self) -> str:
        """The shared state of the running scenario as text, secrets masked."""
        return self.recorder.masker.text(self.world.dump()) if self.world else ""

    def begin(self, running: Running) -> World:
        self.browser_lost = self.browser.unavailable = False
        self.running = running
        if self.recorder.outside is not None:
            self.recorder.outside = OutsideRecorder()
        trace = (TraceContext(FirstParty.of(self.environment), self.plan.trace_ids.new())
                 if self.environment.evidence.trace_context else None)
        self.trace_id = trace.trace_id if trace else ""
        self.recorder.used = NO_SECRETS
        self.world = World(self.plan.environment_name, self.environment, self.root,
                           RecordedHttp(self.environment.browser.timeout_s, trace), self.states, self.browser,
                           self._follow, trace, suite=self.suite(), release=self.plan.release,
                           data=Draw((self.planned or _unplanned(running)).scenario.key))
        return self.world

    def step_ended(self) -> None:
        """Record what people see at the end of a step."""
        if self.world is not None and self.recorder.outside is not None:
            self.recorder.outside.step_ended(self.world)

    def _follow(self, person: Person) -> None:
        self.recorder.follow(person)
        if self.vitals is not None:
            self.vitals.follow(person)

    def end(self, *, passed: bool) -> None:
        """End the running scenario: store its exchanges, and if it did not pass, all other evidence.

        Under load, where it runs many times, its exchanges too are stored only if it did not pass.
        """
        world, self.world = self.world, None
        if world is None or self.running is None:
            return
        if self.browser.unguarded:
            GUARD.refuse("requests of the browser", Refusal.UNCHECKED)
        running, planned = self.running, self.planned or _unplanned(self.running)
        folder = scenario_folder(self.evidence, planned.scenario, running.feature, planned.number,
                                 of_round=planned.round)
        if self.vitals is not None:
            self.vitals.keep(world, folder, planned.scenario.key)
        if not passed:
            self.browser_lost = (self.browser.unavailable or world.crashed
                                 or (bool(world.people) and not self.browser.alive))
            self.recorder.keep(world, folder)
        elif self.environment.evidence.exchanges == "always" and self.vitals is None:
            self.recorder.keep_exchanges(world, folder)
        self.recorder.drop(world)
        world.http.close()
        if world.trace is not None:
            append_spans(self.evidence / SPANS_FILE, own_spans(
                world.trace, world.timeline, name=running.name, scenario=planned.scenario.key,
                attempt=planned.number, passed=passed, masker=self.recorder.masker), self.recorder.masker)

    def close(self) -> None:
        self.browser.close()
        if self.own_folder is not None:
            self.own_folder.cleanup()


def _unplanned(running: Running) -> PlannedAttempt:
    """For a scenario that a runner other than gonogo's runs with gonogo's hooks."""
    return PlannedAttempt(_ids_by_line(running.uri).get(running.line, ScenarioId(running.uri, "", running.name)))


@cache
def _ids_by_line(uri: str) -> dict[int, ScenarioId]:
    return {each.line: each.id for each in read_feature(Path(uri), uri)}
