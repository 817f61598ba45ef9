"""Playwright's Error, for modules that catch it: a suite with API steps only runs without Playwright."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Error
else:
    try:
        from playwright.sync_api import Error
    except ModuleNotFoundError:
        class Error(Exception):
            """Never raised: Playwright is not installed."""

            message = ""

__all__ = ["Error"]
