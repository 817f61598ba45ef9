"""Scripts of ours that run in pages; each is a function, in a file of its own beside this module."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path


def page_script(name: str, given: object) -> str:
    """The function in `name`, called with `given`."""
    return f"{_source(name)}({json.dumps(given)});"


@cache
def _source(name: str) -> str:
    source = Path(__file__).with_name(name).read_text(encoding="utf-8")
    return "\n".join(line for line in source.splitlines() if not line.lstrip().startswith("//"))
