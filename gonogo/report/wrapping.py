"""Long lines on a terminal: wrapped at words, with the rest indented. In a file or a pipe each stays one line."""

from __future__ import annotations

import textwrap

MIN_WIDTH = 40
_INDENT = "    "


def wrapped(line: str, width: int | None) -> str:
    """`line` in rows of at most `width` columns, None for any; a longer word, such as a path, is not cut."""
    if width is None or len(line) <= max(width, MIN_WIDTH):
        return line
    return "\n".join(textwrap.wrap(line, max(width, MIN_WIDTH), subsequent_indent=_INDENT, break_long_words=False,
                                   break_on_hyphens=False))
