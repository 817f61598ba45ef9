"""The load stage: runs the environment's profiles one after the other."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.config import LoadProfile
from gonogo.config.load_model import Load
from gonogo.core.errors import ConfigError
from gonogo.core.extras import require_extra
from gonogo.model.baseline import Baseline
from gonogo.model.load import LoadEvidence
from gonogo.model.stages import JudgedStage, LoadResults, ProcessEnd, StageEvidence, StageResult
from gonogo.stages.behaviour.stage import BehaviourStage
from gonogo.stages.load.tagged import UNDER_LOAD_TAG, journeys_in
from gonogo.stages.stage import Policy, Run, Setup, Stage

if TYPE_CHECKING:
    from gonogo.stages.load.journeys import JourneysUnderLoad
    from gonogo.stages.load.profile import ProfileChild


class LoadStage(Stage):
    """Load by Locust; skipped if scenarios already block the release."""

    name = "load"
    extra = "load"
    skipped_when_stopped = True

    def __init__(self) -> None:
        self._profiles: list[ProfileChild] = []

    def check(self, setup: Setup) -> None:
        load = setup.environment.load
        if self.name in setup.environment.stages:
            if load is None or not load.run:
                raise ConfigError(f"The {self.name} stage is in `stages`, but `load: run:` has no profile.",
                                  where=setup.where("stages"),
                                  fix="list profiles under `load: run:`, or remove `load` from `stages`.")
            _refuse_more_than_permitted(load, setup)
            _refuse_missing_journeys(load, setup)

    def check_files(self, setup: Setup) -> None:
        require_extra(self.extra, f"The {self.name} stage")
        load = setup.environment.load
        if load is None:
            return
        from gonogo.stages.load.check import check_profiles  # noqa: PLC0415  processes, where files are there to check
        from gonogo.stages.suite_check import check_suite  # noqa: PLC0415

        check_profiles(setup.plan, load.run, root=setup.root, environ=setup.environ)
        if any(load.profiles[name].journeys for name in load.run):
            check_suite(setup.plan, [BehaviourStage.name], root=setup.root, environ=setup.environ,
                        tags=[f"@{UNDER_LOAD_TAG}"])

    @contextmanager
    def prepare(self, run: Run) -> Iterator[None]:
        """Prepare the first profile while the stage before runs."""
        from gonogo.stages.load.profile import ProfileChild  # noqa: PLC0415  processes, which a run alone needs

        load = run.environment.load
        self._profiles = [ProfileChild(self.name, name, load.profiles[name], run) for name in load.run] if load else []
        with self._profiles[0] if self._profiles else nullcontext():
            yield

    def run(self, run: Run) -> StageResult:
        """Run one profile after the other; later ones are prepared when it is their turn."""
        began_s = time.time()
        left: list[LoadEvidence] = []
        ends: list[ProcessEnd] = []
        for number, child in enumerate(self._profiles):
            with child if number else nullcontext():
                end, found = child.run(self._journeys(child.name, child.profile, run))
            ends.append(end)
            left.append(found)
        return StageResult(
            len(self._profiles), sum(bool(found.requests) for found in left), LoadResults(tuple(left)), tuple(ends),
            sum(end.duration_s for end in ends), load_window=(began_s, time.time()))

    def kept(self, evidence: StageEvidence) -> dict[str, object]:
        from gonogo.records.evidence_parts import load_part  # noqa: PLC0415  after a run

        return load_part(evidence.profiles) if isinstance(evidence, LoadResults) else {}

    def reread(self, run_folder: Path, kept: Mapping[str, object]) -> StageEvidence:
        from gonogo.records.evidence_parts import reread_load  # noqa: PLC0415  after a run

        return LoadResults(reread_load(run_folder, self.name, kept))

    def judge(self, result: StageResult, policy: Policy, baseline: Baseline | None) -> JudgedStage:
        from gonogo.verdict.load.stage import judge_profiles  # noqa: PLC0415  SciPy, which the core does without

        load, evidence = policy.environment.load, result.evidence
        if load is None or not isinstance(evidence, LoadResults):
            return JudgedStage()
        return judge_profiles(evidence.profiles, load, baseline, result.duration_s)

    def _journeys(self, name: str, profile: LoadProfile, run: Run) -> JourneysUnderLoad | None:
        from gonogo.stages.load.journeys import JourneysUnderLoad  # noqa: PLC0415  as above

        return JourneysUnderLoad(self.name, name, profile, run) if profile.journeys else None


def _refuse_more_than_permitted(load: Load, setup: Setup) -> None:
    permitted = setup.environment.permits.load_users
    for name in load.run:
        profile = load.profiles[name]
        if profile.most_at_once > permitted:
            keys = ("arrivals", "most_at_once") if profile.arrivals else ("users",)
            raise ConfigError(
                f"The load profile '{name}' may have {profile.most_at_once} users at once; this environment permits "
                f"{permitted}.", where=setup.where("load", "profiles", name, *keys),
                fix=f"lower {keys[-1]}, or raise `permits: load_users:` after agreement with the environment's owner.")


def _refuse_missing_journeys(load: Load, setup: Setup) -> None:
    """Refuse a profile with `journeys` if no scenario has the tag."""
    with_journeys = [profile for profile in load.run if load.profiles[profile].journeys]
    if with_journeys and not journeys_in(setup.root):
        raise ConfigError(
            f"The load profile '{with_journeys[0]}' has `journeys`, but no scenario has the tag @{UNDER_LOAD_TAG}.",
            where=setup.where("load", "profiles", with_journeys[0], "journeys"),
            fix=f"tag the critical scenarios in features/ with @{UNDER_LOAD_TAG}, or remove `journeys`.")
