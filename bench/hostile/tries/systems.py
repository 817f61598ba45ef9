"""Systems that lie, drip, flood, redirect or break off, at each place that the gate asks by itself."""

from __future__ import annotations

import json

from bench.hostile.server import (
    IMAGE,
    OTHER_IMAGE,
    Answer,
    bytes_of,
    document,
    drips,
    floods,
    gzip_bomb,
    hangs_up,
    page,
    raw,
    redirect,
    silent,
)
from bench.hostile.trial import Try
from bench.hostile.tries.inputs import aliases

_DEEP = b"[" * 100_000
_RELEASE = {"release.yml": json.dumps({"schema": 1, "images": {"shop": IMAGE}})}


def _service(path: str, answer: Answer, expected: str, rule: str = "", **of_try: object) -> Try:
    return Try(expected, rule, _RELEASE, {"services": {"shop": {"url": "{url}"}}}, {path: answer}, **of_try)  # type: ignore[arg-type]


def health(answer: Answer, expected: str, rule: str = "") -> Try:
    return _service("/health", answer, expected, rule)


def version(answer: Answer, expected: str = "INCONCLUSIVE", rule: str = "version-not-reported") -> Try:
    return _service("/version", answer, expected, rule)


def front(answer: Answer, expected: str = "INCONCLUSIVE", rule: str = "") -> Try:
    return Try(expected, rule, answers={"/": answer})


