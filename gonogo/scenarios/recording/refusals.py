"""Adds to exchanges why Chromium blocked a request of a page, which it reports on the console only.

The console has the full text for CORS, integrity and content security policy. The network log has "failed", a plain
success (integrity is checked after the answer), or nothing (the policy forbids the request).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from gonogo.scenarios.recording.http import HarEntry

# (kind, console text); the group is the URL
_PATTERNS = (
    ("cors", re.compile(r"^Access to .+ at '(\S+)' (?:\(redirected from '\S+'\) )?from origin '.+' has been blocked")),
    ("integrity", re.compile(r"'integrity' attribute for resource '(\S+)'")),
    ("csp", re.compile(r"^Connecting to '(\S+)' violates the following Content Security Policy directive")),
)


def with_refusals(entries: Sequence[HarEntry], console: Iterable[Mapping[str, Any]]) -> list[HarEntry]:
    """`entries` with the refusals on the console; a request that was never sent is added, as GET."""
    refusals = list(_refusals(console))
    explained = [_explained(entry, refusals) for entry in entries]
    sent = {entry["request"]["url"] for entry in entries}
    unsent = {url: _unsent(url, text, at_s) for kind, url, text, at_s in refusals if kind == "csp" and url not in sent}
    return [*explained, *unsent.values()]


def _refusals(console: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, str, str, float]]:
    for message in console:
        for kind, pattern in _PATTERNS:
            match = pattern.search(message["text"]) if message["type"] == "error" else None
            if match:
                yield kind, match.group(1), message["text"], message["at_s"]


def _explained(entry: HarEntry, refusals: Sequence[tuple[str, str, str, float]]) -> HarEntry:
    url, status = entry["request"]["url"], entry["response"]["status"]
    for kind, refused_url, text, _ in refusals:
        if refused_url == url and (status == 0 or kind == "integrity"):
            return {**entry, "response": {**entry["response"], "_failureText": f"{kind}: {text}"}}
    return entry


def _unsent(url: str, text: str, moment_s: float) -> HarEntry:
    empty: HarEntry = {"httpVersion": "", "cookies": [], "headers": [], "headersSize": -1, "bodySize": -1}
    return {
        "startedDateTime": datetime.fromtimestamp(moment_s, UTC).isoformat(), "time": 0, "cache": {},
        "request": {**empty, "method": "GET", "url": url, "queryString": []},
        "response": {**empty, "status": 0, "statusText": "", "redirectURL": "", "_failureText": f"csp: {text}",
                     "content": {"size": 0, "mimeType": ""}},
        "timings": {"send": 0, "wait": 0, "receive": 0}, "_origin": "browser", "_resourceType": "fetch",
        "comment": "never sent; the browser does not report the method",
    }
