"""Makes pages send the trace context of a scenario, to their own origin alone.

This is for browsers that `network_context` cannot speak to: navigations have none then, and where a page's own origin
redirects what it fetched to another, the header goes with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.scenarios.browser.page_script import page_script
from gonogo.scenarios.browser.trace_context import TraceContext

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext


def give_context(context: BrowserContext, trace: TraceContext) -> None:
    """From the next document on, what pages fetch from their own origin carries `trace`."""
    context.add_init_script(page_script("page_context.js", {
        "traceId": trace.trace_id, "origins": sorted(trace.first_party.origins), "theirs": trace.first_party.theirs}))
