"""The rule protection-lost, on answers of a small shop: which headers protect, and when they are weaker."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gonogo.invariants import Watched
from gonogo.outside import Seen
from tests.recorded import exchange, faults, new, record, seen

RULE = "protection-lost"
COOKIE = ("Cookie", "sid=1")


def answered(*headers: tuple[str, str], private: bool = False, https: bool = False, path: str = "/orders",
             **told: object) -> Seen:
    return seen({"Ana": record()}, [exchange(
        path, {"a": 1}, of="Ana", headers=headers, sent_headers=[COOKIE] if private else [],
        url=f"{'https' if https else 'http'}://shop.test", **told)])  # type: ignore[arg-type]


def cookie(attributes: str, *, https: bool = False) -> Seen:
    return answered(("Set-Cookie", f"sid=abc; {attributes}"), https=https)


def csp(policy: str) -> Seen:
    return answered(("Content-Security-Policy", policy))


def cached(control: str, **told: object) -> Seen:
    return answered(*([("Cache-Control", control)] if control else []), private=True, **told)  # type: ignore[arg-type]


LOST = {
    "nosniff": (answered(), answered(("X-Content-Type-Options", "nosniff"))),
    "HttpOnly": (cookie("Path=/"), cookie("Path=/; HttpOnly")),
    "Secure": (cookie("Path=/", https=True), cookie("Path=/; Secure", https=True)),
    "SameSite": (cookie("SameSite=None"), cookie("SameSite=Lax")),
    "SameSite by omission": (cookie("Path=/"), cookie("SameSite=Strict")),
    "the second of two cookies": (
        answered(("Set-Cookie", "a=1; HttpOnly\nb=2")), answered(("Set-Cookie", "a=1; HttpOnly"), ("Set-Cookie", "b=2; HttpOnly"))),
    "the whole policy": (answered(), csp("default-src 'self'")),
    "a directive": (csp("script-src 'self'"), csp("script-src 'self'; form-action 'self'")),
    "a directive without a fallback that is as narrow": (csp("default-src *"), csp("default-src *; script-src 'self'")),
    "a wider directive": (csp("script-src 'self' 'unsafe-inline'"), csp("script-src 'self'")),
    "a directive that was none": (csp("object-src 'self'"), csp("object-src 'none'")),
    "frames by policy": (csp("frame-ancestors *"), csp("frame-ancestors 'none'")),
    "frames": (answered(), answered(("X-Frame-Options", "DENY"))),
    "frames of the same origin": (answered(("X-Frame-Options", "SAMEORIGIN")), answered(("X-Frame-Options", "DENY"))),
    "HSTS": (answered(https=True), answered(("Strict-Transport-Security", "max-age=31536000"), https=True)),
    "HSTS of no time": (answered(("Strict-Transport-Security", "max-age=0"), https=True),
                        answered(("Strict-Transport-Security", "max-age=31536000"), https=True)),
    "referrer": (answered(), answered(("Referrer-Policy", "same-origin"))),
    "a weaker referrer": (answered(("Referrer-Policy", "unsafe-url")), answered()),
    "no-store": (cached("private"), cached("no-store")),
    "shared caches": (cached("public, max-age=60"), cached("private, max-age=60")),
    "shared caches by omission": (cached("max-age=60"), cached("private, max-age=60")),
    "an error's header": (answered(status=404), answered(("X-Content-Type-Options", "nosniff"), status=404)),
}


@pytest.mark.parametrize(("now", "was"), LOST.values(), ids=LOST)
def test_a_lost_protection_is_found(now: Seen, was: Seen) -> None:
    [fault] = new(now, was, rule=RULE)
    assert fault.component == "shop"


KEPT = {
    "equal": (answered(("X-Content-Type-Options", "nosniff")),) * 2,
    "HSTS of more digits than a number has": (answered(("Strict-Transport-Security", f"max-age={'9' * 5_000}"), https=True),) * 2,
    "another writing": (answered(("x-content-type-options", "NoSniff")), answered(("X-Content-Type-Options", "nosniff"))),
    "the wider of two policies": (answered(
        ("Content-Security-Policy", "script-src 'self'"), ("Content-Security-Policy", "script-src *")), csp("script-src 'self'")),
    "there was none": (answered(), answered()),
    "one more": (answered(("X-Content-Type-Options", "nosniff")), answered()),
    "a cookie that is not set": (answered(), cookie("HttpOnly")),
    "a cookie that is taken back": (cookie("Max-Age=0"), cookie("HttpOnly")),
    "another cookie": (answered(("Set-Cookie", "lang=en")), cookie("HttpOnly")),
    "Secure without https": (cookie("Path=/"), cookie("Path=/; Secure")),
    "HSTS without https": (answered(), answered(("Strict-Transport-Security", "max-age=31536000"))),
    "another nonce": (csp("script-src 'self' 'nonce-2'"), csp("script-src 'self' 'nonce-1'")),
    "a narrower policy": (csp("script-src 'none'"), csp("script-src 'self'")),
    "a directive that falls back to one as narrow": (csp("default-src 'self'"), csp("default-src 'self'; img-src 'self'")),
    "the same policy in two headers": (
        answered(("Content-Security-Policy", "img-src 'self'"), ("Content-Security-Policy", "base-uri 'none'")),
        csp("base-uri 'none'; img-src 'self'")),
    "frames by the other header": (csp("frame-ancestors 'none'"),
                                   answered(("X-Frame-Options", "DENY"), ("Content-Security-Policy", "frame-ancestors 'none'"))),
    "what browsers do anyway": (answered(), answered(("Referrer-Policy", "origin"))),
    "a public answer": (answered(("Cache-Control", "public")), answered(("Cache-Control", "no-store"))),
    "stored by nobody": (cached("no-store"), cached("private, no-store")),
    "an endpoint that is new": (answered(path="/new"), answered(("X-Content-Type-Options", "nosniff"))),
    "an error beside a page": (answered(status=404), answered(("X-Content-Type-Options", "nosniff"))),
    "an answer not modified": (answered(status=304), answered(("X-Content-Type-Options", "nosniff"), status=304)),
    "a test gateway's": (answered(callee="bank"), answered(("X-Content-Type-Options", "nosniff"), callee="bank")),
}


@pytest.mark.parametrize(("now", "was"), KEPT.values(), ids=KEPT)
def test_a_kept_protection_is_not_found(now: Seen, was: Seen) -> None:
    assert faults(now, was, rule=RULE) == []


def test_without_a_baseline_nothing_is_lost() -> None:
    assert faults(answered(), rule=RULE) == []


def test_what_not_every_answer_had_is_no_protection() -> None:
    guarded, bare = answered(("X-Content-Type-Options", "nosniff")), answered()
    mixed = replace(guarded, exchanges=[*guarded.exchanges, *bare.exchanges])
    assert faults(bare, mixed, rule=RULE) == []


def test_what_varies_between_runs_of_equal_images_is_no_protection() -> None:
    guarded, bare = answered(("X-Content-Type-Options", "nosniff")), answered()
    assert faults(bare, guarded, Watched(bare, same_images=True), rule=RULE) == []


def test_what_a_release_restored_can_be_lost_again() -> None:
    guarded, bare = answered(("X-Content-Type-Options", "nosniff")), answered()
    assert len(new(bare, bare, guarded, rule=RULE)) == 1


def test_equal_losses_are_one_finding() -> None:
    now, was = (seen({"Ana": record()}, [exchange(f"/{name}", {}, of="Ana", headers=headers) for name in ("a", "b", "c")])
                for headers in ([], [("X-Content-Type-Options", "nosniff")]))
    [fault] = new(now, was, rule=RULE)
    assert fault.parameters.endpoints == 3  # type: ignore[attr-defined]
