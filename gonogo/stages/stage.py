"""The protocol of a stage. The gate loops over the environment's stages and knows no implementation.

A stage is registered by name under the entry point `gonogo.stages`. Each run creates a new instance.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from gonogo.config import Environment, RunPlan
from gonogo.core.errors import EvidenceError

if TYPE_CHECKING:  # `gonogo check` imports this module and needs no evidence
    from gonogo.model.baseline import Baseline
    from gonogo.model.progress import Watcher
    from gonogo.model.stages import JudgedStage, StageEvidence, StageResult
    from gonogo.secrets.masking import Masker


@dataclass(frozen=True, slots=True)
class Setup:
    """The input of a stage's checks before the run; children that check files receive the `plan`.

    `requested`: this run includes the stage. `where` returns the location of a key of the environment for an error
    ("environments.yml:41: preprod → stages"). `tags` select scenarios; () selects all.
    """

    root: Path
    plan: RunPlan
    environ: Mapping[str, str]
    requested: bool
    where: Callable[..., str]
    tags: tuple[str, ...] = ()

    @property
    def environment(self) -> Environment:
        return self.plan.environment


@dataclass(frozen=True, slots=True)
class Options:
    """The command line's options for scenarios."""

    tags: tuple[str, ...] = ()
    jobs: str = "auto"
    max_failures: int | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """The run of a stage. The stage writes masked evidence to a folder of its name in `run_folder`.

    Every child of the run receives the `plan`. `baseline` is that of the environment, as `judge` gets it; it is not
    known yet when the stage is prepared.
    """

    root: Path
    run_folder: Path
    plan: RunPlan
    environ: Mapping[str, str]
    watcher: Watcher
    masker: Masker
    options: Options = Options()
    baseline: Baseline | None = None

    @property
    def environment_name(self) -> str:
        return self.plan.environment_name

    @property
    def environment(self) -> Environment:
        return self.plan.environment


@dataclass(frozen=True, slots=True)
class Policy:
    """The policy for judging; `partial`: only a part of the gate was requested.

    `versions` are what ran: component → its image and settings, of those that report them.
    """

    environment: Environment
    partial: bool = False
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Memory:
    """What a stage keeps for later runs: documents by kind of evidence, in plain JSON.

    `documents` are kept with this run if it is a GO; `learnt` replace those of the baseline, whatever the verdict.
    """

    documents: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    learnt: Mapping[str, Mapping[str, object]] = field(default_factory=dict)


class Stage(ABC):
    """One stage.

    `extra` is the optional part of gonogo that it needs, or "". `selects_by_tags`: `--tags` select what it runs; with
    tags, other stages are left out. `skipped_when_stopped`: it does not run if an earlier stage blocks the release.
    """

    name: ClassVar[str]
    extra: ClassVar[str] = ""
    selects_by_tags: ClassVar[bool] = False
    skipped_when_stopped: ClassVar[bool] = False

    def check(self, setup: Setup) -> None:  # noqa: B027  optional
        """Check the stage's keys of environments.yml. Raises GonogoError."""

    def check_files(self, setup: Setup) -> None:  # noqa: B027  optional
        """Check the files that the stage reads. Raises GonogoError.

        Called before the run, only for requested stages, after `check` of every stage.
        """

    def prepare(self, run: Run) -> AbstractContextManager[object]:
        """Return a context manager around `run`. It is entered while the stage before runs, to save time.

        Called before the environment is started: what there is to do is decided here, and nothing is started yet.
        """
        return nullcontext()

    @abstractmethod
    def run(self, run: Run) -> StageResult:
        """Run the stage within its time limit. Return the planned and executed units and the evidence."""

    def kept(self, evidence: StageEvidence) -> dict[str, object]:
        """Return as JSON what of the evidence is in none of the files that the stage wrote: `reread` gets it back."""
        return {}

    def reread(self, run_folder: Path, kept: Mapping[str, object]) -> StageEvidence | None:
        """Return the evidence of an earlier run from its files, as `run` did. Raises EvidenceError.

        Without it, runs with this stage cannot be judged again.
        """
        raise EvidenceError(f"The stage '{self.name}' cannot read its evidence again.", where=str(run_folder),
                            fix="judge runs again whose stages implement `reread`.")

    @abstractmethod
    def judge(self, result: StageResult, policy: Policy, baseline: Baseline | None) -> JudgedStage:
        """Judge the result. Pure: no file, no clock, no network."""

    def remember(self, result: StageResult, policy: Policy, baseline: Baseline | None) -> Memory:
        """Return what later runs need of the result. Pure, as `judge`."""
        return Memory()
