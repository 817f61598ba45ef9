"""Masks secret members in unstructured text: logs, messages, dumps, GraphQL, XML, HTML, multipart forms, cut JSON.

`names` decides which names are secret; the caller provides the mask of a value.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable
from functools import partial
from urllib.parse import unquote_plus

from gonogo.secrets.names import STEMS, kind_of_header, kind_of_name

MaskFunction = Callable[[str, str], str | None]  # (value, kind) → its mask; None if the value is not secret

# A name and the separator before its value: `password=`, `"password": `, `\"password\":`, `password => `
_MEMBER = re.compile(r"""(?<![\w.-])(?P<name>[A-Za-z_][\w.\[\]-]{1,80}+)(?P<quote>\\{0,7}["'`]?)"""
                     r"""(?P<between>[ \t]{0,4}(?:=>|[:=])[ \t\r\n]{0,40})""")
_MAX_NAME = 80
_MAX_VALUE = 64 * 1024
_QUOTED = re.compile(r"""(?P<open>\\{0,7}["'`])""")
_BARE = re.compile(r"""[^\s&;,|"'`<>\\)}\]]+""")
_NUMBER = re.compile(r"-?\d[\d.]*(?![\w])")
_LIST = re.compile(r"\[[^\[\]{}]*\]")
_SCHEME = re.compile(r"(?P<scheme>(?:Basic|Bearer|Digest|Token|Negotiate)\s+)?(?P<credentials>[^\s\"'`,<>]{4,})",
                     re.IGNORECASE)
_COOKIES = re.compile(r"(?P<name>[\w.-]+)=(?P<value>[^;\s\"'`,]+)")
_ITEM = re.compile(r"\"(?:[^\"\\]|\\.)*\"|-?\d[\d.]*")
_LOGINS = frozenset({"authorization", "proxy-authorization"})
_COOKIE_HEADERS = frozenset({"cookie", "set-cookie"})
_CODE = re.compile(r"[\w.$]+\(|\{|\$\{|new |function|async ")

_ELEMENT = re.compile(r"<(?P<name>[\w:.-]{2,80}+)(?:\s[^<>]*)?(?<!/)>(?P<value>\s*<!\[CDATA\[.*?\]\]>\s*|[^<>]+)(?=</)",
                      re.DOTALL)
_FIELD = re.compile(r"<(?:input|meta|param|textarea|field|parameter|add|property|entry)\s[^<>]{0,4096}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""(?P<name>[\w:.-]+)\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s"'>]+))""")
_FIELD_NAMES = ("name", "id", "property", "autocomplete", "key")
_FIELD_VALUES = ("value", "content")
_PART = re.compile(r"""(?P<head>\bname="(?P<name>[^"\r\n]{1,80})"[^\r\n]*\r?\n(?:[^\r\n]+\r?\n)*\r?\n)"""
                   r"""(?P<value>.+?)(?=\r?\n--|\Z)""", re.DOTALL)


def masked(text: str, mask_of: MaskFunction) -> str:
    """`text` with the values of secret members masked, in any notation."""
    if "=" not in text and ":" not in text:
        return text
    parts: list[str] = []
    at = 0
    for match in _members(text):
        if match.start() < at:
            continue
        replacement = _value_of(text, match, mask_of)
        if replacement is not None:
            start, end, mask = replacement
            parts += [text[at:start], mask]
            at = end
    return "".join(parts) + text[at:] if parts else text


def _members(text: str) -> Iterable[re.Match[str]]:
    """The members that may be secret, in their order. Searches for stems of names first: that is faster."""
    lower = text.lower()
    if len(lower) != len(text):  # some capitals are two characters in lower case
        return _MEMBER.finditer(text)
    starts: set[int] = set()
    for stem in STEMS:
        at = lower.find(stem)
        while at >= 0:
            start = at
            while start and at - start < _MAX_NAME and (text[start - 1].isalnum() or text[start - 1] in "_.-[]"):
                start -= 1
            starts.add(start)
            at = lower.find(stem, at + len(stem))
    return filter(None, (_MEMBER.match(text, start) for start in sorted(starts)))


def masked_markup(text: str, mask_of: MaskFunction) -> str:
    """`text` with the values of secret XML and HTML elements, form fields and multipart parts masked."""
    if "<" in text:
        text = _ELEMENT.sub(partial(_element, mask_of), text)
        text = _FIELD.sub(partial(_field, mask_of), text)
    if "name=" in text:
        text = _PART.sub(partial(_part, mask_of), text)
    return text


def _value_of(text: str, match: re.Match[str], mask_of: MaskFunction) -> tuple[int, int, str] | None:
    """The start and end of the member's value, and its mask; None if it is not secret."""
    name, at = match["name"], match.end()
    lower = name.lower()
    if lower in _LOGINS or lower in _COOKIE_HEADERS:
        return _header_value(text, match, mask_of)
    header = "-" in name and ":" in match["between"]
    kind = kind_of_header(name) if header else kind_of_name(name)
    if kind is None:
        return None
    opening = _QUOTED.match(text, at)
    if opening:
        return _quoted(text, opening, kind, mask_of)
    items = _LIST.match(text, at) if match["quote"] else None
    if items:
        return at, items.end(), _ITEM.sub(lambda each: _item(each.group(), kind, mask_of), items.group())
    return _bare(text, match, kind, mask_of, header=header)


def _bare(text: str, match: re.Match[str], kind: str, mask_of: MaskFunction, *,
          header: bool) -> tuple[int, int, str] | None:
    """A value without quotes. After a colon, only a header's value or a number: "Wrong password: try again" is prose.
    """
    at = match.end()
    number = _NUMBER.match(text, at) if match["quote"] else None
    prose = ":" in match["between"] and not header and number is None
    if prose or "\n" in match["between"] or _CODE.match(text, at):
        return None
    bare = number or _BARE.match(text, at)
    if bare is None or not bare.group().strip("="):  # "=" is the end of base64
        return None
    mask = mask_of(_unescaped(bare.group()), kind)
    return None if mask is None else (at, bare.end(), mask)


def _quoted(text: str, opening: re.Match[str], kind: str, mask_of: MaskFunction) -> tuple[int, int, str] | None:
    """A quoted value, up to its closing quote or, if that was cut off, to the end of its line."""
    mark, start = opening["open"], opening.end()
    if text.startswith(mark * 2, start):  # a block of GraphQL or Python
        mark, start = mark * 3, start + 2 * len(mark)
    end = _closing(text, start, mark)
    value = text[start:end]
    mask = mask_of(_unescaped(value), kind)
    return None if mask is None else (start, end, mask)


def _closing(text: str, start: int, mark: str) -> int:
    end = text.find(mark, start, start + _MAX_VALUE)
    while end >= 0:
        slashes = 0
        while end - slashes > start and text[end - slashes - 1] == "\\":
            slashes += 1
        if slashes == 0 or (slashes % 2 == 0 and not mark.startswith("\\")):
            return end
        end = text.find(mark, end + 1, start + _MAX_VALUE)
    line = text.find("\n", start)
    return line if line >= 0 else len(text)


def _header_value(text: str, match: re.Match[str], mask_of: MaskFunction) -> tuple[int, int, str] | None:
    """The credentials or cookies of a header, in any notation in which headers are logged."""
    opening = _QUOTED.match(text, match.end())
    at = opening.end() if opening else match.end()
    if "\n" in match["between"]:
        return None
    if match["name"].lower() in _COOKIE_HEADERS:
        line = re.compile(r"[^\r\n\"'`\\]*").match(text, at)
        if line is None or "=" not in line.group():
            return None
        return at, line.end(), _COOKIES.sub(lambda each: _cookie(each, mask_of), line.group())
    login = _SCHEME.match(text, at)
    if login is None or (login["scheme"] is None and (not opening and ":" in match["between"] and text[at:].isalpha())):
        return None
    mask = mask_of(login["credentials"].rstrip("\\"), "token")
    return None if mask is None else (login.start("credentials"), login.end("credentials"), mask)


def _cookie(match: re.Match[str], mask_of: MaskFunction) -> str:
    if match["name"].lower() in ("path", "domain", "expires", "max-age", "samesite", "priority"):
        return match.group()
    return f"{match['name']}={mask_of(match['value'], kind_of_name(match['name']) or 'cookie') or match['value']}"


def _item(item: str, kind: str, mask_of: MaskFunction) -> str:
    mask = mask_of(_unescaped(item.strip('"')), kind)
    return item if mask is None else f'"{mask}"'


def _element(mask_of: MaskFunction, match: re.Match[str]) -> str:
    kind = kind_of_name(match["name"].rpartition(":")[2])
    value = match["value"].strip()
    inner = value.removeprefix("<![CDATA[").removesuffix("]]>")
    mask = mask_of(html.unescape(inner), kind) if kind and inner.strip() else None
    return match.group() if mask is None else match.group().replace(value, mask)


def _field(mask_of: MaskFunction, match: re.Match[str]) -> str:
    """A form field, also a hidden one: its name decides whether its value is secret."""
    tag = match.group()
    attributes = {each["name"].lower(): each for each in _ATTRIBUTE.finditer(tag)}
    names = [_attribute_value(attributes[name]) for name in _FIELD_NAMES if name in attributes]
    if "type" in attributes and _attribute_value(attributes["type"]).lower() == "password":
        names.append("password")
    kind = next(filter(None, map(kind_of_name, names)), None)
    values = [attributes[name] for name in _FIELD_VALUES if name in attributes]
    if kind is None or not values:
        return tag
    value = values[0]
    group = next(group for group in ("double", "single", "bare") if value[group] is not None)
    mask = mask_of(html.unescape(value[group]), kind)
    return tag if mask is None else tag[:value.start(group)] + mask + tag[value.end(group):]


def _attribute_value(match: re.Match[str]) -> str:
    return match["double"] or match["single"] or match["bare"] or ""


def _part(mask_of: MaskFunction, match: re.Match[str]) -> str:
    kind = kind_of_name(match["name"])
    mask = mask_of(match["value"].rstrip("\r\n"), kind) if kind else None
    return match.group() if mask is None else match["head"] + mask


def _unescaped(text: str) -> str:
    """The value of a quoted text, with the usual escapes decoded."""
    if "\\" in text:
        text = re.sub(r"\\+u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)
        text = re.sub(r"\\+([\"'`\\/])", r"\1", text)
    if "%" in text:
        text = unquote_plus(text)
    return html.unescape(text) if "&" in text else text
