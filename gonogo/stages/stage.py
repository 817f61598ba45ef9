"""The protocol of a stage. The gate is a loop over the stages that an environment names, and knows none of them.

A stage is registered under the entry point `gonogo.stages` by its name. One object of it is made for each run.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from gonogo.config import Environment, RunPlan

if TYPE_CHECKING:  # `gonogo check` imports this module, and needs none of what a run leaves
    from gonogo.model.baseline import Baseline
    from gonogo.model.progress import Watcher
    from gonogo.model.stages import JudgedStage, StageResult
    from gonogo.secrets.masking import Masker


@dataclass(frozen=True, slots=True)
class Setup:
    """What a stage is checked with, before anything is started; children that check files are handed the `plan`.

    `requested` says whether this run, or the environment, asks for the stage. `where` gives the place of a key of the
    environment ("environments.yml:41: preprod → stages") for an error. `tags` select scenarios, all without any.
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
    """How the command line wants scenarios to be run."""

    tags: tuple[str, ...] = ()
    jobs: str = "auto"
    max_failures: int | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """The run that a stage is a part of: its evidence goes, masked, into a folder of its name in `run_folder`.

    Every child of the run is handed the `plan`.
    """

    root: Path
    run_folder: Path
    plan: RunPlan
    environ: Mapping[str, str]
    watcher: Watcher
    masker: Masker
    options: Options = Options()

    @property
    def environment_name(self) -> str:
        return self.plan.environment_name

    @property
    def environment(self) -> Environment:
        return self.plan.environment


@dataclass(frozen=True, slots=True)
class Policy:
    """What the result is judged by; `partial` says that a part of the gate was chosen."""

    environment: Environment
    partial: bool = False


class Stage(ABC):
    """One stage.

    `extra` names the optional part of gonogo that it needs, "" for none. `selects_by_tags` says that `--tags` choose
    among what it runs; where they are given, other stages are left out. One that is `skipped_when_stopped` is not
    begun where an earlier stage stops the release already.
    """

    name: ClassVar[str]
    extra: ClassVar[str] = ""
    selects_by_tags: ClassVar[bool] = False
    skipped_when_stopped: ClassVar[bool] = False

    def check(self, setup: Setup) -> None:  # noqa: B027  optional
        """Find every mistake in environments.yml that concerns the stage. Raises GonogoError."""

    def check_files(self, setup: Setup) -> None:  # noqa: B027  optional
        """Find every mistake in the files that the stage would read, once no stage has found one in environments.yml.

        Called where the stage is requested, before anything is started. Raises GonogoError.
        """

    def prepare(self, run: Run) -> AbstractContextManager[object]:
        """What stands around `run`; it is entered while the stage before runs, so that this one begins at once."""
        return nullcontext()

    @abstractmethod
    def run(self, run: Run) -> StageResult:
        """Do it, within a time of its own, and say how much was planned and executed, with the evidence of it."""

    @abstractmethod
    def judge(self, result: StageResult, policy: Policy, baseline: Baseline | None) -> JudgedStage:
        """What the result says about the release. Pure: no file, no clock, no network."""
