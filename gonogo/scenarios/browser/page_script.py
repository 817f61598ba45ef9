"""Loads gonogo's scripts for pages; each is one function in a .js file in this folder."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path


def page_script(name: str, argument: object) -> str:
    """A script that calls the function in the file `name` with `argument`."""
    return f"{_source(name)}({json.dumps(argument)});"


@cache
def _source(name: str) -> str:
    source = Path(__file__).with_name(name).read_text(encoding="utf-8")
    return "\n".join(line for line in source.splitlines() if not line.lstrip().startswith("//"))
