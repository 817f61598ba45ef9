"""The protections that an answer's headers give to people: what each is, how strong, and which of two is the weaker."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from gonogo.model.exchange import Exchange, Message

Policy = Mapping[str, frozenset[str]]
CSP, FRAMING = "content-security-policy", "framing"
_REFERRER = ("unsafe-url", "no-referrer-when-downgrade", "origin-when-cross-origin", "origin",
             "strict-origin-when-cross-origin", "strict-origin", "same-origin", "no-referrer")
_BY_BROWSERS = "strict-origin-when-cross-origin"  # without a policy
_SAME_SITE = {"none": 0, "lax": 1, "strict": 2}
_FRAMES = {"deny": 2, "'none'": 2, "sameorigin": 1, "'self'": 1}
_OF_ONE_ANSWER = re.compile(r"'(nonce|sha\d+)-.*'", re.IGNORECASE)
_MAX_AGE = re.compile(r"max-age\s*=\s*\"?0*(\d{1,18})", re.IGNORECASE)  # more digits are too many for int()


@dataclass(frozen=True, slots=True)
class Protections:
    """`levels` are name → (how strong, 0 for none; what the header says). `policy` is the Content-Security-Policy:
    directive → sources, None without one.
    """

    levels: Mapping[str, tuple[int, str]]
    policy: Policy | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """`name` was `was` and is `now`, "" for not at all."""

    name: str
    was: str
    now: str


def protections_of(exchange: Exchange) -> Protections:
    """Those of one answer. What means nothing there (Secure without https) is left out."""
    answer, https = exchange.response, urlsplit(exchange.url).scheme == "https"
    policy = _policy(answer)
    levels = {"x-content-type-options": _level(_text(answer, "x-content-type-options"), {"nosniff": 1}),
              "referrer-policy": _referrer(answer), FRAMING: _framing(answer, policy),
              **dict(_cookies(answer, https=https))}
    if https:
        levels["strict-transport-security"] = _transport(answer)
    if exchange.request.header("cookie") or exchange.request.header("authorization"):
        levels |= _caching(answer)
    return Protections(levels, policy)


def weaker(one: Protections, other: Protections) -> Protections:
    """What holds in both; of a cookie that only one of them sets, as that one says."""
    levels = {**other.levels, **one.levels}
    levels |= {name: min(one.levels[name], other.levels[name]) for name in one.levels.keys() & other.levels.keys()}
    if one.policy is None or other.policy is None:
        return Protections(levels)
    both = {name: _or_all(_effective(one.policy, name), _effective(other.policy, name))
            for name in one.policy.keys() | other.policy.keys()}
    return Protections(levels, {name: sources for name, sources in both.items() if sources is not None})


def lost(now: Protections, was: Protections) -> Iterator[Lost]:
    """What was there and is gone, or is weaker."""
    for name, (level, text) in was.levels.items():
        current, current_text = now.levels.get(name, (level, text))
        if current < level:
            yield Lost(name, text, current_text)
    if was.policy and now.policy is None:
        yield Lost(CSP, "; ".join(sorted(was.policy)), "")
    elif was.policy and now.policy is not None:
        yield from _widened(now.policy, was.policy)


def _widened(now: Policy, was: Policy) -> Iterator[Lost]:
    for directive, sources in was.items():
        current = _effective(now, directive)
        if directive == "frame-ancestors":
            continue  # part of FRAMING
        if current is None:
            yield Lost(f"{CSP} {directive}", " ".join(sorted(sources)) or "'none'", "")
        elif "*" not in sources and (new := current - sources):
            yield Lost(f"{CSP} {directive}", " ".join(sorted(sources)) or "'none'", f"also {' '.join(sorted(new))}")


def _effective(policy: Policy, directive: str) -> frozenset[str] | None:
    """The sources that a directive allows; None if all are."""
    fallback = policy.get("default-src") if directive.endswith(("-src", "-src-elem", "-src-attr")) else None
    return policy.get(directive, fallback)


def _or_all(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    return None if one is None or other is None else one | other


def _policy(answer: Message) -> Policy | None:
    """Of several policies, each holds; sources of one answer alone (nonces, hashes) are left out."""
    found: dict[str, frozenset[str]] = {}
    for part in ";".join(answer.header_values(CSP)).split(";"):
        directive, *sources = part.lower().split()[:200] or [""]
        if directive:
            kept = frozenset(each for each in sources if each != "'none'" and not _OF_ONE_ANSWER.fullmatch(each))
            found[directive] = found[directive] & kept if directive in found else kept
    return found or None


def _text(answer: Message, name: str) -> str:
    return (answer.header(name) or "").strip().lower()


def _level(text: str, levels: Mapping[str, int]) -> tuple[int, str]:
    level = levels.get(text, 0)
    return level, text if level else ""


def _referrer(answer: Message) -> tuple[int, str]:
    """The last policy that a browser knows."""
    known = [each.strip() for each in _text(answer, "referrer-policy").split(",") if each.strip() in _REFERRER]
    return (_REFERRER.index(known[-1]), known[-1]) if known else (_REFERRER.index(_BY_BROWSERS), "")


def _framing(answer: Message, policy: Policy | None) -> tuple[int, str]:
    """Who may frame the page: frame-ancestors, or else X-Frame-Options."""
    if policy is not None and "frame-ancestors" in policy:
        sources = " ".join(sorted(policy["frame-ancestors"])) or "'none'"
        return _FRAMES.get(sources, 0 if "*" in sources else 1), f"frame-ancestors {sources}"
    return _level(_text(answer, "x-frame-options"), _FRAMES)


def _transport(answer: Message) -> tuple[int, str]:
    text = _text(answer, "strict-transport-security")
    age = _MAX_AGE.search(text)
    held = age is not None and int(age[1]) > 0
    return (1 + ("includesubdomains" in text) if held else 0), text if held else ""


def _caching(answer: Message) -> dict[str, tuple[int, str]]:
    """Of a private answer: whether it is stored at all, and whether caches that people share may store it."""
    text = _text(answer, "cache-control")
    names = {each.partition("=")[0].strip() for each in text.split(",")}
    shared = "public" in names or "s-maxage" in names or not names & {"private", "no-store", "no-cache"}
    return {"no-store": (int("no-store" in names), text), "shared-cache": (int(not shared), text)}


def _cookies(answer: Message, *, https: bool) -> Iterator[tuple[str, tuple[int, str]]]:
    for line in "\n".join(answer.header_values("set-cookie")).splitlines():
        pair, *attributes = (each.strip() for each in line.split(";"))
        name = pair.partition("=")[0].strip()
        said = {each.partition("=")[0].strip().lower(): each.partition("=")[2].strip() for each in attributes}
        if not name or said.get("max-age") == "0" or "1970" in said.get("expires", ""):
            continue  # it is taken back
        yield f"cookie {name}: HttpOnly", (int("httponly" in said), "HttpOnly" if "httponly" in said else "")
        same_site = said.get("samesite", "")
        yield f"cookie {name}: SameSite", (_SAME_SITE.get(same_site.lower(), 1), same_site)  # browsers take Lax
        if https:
            yield f"cookie {name}: Secure", (int("secure" in said), "Secure" if "secure" in said else "")
