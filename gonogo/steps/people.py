"""Actions of several people, each with their own browser, at the same moment."""

from __future__ import annotations

import time

from playwright.sync_api import Locator

HEAD_START_MS = 150

# Runs in each person's page: all pages share this machine's clock, so all presses coincide.
_PRESS_AT = "(element, moment) => { setTimeout(() => element.click(), Math.max(0, moment - Date.now())); }"


def press_together(*targets: Locator) -> None:
    """Press several people's buttons within a millisecond or two, although one thread drives all browsers."""
    moment = time.time() * 1000 + HEAD_START_MS * len(targets)
    for target in targets:
        target.evaluate(_PRESS_AT, moment)
