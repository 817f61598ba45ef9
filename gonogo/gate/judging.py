"""Makes the verdict on a run: each stage judges its own result, then the rules for all stages apply."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from gonogo.config import Environment
from gonogo.gate.extensions import Extension
from gonogo.gate.guard import Guard
from gonogo.model.exceptions import RuleException
from gonogo.model.findings import Finding
from gonogo.model.run import RunEvidence
from gonogo.model.stages import JudgedStage
from gonogo.model.suspects import Clue
from gonogo.model.verdict import Verdict
from gonogo.stages.stage import Memory, Policy, Stage
from gonogo.verdict.blame.clues import ClueSource
from gonogo.verdict.blame.scene import Scene
from gonogo.verdict.judge import judge


@dataclass(frozen=True, slots=True)
class Judges:
    """The parts of a verdict: the stages of the run by name, the clue sources and the exceptions."""

    stages: Mapping[str, Extension[Stage]]
    clues: Mapping[str, Extension[ClueSource]]
    guard: Guard
    exceptions: tuple[RuleException, ...] = ()

    def judge(self, evidence: RunEvidence, environment: Environment) -> Verdict:
        """Return the verdict, with a finding for each plug-in that has failed, including during this call."""
        policy = _policy(evidence, environment)
        judged = {name: stage for name in evidence.stages if (stage := self._judge_stage(name, evidence, policy))}
        sources = [self._guarded(source) for source in self.clues.values()]
        verdict = judge(self._with_faults(evidence), environment, judged, sources, self.exceptions)
        if len(verdict_faults(verdict)) < len(self.guard.faults):  # a clue source failed during the call
            verdict = judge(self._with_faults(evidence), environment, judged, sources, self.exceptions)
        return verdict

    def memory(self, evidence: RunEvidence, environment: Environment) -> Memory:
        """Return what all stages keep for later runs. A plug-in that fails here keeps nothing."""
        policy = _policy(evidence, environment)
        documents: dict[str, Mapping[str, object]] = {}
        learnt: dict[str, Mapping[str, object]] = {}
        for name, result in evidence.results.items():
            stage = self.stages.get(name)
            if stage is not None:
                kept = self.guard.call(stage.registered, "remember", partial(
                    stage.target.remember, result, policy, evidence.baseline), Memory) or Memory()
                documents |= kept.documents
                learnt |= kept.learnt
        return Memory(documents, learnt)

    def _judge_stage(self, name: str, evidence: RunEvidence, policy: Policy) -> JudgedStage | None:
        stage, result = self.stages.get(name), evidence.results.get(name)
        if stage is None or result is None:
            return None
        return self.guard.call(
            stage.registered, "judge",
            lambda: _checked(name, stage.target.judge(result, policy, evidence.baseline)), JudgedStage)

    def _guarded(self, source: Extension[ClueSource]) -> ClueSource:
        def clues(scene: Scene) -> Iterable[Clue]:
            return self.guard.call(source.registered, "clues",
                                   lambda: _all_clues(source.target(scene)), tuple) or ()
        return clues

    def _with_faults(self, evidence: RunEvidence) -> RunEvidence:
        return replace(evidence, plugin_faults=tuple(self.guard.faults))


def _policy(evidence: RunEvidence, environment: Environment) -> Policy:
    probes = (evidence.platform.after or evidence.platform.before) if evidence.platform else ()
    return Policy(environment, evidence.partial, {probe.component: f"{probe.image} {probe.config or ''}".strip()
                                                  for probe in probes if probe.image})


def verdict_faults(verdict: Verdict) -> list[Finding]:
    return [finding for finding in verdict.findings if finding.rule == "plugin-failed"]


def _checked(name: str, judged: JudgedStage) -> JudgedStage:
    """Return `judged`. Raises TypeError for a finding that does not belong to the stage."""
    if isinstance(judged, JudgedStage):
        for finding in judged.findings:
            if not isinstance(finding, Finding) or finding.stage != name:
                raise TypeError(f"not a finding of the stage {name}: {finding!r}")
    return judged


def _all_clues(clues: Iterable[Clue]) -> tuple[Clue, ...]:
    result = tuple(clues)
    for clue in result:
        if not isinstance(clue, Clue):
            raise TypeError(f"not a Clue: {type(clue).__name__}")
    return result
