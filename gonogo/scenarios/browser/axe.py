"""Checks a page with axe-core against WCAG 2.1 A and AA. axe finds about half of all violations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

WCAG_2_1_AA = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa")


@dataclass(frozen=True, slots=True)
class AxeViolation:
    """A rule of axe, its description, and the HTML of the elements that break it."""

    rule: str
    impact: str
    help: str
    elements: tuple[str, ...]


class NothingToCheck(Exception):
    """axe found no element to which a rule applies, so the page is not proven accessible."""


def violations_of(page: Page, tags: Sequence[str] = WCAG_2_1_AA) -> tuple[AxeViolation, ...]:
    """The violations of rules with these tags. Raises NothingToCheck."""
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415  of the extra `browser`

    options = {"runOnly": {"type": "tag", "values": list(tags)}, "resultTypes": ["violations"]}
    answer = Axe().run(page, options=options).response
    if not answer["passes"] and not answer["violations"]:
        raise NothingToCheck(f"axe found nothing to check on {page.url}")
    return tuple(AxeViolation(each["id"], each["impact"] or "minor", each["help"],
                              tuple(node["html"] for node in each["nodes"])) for each in answer["violations"])
