"""Playwright's error, for those who must survive one: a suite of API steps alone runs without Playwright."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Error
else:
    try:
        from playwright.sync_api import Error
    except ModuleNotFoundError:
        class Error(Exception):
            """Raised by nobody."""

            message = ""

__all__ = ["Error"]
