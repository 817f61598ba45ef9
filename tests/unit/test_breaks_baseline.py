"""When the unaltered system is tried once more: where a machine that is slow for a while is all that can be the cause."""

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
    """A workshop whose gates end as the rows of a test say, one after the other; None leaves no verdict."""

    endings: list[list[Reason] | None] = field(default_factory=list)

    def prepare(self, patch: Path | None) -> None:
        """Nothing is altered."""

    def build(self) -> None:
        """Nothing is built."""

    @contextmanager
    def preprod(self, release: Path) -> Iterator[None]:
        yield

    def gate(self, release: Path, stages: Sequence[str], *, max_failures: int | None = None) -> Path:
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
    pytest.param([[SLOW, BROKEN], []], "behaviour: Ana signs in: no such button", id="a scenario failed, and the load"),
    pytest.param([[SLOW], [BROKEN], []], "behaviour: Ana signs in: no such button", id="a scenario failed at last"),
    pytest.param([[SLOW], [SLOW], [SLOW], []], "load: steady: /api/flights p50 912 ms > 700 ms", id="slow three times"),
    pytest.param([None, []], "the gate left no verdict", id="the gate died"),
])
def test_what_is_no_go_at_last_is_told(tmp_path: Path, endings: list[list[Reason] | None], told: str) -> None:
    trial = workshop(tmp_path, *endings)
    with pytest.raises(WorkshopError, match=re.escape(told)):
        unaltered_go(trial)
    assert trial.endings == [[]], "it was tried until it suited"


@pytest.mark.parametrize("endings", [
    pytest.param([[]], id="at once"),
    pytest.param([[TOLD]], id="with a warning"),
    pytest.param([[SLOW, TOLD], []], id="after one slow load"),
    pytest.param([[SLOW], [UNTOLD], []], id="after two that were slow or not to be told"),
])
def test_a_slow_while_is_waited_for(tmp_path: Path, endings: list[list[Reason] | None]) -> None:
    trial = workshop(tmp_path, *endings)
    assert unaltered_go(trial) == tmp_path / "runs" / "0"
    assert not trial.endings
