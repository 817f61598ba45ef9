"""Requests that no scenario sends: sent by a child process, of which only the record counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.core.errors import ConfigError
from gonogo.core.extras import require_extra
from gonogo.stages.stage import Memory, Policy, Run, Setup, Stage

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gonogo.model.baseline import Baseline
    from gonogo.model.stages import JudgedStage, StageEvidence, StageResult


class ProbeStage(Stage):
    """Valid and awkward requests to the front API, whose answers must be of the class that they had in the baseline."""

    name = "probe"
    extra = "probe"
    skipped_when_stopped = True

    def check(self, setup: Setup) -> None:
        environment = setup.environment
        if self.name not in environment.stages:
            return
        if not environment.permits.writes:
            raise ConfigError(f"The {self.name} stage sends requests that write, which this environment does not "
                              "permit.", where=setup.where("stages"),
                              fix=f"set `permits: {{writes: true}}`, or remove `{self.name}` from `stages`.")
        from gonogo.stages.probe.front import front_documents  # noqa: PLC0415  as `check` of few environments needs it

        if not front_documents(environment):
            raise ConfigError(f"The {self.name} stage has no OpenAPI document: no service at `url` names one.",
                              where=setup.where("services"),
                              fix="list the component at `url` under `services`, with `openapi: PATH`, or remove "
                                  f"`{self.name}` from `stages`.")

    def check_files(self, setup: Setup) -> None:
        require_extra(self.extra, f"The {self.name} stage")
        named = setup.environment.probe.sign_in
        if named is not None:
            from gonogo.stages.probe.sign_in import check_sign_in  # noqa: PLC0415  as above

            check_sign_in(named, setup.root, setup.where(self.name, "sign_in"))

    def run(self, run: Run) -> StageResult:
        from gonogo.stages.probe.child import send_requests  # noqa: PLC0415  processes, which a run alone needs

        return send_requests(self.name, run)

    def kept(self, evidence: StageEvidence) -> dict[str, object]:
        return {}  # the record is all that there is

    def reread(self, run_folder: Path, kept: Mapping[str, object]) -> StageEvidence:
        from gonogo.records.probe import REQUESTS_FILE, read_probe  # noqa: PLC0415  after a run

        return read_probe(run_folder / self.name / REQUESTS_FILE)

    def judge(self, result: StageResult, policy: Policy, baseline: Baseline | None) -> JudgedStage:
        from gonogo.stages.probe.judge import judge_result  # noqa: PLC0415  rules, after a run

        return judge_result(result, policy, baseline)

    def remember(self, result: StageResult, policy: Policy, baseline: Baseline | None) -> Memory:
        from gonogo.stages.probe.memory import memory_of  # noqa: PLC0415  as above

        return memory_of(result, policy, baseline)
