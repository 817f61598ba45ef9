"""A verdict on given evidence, without a gate, by the stages and the clues that gonogo itself registers."""

from __future__ import annotations

from collections.abc import Sequence

from gonogo.config import Environment
from gonogo.gate.extensions import Extension
from gonogo.gate.guard import Guard
from gonogo.gate.judging import Judges
from gonogo.model.exceptions import RuleException
from gonogo.model.run import RunEvidence
from gonogo.model.verdict import Verdict
from gonogo.plugins import installed

_INSTALLED = installed()


def verdict_on(run: RunEvidence, environment: Environment, exceptions: Sequence[RuleException] = ()) -> Verdict:
    stages = {name: Extension(each.registered, each.target()) for name, each in _INSTALLED.stages.items()}
    return Judges(stages, _INSTALLED.clues, Guard(timeout_s=5), tuple(exceptions)).judge(run, environment)
