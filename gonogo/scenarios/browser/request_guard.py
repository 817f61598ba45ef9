"""Two further means against requests that are not permitted, around `network_context`: name lookups and routing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gonogo.environment.request_guard import RequestGuard

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Route


def resolver_rules(guard: RequestGuard | None, environ: Mapping[str, str]) -> list[str]:
    """The argument that lets Chromium resolve the permitted hosts only.

    It covers what is not paused: workers and web sockets. Behind a proxy, the proxy resolves the names.
    """
    if guard is None or guard.reach is None or "http_proxy" in environ:
        return []
    excluded = ", ".join(f"EXCLUDE {host}" for host in sorted(guard.reach.host_patterns))
    return [f"--host-resolver-rules=MAP * ~NOTFOUND, {excluded}"]


def guard_by_routing(context: BrowserContext, guard: RequestGuard) -> None:
    """Refuse requests by Playwright's routing, which turns off the cache: for browsers without `network_context`."""
    def check(route: Route) -> None:
        if guard.refuses(route.request.method, route.request.url):
            route.abort("blockedbyclient")
        else:
            route.fallback()

    context.route("**/*", check)
