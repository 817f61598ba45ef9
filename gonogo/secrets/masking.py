"""Masks secrets in everything that a run writes or prints.

Masked are: each known secret value (`known`), in every written form (`forms`); credentials in headers, cookies and
URLs; and members of JSON, forms, XML, HTML and text with secret names (`names`). A mask keeps equality: `***kind:4f2a`
has the first digits of an HMAC of the value, with a key that is never written to the run folder. A value that only
looks like a secret is not masked.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import reduce
from operator import or_
from typing import Any, TypeVar, cast
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit, urlunsplit

from gonogo.config.model import Environment
from gonogo.core.text import encodable
from gonogo.secrets import text_members
from gonogo.secrets.forms import Forms
from gonogo.secrets.known import NO_SECRETS, Secrets, is_unmistakable, is_worth_masking, secrets_of
from gonogo.secrets.names import CARD, is_number_name, kind_of_header, kind_of_name

MASK_KEY = "GONOGO_MASK_KEY"  # environment variable: the gate passes the key to its children, in hexadecimal digits
_KEY_BYTES = 32
_MASK = re.compile(r"\*\*\*[a-z]+:[0-9a-f]{4}(?![0-9a-f])")
_LOGIN_HEADERS = frozenset({"authorization", "proxy-authorization"})
_WHOLE_HEADERS = _LOGIN_HEADERS | {"cookie", "set-cookie"}
_URL_HEADERS = frozenset({"location", "content-location", "referer", "refresh", "origin", "link"})
_USERINFO = re.compile(r"(?P<scheme>\b[A-Za-z][A-Za-z0-9+.-]{1,15}+:(?:\\?/){2})[^\s/?#\"'<>`\\]*@")
_CARD_NUMBER = re.compile(r"\d(?:[ -]?\d){11,18}")
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"RIFF", b"GIF8", b"wOFF", b"wOF2")
_NAME_KEYS = ("name", "key", "id", "autocomplete")
_VALUE_KEYS = ("value", "content", "__playwright_value_")
_MAX_LEARNED = 500
_MAX_TRACES = 5_000  # of scenarios whose secrets are known
_DATA_URI = re.compile(r"data:(?:image|font)/[\w.+-]+;base64,[A-Za-z0-9+/=]+")

Item = TypeVar("Item")


def masks_in(text: str) -> frozenset[str]:
    """The masks in a text, such as `***card:4f2a`."""
    return frozenset(_MASK.findall(text)) if "***" in text else frozenset()


def kind_of_mask(mask: str) -> str:
    return mask.removeprefix("***").partition(":")[0]


def is_masked(text: str) -> bool:
    """Whether `text` contains a mask. A masked value can only be compared for equality."""
    return "***" in text and _MASK.search(text) is not None


def new_mask_key() -> bytes:
    return secrets.token_bytes(_KEY_BYTES)


def masker_for(environment: Environment | None, environ: Mapping[str, str], key: bytes | None = None) -> Masker:
    """The masker of a process. The gate passes the `key` of the history; a child reads the gate's key from `environ`.
    """
    inherited = environ.get(MASK_KEY, "")
    if key is None:
        key = bytes.fromhex(inherited) if re.fullmatch(r"(?:[0-9a-f]{2}){16,}", inherited) else new_mask_key()
    return Masker(secrets_of(environment, environ) | Secrets({key.hex(): "key"}), key)


@dataclass(slots=True)
class Masker:
    """Masks secrets in text, headers, URLs, bodies and documents. Existing masks are not changed.

    It learns: a card number that was masked because of a member's name is a known value from then on.
    """

    known: Secrets = NO_SECRETS
    key: bytes = field(default_factory=new_mask_key, repr=False)
    learned: Secrets = field(init=False, default=NO_SECRETS)
    _forms: Forms = field(init=False, repr=False)
    _base: Masker | None = field(init=False, default=None, repr=False)
    _of_traces: dict[str, Secrets] = field(init=False, default_factory=dict, repr=False)
    _within: dict[str, Masker] = field(init=False, default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self._forms = Forms(self.known.kinds)

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables that a child needs to make equal masks."""
        return {MASK_KEY: self.key.hex()}

    @property
    def longest_form(self) -> int:
        """The greatest number of characters in which a known value can be written."""
        return self._forms.longest

    def learn(self, more: Secrets) -> None:
        """Add known values, up to a limit."""
        fresh = {value: kind for value, kind in more.kinds.items() if value not in self.known.kinds}
        if fresh and len(self.learned) < _MAX_LEARNED:
            self.known, self.learned = self.known | Secrets(fresh), self.learned | Secrets(fresh)
            self._forms = Forms(self.known.kinds)
            self._within.clear()  # they were made without it
        if self._base is not None:
            self._base.learn(more)

    def extended(self, more: Secrets) -> Masker:
        """A masker that also knows `more`; this one learns what that one learns."""
        wider = Masker(self.known | more, self.key)
        wider._base = self
        return wider

    def learn_of(self, trace_id: str, more: Secrets) -> None:
        """Know what the scenario of a trace typed, and which tokens it was given: see `within`."""
        if len(self._of_traces) < _MAX_TRACES:
            self._of_traces[trace_id] = self._of_traces.get(trace_id, NO_SECRETS) | more
            self._within.pop(trace_id, None)
            self._within.pop("", None)

    def within(self, trace_id: str) -> Masker:
        """The masker of what belongs to a trace: it also knows the secrets of that trace's scenario.

        What belongs to no scenario's trace can contain those of any, of which only unmistakable ones are searched for.
        """
        of = trace_id if trace_id in self._of_traces else ""
        known = self._within.get(of)
        if known is None:
            known = self._within[of] = self.extended(self._of_traces[of] if of else self._unmistakable())
        return known

    def among(self, trace_ids: Iterable[str]) -> Masker:
        """The masker of what belongs to any of these traces: it knows the secrets of all their scenarios."""
        every = [self._of_traces[trace_id] for trace_id in sorted(set(trace_ids)) if trace_id in self._of_traces]
        return self.extended(reduce(or_, every, self._unmistakable()))

    def _unmistakable(self) -> Secrets:
        return Secrets({value: kind for each in tuple(self._of_traces.values()) for value, kind in each.kinds.items()
                        if is_unmistakable(value)})

    def marks(self) -> frozenset[str]:
        """The masks of all values that are known to be secret: configured, learned, or a scenario's. A user is none."""
        values = [*self.known.kinds.items(), *(pair for each in tuple(self._of_traces.values())
                                               for pair in each.kinds.items())]
        return frozenset(self.mask(value, kind) for value, kind in values if kind != "user")

    def mask(self, value: str, kind: str) -> str:
        """The mask of a whole value. The mask of a known value has that value's kind, the same for all its forms."""
        if _MASK.fullmatch(value):
            return value
        kind = self.known.kinds.get(value, kind)
        digits = re.sub(r"[ -]", "", value) if kind == CARD else value
        digest = hmac.digest(self.key, digits.encode("utf-8", "surrogatepass"), "sha256")
        return f"***{kind}:{digest[:2].hex()}"

    def mask_if_secret(self, value: str, kind: str) -> str | None:
        """The mask of a value whose name is of this kind; None if the value cannot be a secret (`true`, ``, a mask)."""
        if not value or value.lower() in ("true", "false", "null", "none", "undefined") or _MASK.fullmatch(value):
            return None
        if kind == CARD:
            if not _CARD_NUMBER.fullmatch(value):
                return None
            digits = re.sub(r"[ -]", "", value)
            self.learn(Secrets({digits: CARD}))
            return self.mask(digits, CARD)
        return self.mask(value, kind)

    def only_known(self, text: str) -> str:
        """`text` with known values masked, regardless of names."""
        spans = self._forms.in_text(text)
        if not spans:
            return text
        masks = [(match.start(), match.end()) for match in _MASK.finditer(text)] if "***" in text else []
        parts, at = [], 0
        for start, end, value in spans:
            if any(first <= start and end <= last for first, last in masks):
                continue
            parts += [text[at:start], self.mask(value, self.known.kinds[value])]
            at = end
        return "".join(parts) + text[at:]

    def text(self, text: str) -> str:
        """`text` with secrets masked: known values, user and password in URLs, and values with secret names.

        The result can be encoded: a lone surrogate is replaced.
        """
        return encodable(self._text(text))

    def _text(self, text: str) -> str:
        return self.only_known(self._by_names(text))

    def _by_names(self, text: str) -> str:
        if "@" in text:
            text = _USERINFO.sub(lambda match: match["scheme"], text)
        return text_members.masked(text, self.mask_if_secret)

    def file_text(self, text: str) -> str:
        """As `text`, for a whole file: embedded images, which may be large, are skipped."""
        parts, at = [], 0
        for match in _DATA_URI.finditer(text):
            parts += [self._in_file(text[at:match.start()]), match.group()]
            at = match.end()
        return encodable("".join(parts) + self._in_file(text[at:]))

    def _in_file(self, text: str) -> str:
        return self.only_known(_USERINFO.sub(lambda match: match["scheme"], text))

    def header(self, name: str, value: str) -> str:
        """The value with credentials masked. A cookie keeps its name and attributes, an authorization its scheme."""
        lower = name.lower()
        if lower in _LOGIN_HEADERS:
            return self._login(value)
        if lower == "set-cookie":
            cookie, semicolon, attributes = value.partition(";")
            return self._cookie(cookie) + semicolon + self.text(attributes)
        if lower == "cookie":
            return "; ".join(self._cookie(cookie.strip()) for cookie in value.split(";"))
        kind = kind_of_header(name)
        if kind and kind != CARD:
            return self.mask_if_secret(value, kind) or value
        return self.url(value) if lower in _URL_HEADERS else self.text(value)

    def _login(self, value: str) -> str:
        scheme, space, credentials = value.partition(" ")
        if not space:
            return self.mask_if_secret(value, "token") or value
        if scheme.lower() == "basic":
            return f"{scheme} {self.mask_if_secret(_password_in(credentials), 'password') or credentials}"
        return f"{scheme} {self.mask_if_secret(credentials, 'token') or credentials}"

    def _cookie(self, cookie: str) -> str:
        name, equals, value = cookie.partition("=")
        if not equals:
            return self.mask_if_secret(name, "cookie") or name
        return f"{name}={self.mask_if_secret(_decoded(value), kind_of_name(name) or 'cookie') or value}"

    def url(self, url: str) -> str:
        """`url` without user and password, and with secret members of query and fragment masked."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return self.text(url)
        return self.text(urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path,
                                     self._pairs(parts.query, safe="*:/,"), self._pairs(parts.fragment, safe="*:"))))

    def body(self, body: str, content_type: str) -> str:
        """`body` with secret members and values masked; a body without secrets is returned unchanged.

        Of undecodable bytes, the surrogates are kept.
        """
        if "x-www-form-urlencoded" in content_type:
            return self._text(self._pairs(body, safe="*:"))
        if "json" in content_type or body.lstrip().startswith(("{", "[")):
            try:
                document = json.loads(body)
                masked = self.members(document)
                return self.only_known(body if masked == document else json.dumps(masked, ensure_ascii=False))
            except (ValueError, RecursionError):
                pass
        return self._text(text_members.masked_markup(body, self.mask_if_secret))

    def data(self, data: bytes, content_type: str) -> bytes:
        """As `body`, for bytes. Images and compressed data are returned unchanged: their content cannot be masked."""
        if data.startswith(_PICTURES) or data.startswith((b"PK\x03\x04", b"\x1f\x8b", b"%PDF")):
            return data
        text = data.decode("utf-8", "surrogateescape")
        masked = self.body(text, content_type)
        return data if masked == text else masked.encode("utf-8", "surrogateescape")

    def member(self, name: str, value: str) -> str:
        """The masked value of a span's attribute; of a dotted name (`request.header.cookie`) the last part decides."""
        last = name.rpartition(".")[2]
        if ".header." in name:
            return self.header(last, value)
        return self.only_known(str(self._member(last, value, "")))

    def members(self, value: object, within: str = "") -> object:
        """A JSON document with secret members masked at any depth; `within` is the kind of the containing member.

        Known texts are not masked here: the serialised text is masked later.
        """
        if isinstance(value, dict):
            pair = self._pair(value)
            return {str(key): pair[key] if key in pair else self._member(str(key), item, within)
                    for key, item in value.items()}
        if isinstance(value, list):
            return [self.members(item, within) for item in value]
        if isinstance(value, int) and not isinstance(value, bool):
            text = str(value)
            masked = self.only_known(text)  # masked here, because a mask needs quotes in JSON
            return value if masked == text else masked
        return self._by_names(value) if isinstance(value, str) else value

    def _member(self, name: str, value: object, within: str) -> object:
        if name.lower() in _WHOLE_HEADERS and isinstance(value, str) and (" " in value or "=" in value):
            return self.header(name, value)
        kind = kind_of_name(name) or (CARD if within == CARD and is_number_name(name) else None)
        if kind is None:
            return self.members(value, within)
        if kind == CARD:
            leaf = self._leaf(value, CARD) if not isinstance(value, dict | list) else value
            return self.members(value, CARD) if leaf is value else leaf
        return self._under(value, kind)

    def _under(self, value: object, kind: str) -> object:
        """`value`, of a secret name, with all its leaves masked."""
        if isinstance(value, dict):
            return {key: self._under(item, kind) for key, item in value.items()}
        if isinstance(value, list):
            return [self._under(item, kind) for item in value]
        return self._leaf(value, kind)

    def _leaf(self, value: object, kind: str) -> object:
        """`null` and booleans are not secret."""
        if value is None or isinstance(value, bool | dict | list):
            return value
        return self.mask_if_secret(str(value), kind) or value

    def _pair(self, value: Mapping[str, object]) -> dict[str, object]:
        """The masked value of {"name": "password", "value": "…"}, the notation of forms, headers and page fields."""
        names = [str(value[key]) for key in _NAME_KEYS if isinstance(value.get(key), str)]
        if value.get("type") == "password":
            names.insert(0, "password")
        header = next((name for name in names if name.lower() in _WHOLE_HEADERS), None)
        if header and isinstance(value.get("value"), str):
            return {"value": self.header(header, str(value["value"]))}
        kind = next(filter(None, map(kind_of_name, names)), None)
        return {key: self._leaf(value[key], kind) for key in _VALUE_KEYS
                if isinstance(value.get(key), str | int | float)} if kind else {}

    def document(self, document: Item) -> Item:
        """gonogo's own document, plain JSON or a frozen dataclass, with every text masked; its structure is kept."""
        return cast(Item, self._each(document, self.text))

    def only_known_in(self, document: Item) -> Item:
        """As `document`, but masks known values only: for documents whose secret names were handled before."""
        return cast(Item, self._each(document, lambda text: encodable(self.only_known(text))))

    def _each(self, value: Any, mask: Callable[[str], str]) -> Any:  # noqa: ANN401  any JSON
        if isinstance(value, str):
            masked = mask(value)
            return value if masked == value else masked  # an enum's member stays one
        if isinstance(value, Mapping):
            return {self._each(key, mask): self._each(item, mask) for key, item in value.items()}
        if isinstance(value, list):
            return [self._each(item, mask) for item in value]
        if isinstance(value, tuple):
            items = [self._each(item, mask) for item in value]
            return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
        if is_dataclass(value) and not isinstance(value, type):
            old = {each.name: getattr(value, each.name) for each in fields(value) if each.init}
            new = {name: self._each(item, mask) for name, item in old.items()}
            return value if new == old else replace(value, **new)
        return value

    def _pairs(self, text: str, safe: str) -> str:
        """A query or form with secret members masked; unchanged if it has none, so that its encoding is kept."""
        pairs = parse_qsl(text, keep_blank_values=True, separator="&") if "=" in text else []
        kinds = [kind_of_name(name) for name, _ in pairs]
        if not any(kinds):
            return text
        masked = [(name, self.mask_if_secret(value, kind) or value if kind else value)
                  for (name, value), kind in zip(pairs, kinds, strict=True)]
        return text if masked == pairs else urlencode(masked, safe=safe)


def learned_cards(texts: Iterable[str]) -> Secrets:
    """The card numbers among texts that were typed into card fields."""
    return Secrets({re.sub(r"[ -]", "", text): CARD for text in texts if _CARD_NUMBER.fullmatch(text)})


def typed_secrets(pairs: Iterable[tuple[str, str]]) -> Secrets:
    """The secrets among pairs (typed text, kind of the field); card numbers are left to `learned_cards`."""
    return Secrets({text: kind for text, kind in pairs if kind != CARD and is_worth_masking(text)})


def _password_in(credentials: str) -> str:
    """The password of `Basic` credentials, so that it gets its usual mask; all of `credentials` if it has none."""
    try:
        _, colon, password = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return credentials
    return password if colon and password else credentials


def _decoded(text: str) -> str:
    return unquote_plus(text) if "%" in text else text
