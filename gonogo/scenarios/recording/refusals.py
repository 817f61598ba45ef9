"""What Chromium itself refuses of a page's requests, and says on its console alone: put where the exchange is.

CORS, integrity and content security are told there in full; the network's record has "failed", a plain success
(integrity is checked after the answer), or nothing at all (content security forbids the request).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from gonogo.scenarios.recording.http import HarEntry

# console text → why; the group is the address
_TOLD = (
    ("cors", re.compile(r"^Access to .+ at '(\S+)' (?:\(redirected from '\S+'\) )?from origin '.+' has been blocked")),
    ("integrity", re.compile(r"'integrity' attribute for resource '(\S+)'")),
    ("csp", re.compile(r"^Connecting to '(\S+)' violates the following Content Security Policy directive")),
)


def with_refusals(entries: Sequence[HarEntry], console: Iterable[Mapping[str, Any]]) -> list[HarEntry]:
    """`entries` with what the console says of them; a request that was never sent is added without its method."""
    told = list(_refusals(console))
    known = [_explained(entry, told) for entry in entries]
    sent = {entry["request"]["url"] for entry in entries}
    unsent = {url: _unsent(url, said, at_s) for kind, url, said, at_s in told if kind == "csp" and url not in sent}
    return [*known, *unsent.values()]


def _refusals(console: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, str, str, float]]:
    for message in console:
        for kind, pattern in _TOLD:
            match = pattern.search(message["text"]) if message["type"] == "error" else None
            if match:
                yield kind, match.group(1), message["text"], message["at_s"]


def _explained(entry: HarEntry, told: Sequence[tuple[str, str, str, float]]) -> HarEntry:
    url, status = entry["request"]["url"], entry["response"]["status"]
    for kind, refused, said, _ in told:
        if refused == url and (status == 0 or kind == "integrity"):
            return {**entry, "response": {**entry["response"], "_failureText": f"{kind}: {said}"}}
    return entry


def _unsent(url: str, said: str, moment_s: float) -> HarEntry:
    empty: HarEntry = {"httpVersion": "", "cookies": [], "headers": [], "headersSize": -1, "bodySize": -1}
    return {
        "startedDateTime": datetime.fromtimestamp(moment_s, UTC).isoformat(), "time": 0, "cache": {},
        "request": {**empty, "method": "GET", "url": url, "queryString": []},
        "response": {**empty, "status": 0, "statusText": "", "redirectURL": "", "_failureText": f"csp: {said}",
                     "content": {"size": 0, "mimeType": ""}},
        "timings": {"send": 0, "wait": 0, "receive": 0}, "_origin": "browser", "_resourceType": "fetch",
        "comment": "never sent; the browser does not tell its method",
    }
