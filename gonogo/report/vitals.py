"""The pages' web vitals under load as table rows, with the same values that the verdict judges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gonogo.model.journeys import PageVitals
from gonogo.report.wording.load import VITALS
from gonogo.verdict.load.journeys import p75, vitals_by_page


@dataclass(frozen=True, slots=True)
class Figure:
    text: str
    missed: bool = False


@dataclass(frozen=True, slots=True)
class PageRow:
    """One page; `figures` are in the order of `names`."""

    page: str
    visits: int
    figures: tuple[Figure, ...]
    names: tuple[str, ...] = tuple(f"{name},{unit}" if unit else name for name, unit in VITALS.values())


def page_rows(visits: Sequence[PageVitals], objectives: Mapping[str, float]) -> tuple[PageRow, ...]:
    """One row per page, sorted by path; a dash for vitals that no visit reported."""
    values = {key: vitals_by_page(visits, key) for key in VITALS}
    pages = sorted({visit.page for visit in visits})
    return tuple(PageRow(page, sum(visit.page == page for visit in visits),
                         tuple(_figure(key, values[key].get(page, ()), objectives.get(key)) for key in VITALS))
                 for page in pages)


def _figure(key: str, values: Sequence[float], bound: float | None) -> Figure:
    if not values:
        return Figure("–")
    value = p75(values)
    return Figure(f"{value:.3f}" if key == "cls" else f"{value:.0f}", missed=bound is not None and value > bound)
