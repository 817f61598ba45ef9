"""The parameter types of step patterns, each as narrow as possible, so that patterns do not overlap."""

from __future__ import annotations

from behave import register_type
from parse import with_pattern


@with_pattern(r"[^\W\d_]+")
def parse_name(text: str) -> str:
    """A person's first name, as scenarios use it: one word of letters."""
    return text


@with_pattern(r'[^"]*')
def parse_text(text: str) -> str:
    """The text between quotation marks, spaces included."""
    return text


register_type(Name=parse_name, Text=parse_text)
