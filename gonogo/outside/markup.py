"""The texts, links and images of an HTML mail, as its reader finds them."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

MAX_LINES = 2_000
_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "br", "caption", "dd", "div", "dl", "dt", "fieldset", "figcaption",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "option",
    "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "title", "tr", "ul"))
_HIDDEN = frozenset(("script", "style", "head"))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[tuple[str, str]] = []
        self._line: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self.end_line()
        if tag in _HIDDEN:
            self._hidden += 1
        for name, value in attrs:
            if value and (tag, name) in (("a", "href"), ("img", "src"), ("img", "alt")):
                self.lines.append((f" {tag} {name}", value))

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.end_line()
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._line.append(data)

    def end_line(self) -> None:
        text = " ".join("".join(self._line).split())
        if text:
            self.lines.append(("", text))
        self._line = []


def text_lines(html: str) -> Iterator[tuple[str, str]]:
    """(kind, text): kind is "" for a line of text, " a href", " img src" or " img alt" for what it refers to."""
    reader = _Reader()
    reader.feed(html)
    reader.end_line()
    yield from reader.lines[:MAX_LINES]