class _Alternating:
    """Two replicas behind one address."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = answers
        self._count = 0

    def __call__(self, handler: object) -> None:
        self._count += 1
        self._answers[self._count % len(self._answers)](handler)  # type: ignore[arg-type]


def _document(body: bytes | str, expected: str = "INCONCLUSIVE", *, name: str = "openapi.json") -> Try:
    """The OpenAPI document of a service whose contract must hold."""
    return Try(expected, "", {name: body}, {
        "services": {"shop": {"url": "{url}", "openapi": name, "version": None}}, "wire": {"contract": "block"}})


def _openapi(**changes: object) -> str:
    return json.dumps({
        "openapi": "3.0.3", "info": {"title": "shop", "version": "1"},
        "paths": {"/ok": {"get": {"responses": {"200": {"description": "ok", "content": {"application/json": {
            "schema": {"type": "object", "properties": {"image": {"type": "string"}}}}}}}}}}, **changes})


def _pattern(pattern: str) -> str:
    return _openapi(paths={"/ok": {"get": {"responses": {"200": {"description": "ok", "content": {"application/json": {
        "schema": {"type": "object", "properties": {"image": {"type": "string", "pattern": pattern}}}}}}}}}})


TRIES = {
    "health: 500": health(document(status=500), "NO-GO", "component-unhealthy"),
    "health: 404": health(document(status=404), "NO-GO", "component-unhealthy"),
    "health: a redirect to a sign-in page": health(redirect("/sign-in"), "INCONCLUSIVE", "health-redirected"),
    "health: drips a body": health(drips(b"HTTP/1.1 200 OK\r\n\r\n"), "INCONCLUSIVE", "component-down"),
    "health: drips headers": health(drips(b"HTTP/1.1 200 OK\r\nX: "), "INCONCLUSIVE", "component-down"),
    "health: never answers": health(silent, "INCONCLUSIVE", "component-down"),
    "health: hangs up": health(hangs_up, "INCONCLUSIVE", "component-down"),
    "health: no HTTP": health(bytes_of(b"\x00\x01\x02SSH-2.0\r\n"), "INCONCLUSIVE", "component-down"),
    "health: a gzip bomb": health(gzip_bomb, "GO"),
    "health: 600 MB": health(floods, "GO"),
    "health: half an answer": health(bytes_of(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"), "INCONCLUSIVE"),
    "health: ten thousand headers": health(bytes_of(
        b"HTTP/1.1 200 OK\r\n" + b"X-Header: value\r\n" * 10_000 + b"\r\n"), "INCONCLUSIVE"),
    "version: 500 with the right image": version(document(status=500)),
    "version: a redirect to the right image": version(redirect("/ok")),
    "version: another image": version(document({"image": OTHER_IMAGE}), "NO-GO", "wrong-image"),
    "version: no image": version(document({"version": "1.0"})),
    "version: the image is null": version(document({"image": None})),
    "version: the image is a list": version(document({"image": [IMAGE]})),
    "version: a page": version(page()),
    "version: no JSON": version(raw(b"{", kind="application/json")),
    "version: not UTF-8": version(raw(b'{"image": "\xff\xfe"}', kind="application/json")),
    "version: JSON of 100,000 brackets": version(raw(_DEEP, kind="application/json")),
    "version: drips": version(drips(b'HTTP/1.1 200 OK\r\n\r\n{"image": "')),
    "version: never answers": version(silent),
    "version: a gzip bomb": version(gzip_bomb),
    "version: 600 MB": version(floods),
    "version: no HTTP": version(bytes_of(b"image\n")),
    "version: replicas of different images": version(
        _Alternating(document({"image": IMAGE}), document({"image": IMAGE, "config": "sha256:1"}),
                     document({"image": IMAGE, "config": "sha256:2"})), "INCONCLUSIVE", ""),
    "version: the path is null": Try("INCONCLUSIVE", "release-not-compared", _RELEASE,
                                     {"services": {"shop": {"url": "{url}", "version": None}}}),
    "release: names no component": Try(
        "INCONCLUSIVE", "release-not-compared", {"release.yml": json.dumps({"schema": 1, "images": {"shopp": IMAGE}})},
        {"services": {"shop": {"url": "{url}"}}}),
    "url: 500": front(document(status=500), "NO-GO"),
    "url: 503": front(document(status=503), "NO-GO"),
    "url: drips": front(drips(b"HTTP/1.1 200 OK\r\n\r\n")),
    "url: never answers": front(silent),
    "url: hangs up": front(hangs_up),
    "url: no HTTP": front(bytes_of(b"hello\n")),
    "url: 600 MB": front(floods, "GO"),
    "url: a gzip bomb": front(gzip_bomb, "GO"),
    "url: redirects without end": front(redirect("/")),
    "third party: never answers": Try("INCONCLUSIVE", "test-gateway-down", settings={
        "third_parties": {"bank": {"url": "{url}/bank"}}}, answers={"/bank/health": silent}),
    "third party: 500": Try("INCONCLUSIVE", "test-gateway-down", settings={
        "third_parties": {"bank": {"url": "{url}/bank"}}}, answers={"/bank/health": document(status=500)}),
    "provision: prints without end": Try("INCONCLUSIVE", "environment-not-up", settings={
        "url": "http://127.0.0.1:9", "provision": {"up": "yes", "timeout_s": 30}}),
    "provision: never ends": Try("INCONCLUSIVE", "environment-not-up", settings={
        "url": "http://127.0.0.1:9", "provision": {"up": "sleep 600", "timeout_s": 2}}),
    "provision: is no command": Try("INCONCLUSIVE", "environment-not-up", settings={
        "url": "http://127.0.0.1:9", "provision": {"up": "/no/such/command"}}),
    # documents
    "document: healthy": _document(_openapi(), "GO"),
    "document: is broken by the answer": _document(_openapi().replace('"string"', '"integer"'), "NO-GO"),
    "document: one blemish": _document(_openapi(info={"title": "shop", "version": 1.0}), "GO"),
    "document: does not exist": Try("INCONCLUSIVE", "contract-not-checked", settings={
        "services": {"shop": {"url": "{url}", "openapi": "no.json", "version": None}}, "wire": {"contract": "block"}}),
    "document: JSON of 100,000 brackets": _document(_DEEP),
    "document: YAML of 100,000 brackets": _document(_DEEP, name="openapi.yml"),
    "document: YAML aliases": _document(aliases(), name="openapi.yml"),
    "document: a pattern that takes for ever": _document(_pattern("^(([a-z:])+.)+[A-Z]([a-z])+$"), "NO-GO"),
    "document: refers to a file of the machine": _document(_openapi(paths={"/ok": {"$ref": "file:///etc/passwd"}})),
    "document: refers to another folder": _document(_openapi(paths={"/ok": {"$ref": "../../../etc/passwd"}})),
    "document: refers to the network": _document(_openapi(paths={"/ok": {"$ref": "http://127.0.0.1:9/paths.json"}})),
    "document: refers to itself without end": _document(_openapi(paths={"/ok": {"$ref": "#/paths/~1ok"}})),
}
