"""Named people, each with a browser window of their own, and things that they do at the same moment."""

from __future__ import annotations

import time

from playwright.sync_api import Locator

HEAD_START_MS = 150

# Run in each person's page: all pages have this machine's clock, so all presses meet.
_PRESS_AT = "(element, moment) => { setTimeout(() => element.click(), Math.max(0, moment - Date.now())); }"


def press_together(*targets: Locator) -> None:
    """Press several people's buttons in the same millisecond or two, though one thread drives all browsers."""
    moment = time.time() * 1000 + HEAD_START_MS * len(targets)
    for target in targets:
        target.evaluate(_PRESS_AT, moment)
