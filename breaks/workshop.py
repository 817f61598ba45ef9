"""The place of a trial: an altered copy of the reference system, its unit tests, its images, a PreProd with them."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gonogo.records.load_record import END_FILE
from gonogo.records.messages import MESSAGES_FILE
from gonogo.records.ndjson_tail import NdjsonTail

ROOT = Path(__file__).parents[1]
_HUNDREDS = range(110, 480)  # ports 11000 to 47999, a block of a hundred for each environment
_OFFSETS = (*range(10), 25, 30)
_UNIT_TESTS_S = 300
_UP_S = 120
_PROMOTE_S = 60


class WorkshopError(Exception):
    """A step of the trial itself failed, so that the break has no result."""


@dataclass(frozen=True, slots=True)
class Bench:
    """A place for one PreProd at a time: `home` holds its images, its ports start at `hundred`00.

    Trials on one bench share its images and its PreProd, so that only what a patch changes is built and started again.
    Each trial has fresh data: it must not see what an earlier break left behind.
    """

    home: Path
    hundred: int

    @property
    def environ(self) -> dict[str, str]:
        return {**os.environ, "TRAVEL_HOME": str(self.home), "TRAVEL_PREPROD_PORTS": str(self.hundred),
                "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{self.hundred}30", "NO_COLOR": "1"}

    def travel(self, *arguments: str) -> None:
        run([sys.executable, "-m", "travel.cli", *arguments], cwd=ROOT, environ=self.environ, timeout_s=_UP_S)

    def clear(self) -> None:
        """Stop its PreProd."""
        self.travel("down", "preprod")


@dataclass(frozen=True, slots=True)
class Workshop:
    """One altered system, kept in `folder` with its runs and logs."""

    folder: Path
    bench: Bench

    @property
    def tree(self) -> Path:
        return self.folder / "tree"

    @property
    def release(self) -> Path:
        return self.folder / "release.yml"

    @property
    def history(self) -> Path:
        return self.folder / "history.sqlite"

    @property
    def environ(self) -> dict[str, str]:
        return {**self.bench.environ, "GONOGO_HISTORY": f"sqlite:///{self.history}",
                "TRAVEL_RELEASE": str(self.release)}

    def prepare(self, patch: Path | None) -> None:
        """Make a fresh copy of the system's source, with `patch` applied."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        shutil.copytree(ROOT / "travel", self.tree / "travel", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", self.tree)
        if patch is not None:
            # GIT_CEILING_DIRECTORIES: the copy may be inside a checkout, whose index git must not use
            run(["git", "apply", "--whitespace=nowarn", str(patch.resolve())], cwd=self.tree, timeout_s=30,
                environ={**self.environ, "GIT_CEILING_DIRECTORIES": str(self.tree.parent)})

    def unit_tests_pass(self, component: str) -> bool:
        """Run the component's own unit tests on the altered source; their output is kept in unit-tests.log."""
        command = [sys.executable, "-m", "pytest", f"travel/{component}", "-p", "no:cacheprovider"]
        try:
            with (self.folder / "unit-tests.log").open("wb") as log:
                done = subprocess.run(command, cwd=self.tree, env={**self.environ, "PYTHONPATH": str(self.tree)},
                                      check=False, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                      timeout=_UNIT_TESTS_S)
        except subprocess.TimeoutExpired as error:
            raise WorkshopError(f"the unit tests of {component} did not end within {_UNIT_TESTS_S} s") from error
        return done.returncode == 0

    def build(self) -> None:
        """Build the images that differ from the bench's, and write the release file."""
        self.bench.travel("build", "--source", str(self.tree / "travel"), "--out", str(self.release))

    @contextmanager
    def preprod(self, release: Path) -> Iterator[None]:
        """Keep a PreProd of `release` up, with fresh data, while the block runs; then copy its logs."""
        try:
            try:
                self.bench.travel("up", "preprod", "--release", str(release), "--fresh")
            except WorkshopError:
                self.bench.clear()  # the cause may be what an earlier trial left: start it again from nothing
                self.bench.travel("up", "preprod", "--release", str(release))
            yield
        finally:
            with suppress(OSError):  # a full log may be replaced meanwhile; no verdict depends on the logs
                shutil.copytree(self.bench.home / "preprod" / "logs", self.folder / "logs", dirs_exist_ok=True)

    def edit_in_place(self, component: str) -> None:
        """Put the altered files of `component` into its running copy, and restart the component."""
        running = self.bench.home / "preprod" / "components" / component / "travel" / component
        for altered in (self.tree / "travel" / component).rglob("*"):
            file = running / altered.relative_to(self.tree / "travel" / component)
            if file.is_file() and file.read_bytes() != altered.read_bytes():
                shutil.copy(altered, file)
        self.bench.travel("restart", "preprod", component)

    def gate(self, release: Path, stages: Sequence[str], *, max_failures: int | None = None, learn: int = 1) -> Path:
        """Run `stages` of the gate (all of them if it is empty) against PreProd; return the run folder.

        With `learn`, the scenarios run so many times; the folder is that of the GO, if all of them pass.
        """
        command = [sys.executable, "-m", "gonogo.cli", "run", "--env", "preprod", "--release", str(release),
                   "--out", str(self.folder / "runs"), *(["--only", *stages] if stages else []),
                   *(["--max-failures", str(max_failures)] if max_failures else []), "--learn", str(learn)]
        with (self.folder / "gate.log").open("wb") as log:
            subprocess.run(command, cwd=ROOT, env=self.environ, stdout=log, stderr=subprocess.STDOUT,
                           stdin=subprocess.DEVNULL, check=False)
        latest = self.folder / "runs" / "latest"
        if not latest.exists():
            raise WorkshopError(f"the gate left no run; see {self.folder / 'gate.log'}")
        if learn > 1 and verdict_of(latest.resolve())["verdict"] == "PARTIAL":
            return next(folder for folder in sorted(latest.parent.glob("2*"), reverse=True)
                        if verdict_of(folder)["verdict"] == "GO")
        return latest.resolve()

    def decision(self, stage: str) -> Callable[[], bool]:
        """A function to poll: whether a scenario of the gate's `stage` has failed, or the stage is over."""
        latest = self.folder / "runs" / "latest"
        if stage == "load":
            return lambda: any(latest.glob(f"load/*/{END_FILE}"))
        messages = NdjsonTail(latest / stage / MESSAGES_FILE)
        return lambda: any(map(_decides, messages.new()))

    def promote(self, run_folder: Path) -> None:
        """Make that run the baseline of later runs, as if its release were in Prod."""
        run([sys.executable, "-m", "gonogo.cli", "promoted", str(run_folder)], cwd=ROOT, environ=self.environ,
            timeout_s=_PROMOTE_S)


