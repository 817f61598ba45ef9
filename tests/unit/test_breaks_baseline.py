"""The unaltered system's gate is retried only if load alone prevented a GO: the machine may be slow for a while."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from breaks.baseline import unaltered_go
from breaks.workshop import Bench, Workshop, WorkshopError

Reason = tuple[str, str, str]
SLOW: Reason = ("load", "block", "steady: /api/flights p50 912 ms > 700 ms")
UNTOLD: Reason = ("load", "inconclusive", "steady: the generator itself was late")
BROKEN: Reason = ("behaviour", "block", "Ana signs in: no such button")
TOLD: Reason = ("behaviour", "warn", "/api/flights has a field that is new")


@dataclass(frozen=True, slots=True)
class Rehearsed(Workshop):
    """A workshop whose gates end with the given reasons, one after the other; None leaves no verdict."""

    endings: list[list[Reason] | None] = field(default_factory=list)

    def prepare(self, patch: Path | None) -> None:
        """Nothing is altered."""

    def build(self) -> None:
        """Nothing is built."""

    @contextmanager
    def preprod(self, release: Path) -> Iterator[None]:
        yield

    def gate(self, release: Path, stages: Sequence[str], *, max_failures: int | None = None, learn: int = 1) -> Path:
        reasons = self.endings.pop(0)
        run = self.folder / "runs" / str(len(self.endings))
        run.mkdir(parents=True)
        if reasons is not None:
            verdict = "GO" if all(severity == "warn" for _, severity, _ in reasons) else "NO-GO"
            (run / "verdict.json").write_text(json.dumps({"verdict": verdict, "reasons": [
                {"stage": stage, "severity": severity, "title": title} for stage, severity, title in reasons]}))
        return run


def workshop(folder: Path, *endings: list[Reason] | None) -> Rehearsed:
    return Rehearsed(folder, Bench(folder / "bench", 110), list(endings))


@pytest.mark.parametrize(("endings", "told"), [
    pytest.param([[BROKEN], []], "behaviour: Ana signs in: no such button", id="a scenario failed"),
    pytest.param([[SLOW, BROKEN], []], "behaviour: Ana signs in: no such button", id="a scenario and the load failed"),
    pytest.param([[SLOW], [BROKEN], []], "behaviour: Ana signs in: no such button", id="a scenario failed after a slow load"),
    pytest.param([[SLOW], [SLOW], [SLOW], []], "load: steady: /api/flights p50 912 ms > 700 ms", id="slow load three times"),
    pytest.param([None, []], "the gate left no verdict", id="no verdict"),
])
def test_final_no_go_is_reported_with_its_reasons(tmp_path: Path, endings: list[list[Reason] | None], told: str) -> None:
    trial = workshop(tmp_path, *endings)
    with pytest.raises(WorkshopError, match=re.escape(told)):
        unaltered_go(trial)
    assert trial.endings == [[]], "it was tried until it suited"


@pytest.mark.parametrize("endings", [
    pytest.param([[]], id="GO at the first attempt"),
    pytest.param([[TOLD]], id="GO with a warning"),
    pytest.param([[SLOW, TOLD], []], id="GO after a slow load"),
    pytest.param([[SLOW], [UNTOLD], []], id="GO after a slow and an inconclusive load"),
])
def test_slow_or_inconclusive_load_is_retried(tmp_path: Path, endings: list[list[Reason] | None]) -> None:
    trial = workshop(tmp_path, *endings)
    assert unaltered_go(trial) == tmp_path / "runs" / "0"
    assert not trial.endings
