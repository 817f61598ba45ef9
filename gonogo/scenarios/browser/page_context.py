"""Makes pages send the trace context of a scenario, to their own origin only.

This is for browsers that `network_context` does not support. Navigations then have no context, and if the page's
origin redirects a request to another origin, the header goes with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.scenarios.browser.page_script import page_script
from gonogo.scenarios.browser.trace_context import TraceContext

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext


def add_trace_context(context: BrowserContext, trace: TraceContext) -> None:
    """From the next document on, requests of pages to their own origin carry `trace`."""
    context.add_init_script(page_script("page_context.js", {
        "traceId": trace.trace_id, "origins": sorted(trace.first_party.origins),
        "thirdParties": trace.first_party.third_parties}))
