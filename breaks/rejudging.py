"""Judge kept trials again, with all of their evidence or without some kinds of it. No system is started."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from breaks.evidence import BASELINES, HISTORY, PROJECT, RUNS, KeptTrial, read_trial
from breaks.trial import NOT_JUDGED, Outcome, judged_outcome
from gonogo.core.errors import GonogoError
from gonogo.core.runtime import Runtime
from gonogo.gate.rejudging import Rejudged, rejudge
from gonogo.model.verdict import Answer
from gonogo.plugins import installed

_OTHERS = ("GONOGO_", "TRAVEL_")  # variables of the caller that would change what is judged


@dataclass(frozen=True, slots=True)
class Task:
    """One trial in `folder`, to be judged without the kinds of evidence `leave_out`."""

    folder: Path
    leave_out: tuple[str, ...]


def rejudged(tasks: Sequence[Task], jobs: int) -> Iterator[Outcome]:
    """The outcome of each task, in order."""
    if jobs == 1:
        yield from map(rejudged_trial, tasks)
        return
    with ProcessPoolExecutor(max_workers=jobs) as pool:
        yield from pool.map(rejudged_trial, tasks)


def rejudged_trial(task: Task) -> Outcome:
    """Judge the runs of a trial in order until one decides, as the trial did. A damaged trial is an outcome too."""
    start = time.monotonic()
    try:
        trial = read_trial(task.folder)
        run, result = _verdict(trial, task)
    except (GonogoError, OSError) as error:
        return Outcome(task.folder.name, "", None, "", NOT_JUDGED, caught=False, named=False,
                       seconds=round(time.monotonic() - start, 1), problem=str(error))
    return judged_outcome(trial.id, trial.component, trial.peer, trial.expected, result.document, run=str(run),
                          seconds=time.monotonic() - start)


def _verdict(trial: KeptTrial, task: Task) -> tuple[Path, Rejudged]:
    baseline = task.folder.parent / BASELINES / trial.baseline if trial.baseline else None
    with tempfile.TemporaryDirectory() as place:
        history = Path(place) / HISTORY  # a copy: opening a database may migrate it
        shutil.copy(task.folder / HISTORY, history)
        runtime = _runtime(trial, task.folder / PROJECT, history)
        for name in trial.runs:
            run = task.folder / RUNS / name
            result = rejudge(run, installed(), runtime, leave_out=task.leave_out, baseline_folder=baseline)
            if result.verdict.answer is not Answer.PARTIAL:
                break
    return run, result


def _runtime(trial: KeptTrial, project: Path, history: Path) -> Runtime:
    """The world of the trial: its files, its history, and its day, on which no exception had expired."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_OTHERS)}
    started = datetime.fromisoformat(trial.started)
    return Runtime(project, {**inherited, "GONOGO_HISTORY": f"sqlite:///{history}"}, io.StringIO(), io.StringIO(),
                   now=lambda: started)