def verdict_of(run_folder: Path) -> dict[str, Any]:
    """The verdict that the gate wrote. Raises WorkshopError if it wrote none, for example because it was killed."""
    try:
        document: dict[str, Any] = json.loads((run_folder / "verdict.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WorkshopError(f"the gate left no verdict in {run_folder}; see gate.log, two folders above") from error
    return document


def _decides(message: Mapping[str, object]) -> bool:
    step = message.get("testStepFinished")
    return "testRunFinished" in message or (isinstance(step, dict) and step["testStepResult"]["status"] == "FAILED")


def run(command: Sequence[str], *, cwd: Path, environ: Mapping[str, str], timeout_s: float) -> None:
    """Run a command to its end. Raises WorkshopError, with its output, if it fails or does not end in time."""
    try:
        done = subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=timeout_s, check=False)
    except subprocess.TimeoutExpired as error:
        raise WorkshopError(f"`{' '.join(command[:4])} …` did not end within {timeout_s:g} s") from error
    if done.returncode:
        raise WorkshopError(f"`{' '.join(command[:4])} …` ended with {done.returncode}: "
                            f"{(done.stderr or done.stdout).strip()[-600:]}")


def free_hundreds(count: int) -> list[int]:
    """`count` hundreds of ports on which no process listens now."""
    found: list[int] = []
    for hundred in _HUNDREDS:
        if len(found) == count:
            break
        if all(_free(hundred * 100 + offset) for offset in _OFFSETS):
            found.append(hundred)
    if len(found) < count:
        raise WorkshopError("there are not enough free ports")
    return found


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
