"""Long lines are wrapped only on a terminal, without losing text."""

from __future__ import annotations

import pytest

from gonogo.report.wrapping import wrapped

LINE = "behaviour: scenario-failed: Ana pays (features/paying.feature:8): the page does not say 'Paid'  runs/r/behaviour/trace.zip"


def test_line_is_not_wrapped_outside_a_terminal() -> None:
    assert wrapped(LINE, None) == LINE


@pytest.mark.parametrize("width", [60, 100, 119])
def test_rows_fit_the_terminal_and_lose_nothing(width: int) -> None:
    rows = wrapped(LINE, width).split("\n")
    assert len(rows) > 1
    assert all(len(row) <= width for row in rows)
    assert all(row.startswith("    ") for row in rows[1:])
    assert " ".join(" ".join(rows).split()) == " ".join(LINE.split())


def test_path_longer_than_a_row_is_not_cut() -> None:
    """The reader can copy it."""
    path = "runs/" + "x" * 120 + "/trace.zip"
    assert path in wrapped(f"load: latency: p95 is 300 ms  {path}", 80).split("\n")[1].strip()


def test_line_that_fits_is_unchanged() -> None:
    assert wrapped("GO", 100) == "GO"
    assert wrapped("two  blanks", 100) == "two  blanks"
