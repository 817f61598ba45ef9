"""Secret members in text that is no document: logs, messages, dumps, GraphQL, XML, HTML, forms with files, cut JSON.

Which names are secret is `names`' business, how a value is masked the caller's.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable
from functools import partial
from urllib.parse import unquote_plus

from gonogo.secrets.names import STEMS, kind_of_header, kind_of_name

Named = Callable[[str, str], str | None]  # (value, kind) → its mask; None where it is no secret

# A name and what stands between it and its value: `password=`, `"password": `, `\"password\":`, `password => `
_MEMBER = re.compile(r"""(?<![\w.-])(?P<name>[A-Za-z_][\w.\[\]-]{1,80}+)(?P<quote>\\{0,7}["'`]?)"""
                     r"""(?P<between>[ \t]{0,4}(?:=>|[:=])[ \t\r\n]{0,40})""")
_LONGEST_NAME = 80
_LONGEST_VALUE = 64 * 1024
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


def masked(text: str, named: Named) -> str:
    """`text` with the values of secret members masked, whatever notation it is in."""
    if "=" not in text and ":" not in text:
        return text
    parts: list[str] = []
    at = 0
    for match in _members(text):
        if match.start() < at:
            continue
        found = _value_of(text, match, named)
        if found is not None:
            start, end, mask = found
            parts += [text[at:start], mask]
            at = end
    return "".join(parts) + text[at:] if parts else text


def _members(text: str) -> Iterable[re.Match[str]]:
    """The members that may be secret, in their order; looked for by parts of names, which is quicker."""
    lower = text.lower()
    if len(lower) != len(text):  # some capitals are two characters in lower case
        return _MEMBER.finditer(text)
    starts: set[int] = set()
    for stem in STEMS:
        at = lower.find(stem)
        while at >= 0:
            start = at
            while start and at - start < _LONGEST_NAME and (text[start - 1].isalnum() or text[start - 1] in "_.-[]"):
                start -= 1
            starts.add(start)
            at = lower.find(stem, at + len(stem))
    return filter(None, (_MEMBER.match(text, start) for start in sorted(starts)))


def masked_markup(text: str, named: Named) -> str:
    """XML, HTML and multipart forms: elements, a page's fields and parts that are named as secret."""
    if "<" in text:
        text = _ELEMENT.sub(partial(_element, named), text)
        text = _FIELD.sub(partial(_field, named), text)
    if "name=" in text:
        text = _PART.sub(partial(_part, named), text)
    return text


def _value_of(text: str, match: re.Match[str], named: Named) -> tuple[int, int, str] | None:
    """Where the member's value stands, and its mask; None where it is no secret."""
    name, at = match["name"], match.end()
    lower = name.lower()
    if lower in _LOGINS or lower in _COOKIE_HEADERS:
        return _header_value(text, match, named)
    header = "-" in name and ":" in match["between"]
    kind = kind_of_header(name) if header else kind_of_name(name)
    if kind is None:
        return None
    opening = _QUOTED.match(text, at)
    if opening:
        return _quoted(text, opening, kind, named)
    items = _LIST.match(text, at) if match["quote"] else None
    if items:
        return at, items.end(), _ITEM.sub(lambda each: _item(each.group(), kind, named), items.group())
    return _bare(text, match, kind, named, header=header)


def _bare(text: str, match: re.Match[str], kind: str, named: Named, *, header: bool) -> tuple[int, int, str] | None:
    """A value without quotes; after a colon a header's or a number alone: "Wrong password: try again" is prose."""
    at = match.end()
    number = _NUMBER.match(text, at) if match["quote"] else None
    prose = ":" in match["between"] and not header and number is None
    if prose or "\n" in match["between"] or _CODE.match(text, at):
        return None
    bare = number or _BARE.match(text, at)
    if bare is None or not bare.group().strip("="):  # "=" is the end of base64
        return None
    mask = named(_unescaped(bare.group()), kind)
    return None if mask is None else (at, bare.end(), mask)


def _quoted(text: str, opening: re.Match[str], kind: str, named: Named) -> tuple[int, int, str] | None:
    """A quoted value, to its closing quote or, where it was cut, to the end of its line."""
    mark, start = opening["open"], opening.end()
    if text.startswith(mark * 2, start):  # a block of GraphQL or Python
        mark, start = mark * 3, start + 2 * len(mark)
    end = _closing(text, start, mark)
    value = text[start:end]
    mask = named(_unescaped(value), kind)
    return None if mask is None else (start, end, mask)


def _closing(text: str, start: int, mark: str) -> int:
    end = text.find(mark, start, start + _LONGEST_VALUE)
    while end >= 0:
        slashes = 0
        while end - slashes > start and text[end - slashes - 1] == "\\":
            slashes += 1
        if slashes == 0 or (slashes % 2 == 0 and not mark.startswith("\\")):
            return end
        end = text.find(mark, end + 1, start + _LONGEST_VALUE)
    line = text.find("\n", start)
    return line if line >= 0 else len(text)


def _header_value(text: str, match: re.Match[str], named: Named) -> tuple[int, int, str] | None:
    """The credentials of a login, or the cookies, in whatever notation a header is logged."""
    opening = _QUOTED.match(text, match.end())
    at = opening.end() if opening else match.end()
    if "\n" in match["between"]:
        return None
    if match["name"].lower() in _COOKIE_HEADERS:
        line = re.compile(r"[^\r\n\"'`\\]*").match(text, at)
        if line is None or "=" not in line.group():
            return None
        return at, line.end(), _COOKIES.sub(lambda each: _cookie(each, named), line.group())
    login = _SCHEME.match(text, at)
    if login is None or (login["scheme"] is None and (not opening and ":" in match["between"] and text[at:].isalpha())):
        return None
    mask = named(login["credentials"].rstrip("\\"), "token")
    return None if mask is None else (login.start("credentials"), login.end("credentials"), mask)


def _cookie(match: re.Match[str], named: Named) -> str:
    if match["name"].lower() in ("path", "domain", "expires", "max-age", "samesite", "priority"):
        return match.group()
    return f"{match['name']}={named(match['value'], kind_of_name(match['name']) or 'cookie') or match['value']}"


def _item(item: str, kind: str, named: Named) -> str:
    mask = named(_unescaped(item.strip('"')), kind)
    return item if mask is None else f'"{mask}"'


def _element(named: Named, match: re.Match[str]) -> str:
    kind = kind_of_name(match["name"].rpartition(":")[2])
    value = match["value"].strip()
    inner = value.removeprefix("<![CDATA[").removesuffix("]]>")
    mask = named(html.unescape(inner), kind) if kind and inner.strip() else None
    return match.group() if mask is None else match.group().replace(value, mask)


def _field(named: Named, match: re.Match[str]) -> str:
    """A field of a page, hidden ones among them: its value is as secret as its name says."""
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
    mask = named(html.unescape(value[group]), kind)
    return tag if mask is None else tag[:value.start(group)] + mask + tag[value.end(group):]


def _attribute_value(match: re.Match[str]) -> str:
    return match["double"] or match["single"] or match["bare"] or ""


def _part(named: Named, match: re.Match[str]) -> str:
    kind = kind_of_name(match["name"])
    mask = named(match["value"].rstrip("\r\n"), kind) if kind else None
    return match.group() if mask is None else match["head"] + mask


def _unescaped(text: str) -> str:
    """The value that a quoted text stands for, as far as the usual notations write it."""
    if "\\" in text:
        text = re.sub(r"\\+u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)
        text = re.sub(r"\\+([\"'`\\/])", r"\1", text)
    if "%" in text:
        text = unquote_plus(text)
    return html.unescape(text) if "&" in text else text
