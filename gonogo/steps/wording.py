"""The kinds of words that sentences are made of, so that no pattern takes more than it is meant to."""

from __future__ import annotations

from behave import register_type
from parse import with_pattern


@with_pattern(r"[^\W\d_]+")
def parse_name(text: str) -> str:
    """A person's first name, as scenarios use it: one word of letters."""
    return text


@with_pattern(r'[^"]*')
def parse_text(text: str) -> str:
    """What stands between quotation marks, spaces and all."""
    return text


register_type(Name=parse_name, Text=parse_text)
