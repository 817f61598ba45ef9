"""Resources that a browser blocked, from its console: integrity, Content Security Policy, CORS or MIME type.

Other console errors come from the page's own code, and do not concern another component.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from gonogo.model.calls import Blocked
from gonogo.traffic.http.parties import Parties

_BY_THE_BROWSER = re.compile(r"\bintegrity\b|content security policy|CORS policy|MIME type", re.IGNORECASE)
_URL = re.compile(r"https?://[^\s'\"<>]+")
_MAX_LENGTH = 300


def blocked_in(console: Path, parties: Parties) -> tuple[Blocked, ...]:
    """The blocked resources in the console.json of a scenario, in order; empty if it is missing or damaged."""
    try:
        lines = json.loads(console.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ()
    blocked_resources: dict[Blocked, None] = {}
    for line in lines if isinstance(lines, list) else ():
        text = str(line.get("text", "")) if isinstance(line, dict) and line.get("type") == "error" else ""
        address = _URL.search(text) if _BY_THE_BROWSER.search(text) else None
        party = parties.name_of(address[0]) if address else None
        if party:
            blocked_resources[Blocked(party, " ".join(text.split())[:_MAX_LENGTH])] = None
    return tuple(blocked_resources)
