"""Broken text: what people should never read in pages, mails and downloads, such as `undefined`, `{{name}}`, `Ã©`.

Not where someone typed it, and not in code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from gonogo.invariants.own_values import put_in
from gonogo.invariants.shown import ShownText, is_address
from gonogo.model.invariants import Fault
from gonogo.model.outside import PlaceKind
from gonogo.model.rules.invariants import BrokenText
from gonogo.outside import Seen

RULE = "broken-text"
_READ = frozenset((PlaceKind.PAGE, PlaceKind.MAIL, PlaceKind.DOWNLOAD))
_NOTHING = r"(?:None|null|Null|NULL|nil)"
_CP1252 = "\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"  # what bytes of UTF-8 become
_SORTS = {
    "undefined": re.compile(r"\bundefined\b"),
    "NaN": re.compile(r"\bNaN\b"),
    "object": re.compile(r"\[object \w+\]"),
    "template": re.compile(r"\{\{|\}\}|\$\{\w|<%=|(?<![\d%])%(?:\(\w+\))?[sd](?!\w)"),
    "entity": re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,6}|#x[0-9a-fA-F]{1,5});"),
    "encoding": re.compile(rf"\ufffd|[ÃÂÐÑ][{_CP1252}]|â[{_CP1252}]{{2}}|ï»¿"),
    "translation": re.compile(r"translation missing|missing translation", re.IGNORECASE),
    # as a value: alone, after a colon, or after the one word of a greeting
    "nothing": re.compile(rf"{_NOTHING}|.*[:=] {_NOTHING}(?: {_NOTHING})?[.,]?|\w+ {_NOTHING}(?: {_NOTHING})?[,!]"),
    "key": re.compile(r"[a-z]\w*(?:\.[a-z][\w-]*){2,}|[a-z]\w*\.(?:[a-z]+_\w+|[a-z]+[A-Z]\w+)"),
}
_WHOLE = frozenset(("nothing", "key"))  # the whole text is it
_IN_ADDRESS = re.compile(r"(?:^|[/=])(?:undefined|null|NaN|None|\[object|%5Bobject)(?:$|[/?&#\s%])")
_CHOICES = ("option", "radio", "checkbox", "menuitem")  # "None" is one
_CODE = ("code", "html code", "html pre")
_NO_KEY = re.compile(r"www\.|.*\.(?:com|org|net|io|dev|app|test|example|local|localhost|html?|js|css|png|jpe?g|svg|pdf"
                     r"|csv|txt|json|xml|zip|ya?ml|md)$", re.IGNORECASE)
_MAX_TEXT = 120
MAX_TYPED = 500  # texts that look broken, and were typed on purpose


def broken_texts(seen: Seen, texts: Iterable[ShownText], *, compared: bool) -> Iterator[Fault]:
    """A fault for each sort at each place. A single word may be meant, which only a baseline tells (`compared`)."""
    typed = sorted({value for *_, value, _ in put_in(seen) if any(sorts_of(value)) or _holds_nothing(value)},
                   key=len, reverse=True)[:MAX_TYPED]
    for shown in texts:
        if shown.place.kind not in _READ or shown.place.component in seen.third_parties:
            continue
        if shown.where.startswith(_CODE):
            continue
        sorts = _in_address if is_address(shown.where) else sorts_of
        for sort in sorts(_without(shown.text, typed)) if any(sorts(shown.text)) else ():
            if sort != "nothing" or not shown.where.startswith(_CHOICES):
                yield _fault(shown, sort, certain=compared or sort not in _WHOLE)


def sorts_of(text: str) -> Iterator[str]:
    """What is broken in a text."""
    stripped = text.strip()
    for sort, pattern in _SORTS.items():
        if sort in _WHOLE:
            if pattern.fullmatch(stripped) and not (sort == "key" and _NO_KEY.match(stripped)):
                yield sort
        elif pattern.search(text):
            yield sort


def _in_address(url: str) -> Iterator[str]:
    if _IN_ADDRESS.search(url):
        yield "address"


def _holds_nothing(value: str) -> bool:
    return re.search(rf"\b{_NOTHING}\b", value, re.IGNORECASE) is not None


def _without(text: str, typed: Iterable[str]) -> str:
    for value in typed:
        text = re.sub(re.escape(value), "…", text, flags=re.IGNORECASE) if value.lower() in text.lower() else text
    return text


def _fault(shown: ShownText, sort: str, *, certain: bool) -> Fault:
    place, text = shown.place, " ".join(shown.text.split())
    parameters = BrokenText(place=place, sort=sort, text=text[:_MAX_TEXT])
    key = (sort, place.kind.value, place.name, place.component)
    return Fault(RULE, (*key, text) if sort == "key" else key, parameters, shown.scenario, place.component,
                 certain=certain)
