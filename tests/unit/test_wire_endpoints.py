"""Each endpoint has one name for all its parameter values, and different endpoints have different names."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from gonogo.model.calls import Edge
from gonogo.model.exchange import Exchange
from gonogo.traffic.http.endpoints import Endpoints, template

TRAVEL = Path(__file__).parents[2] / "travel"

NAMES = [
    "/", "", "/api", "/api/v1", "/api/v1/messages", "/v2.1/users", "/1.1/statuses", "/api/flights", "/api/bookings",
    "/rest/api/2/search", "/api/payment-events", "/webhooks/bank", "/sandbox/flights", "/sign-in", "/livez",
    "/.well-known/openid-configuration", "/oauth2/token", "/oauth2-callback", "/step2/payment", "/utf8/decode",
    "/api/i18n/messages", "/k8s/healthz", "/a11y", "/e2e", "/http2", "/es2020/app.js", "/en-GB/flights", "/zh-Hant/a",
    "/es-419/a", "/getPassengerNameRecordDetails", "/api/airports/LHR", "/rates/EUR", "/API/CSS/", "/favicon.ico",
    "/app.js", "/assets/jquery-3.7.1.min.js", "/styles/main.css", "/api/airports/", "/facade/decade", "/added/effaced",
    "/chapter-2", "/two_words", "/~ana", "/@scope/package", "/API-Keys", "/base64", "/sha256", "/x86_64/packages",
    "/PASSENGERS", "/Zürich", "/actuator/health", "/icon-512.png", "/my-date-picker.js", "/_next/static/chunks/main.js",
]


@pytest.mark.parametrize("path", NAMES)
def test_name_in_a_path_is_kept(path: str) -> None:
    """A segment that may be a word, a version or a language is part of the endpoint."""
    assert template(path) == path


VALUES = [
    ("/api/bookings/0b6dfa5e-8d29-4b45-9f0e-2d8f3c6a1c11", "/api/bookings/[id]"),
    ("/api/bookings/0B6DFA5E8D294B459F0E2D8F3C6A1C11/cancellation", "/api/bookings/[id]/cancellation"),
    ("/api/flights/GN0123-2027-01-15/seats", "/api/flights/[id]/seats"),
    ("/flights/TA123-2026-11-30", "/flights/[id]"),
    ("/flights/BA2490", "/flights/[id]"),
    ("/pnrs/K7QX2M", "/pnrs/[id]"),
    ("/pnrs/ABCDEF/ticket", "/pnrs/[id]/ticket"),
    ("/pnrs/234567", "/pnrs/[id]"),
    ("/users/7", "/users/[id]"),
    ("/users/-7", "/users/[id]"),
    ("/users/7/", "/users/[id]/"),
    ("/geo/51.50721/-0.12758", "/geo/[id]/[id]"),
    ("/payments/pay_9f86d081884c7d659a2feaa0c55ad015", "/payments/[id]"),
    ("/v1/charges/ch_3OaB9s6XKzkNRiz8i3/refunds", "/v1/charges/[id]/refunds"),
    ("/orders/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/orders/[id]"),
    ("/objects/507f1f77bcf86cd799439011", "/objects/[id]"),
    ("/commits/a1b2c3d", "/commits/[id]"),
    ("/challenge/dGhpcyBpcyBhIHRva2Vu-_8", "/challenge/[id]"),
    ("/challenge/QmFzZURVcmxXaXRob3V0TnVt", "/challenge/[id]"),
    ("/orders/order-12345", "/orders/[id]"),
    ("/days/2026-11-30", "/days/[id]"),
    ("/days/2026-11", "/days/[id]"),
    ("/days/20261130", "/days/[id]"),
    ("/at/2026-11-30T10:00:00Z", "/at/[id]"),
    ("/users/ana%40example.com", "/users/[id]"),
    ("/users/ana@example.com/mails", "/users/[id]/mails"),
    ("/cities/New%20York", "/cities/[id]"),
    ("/messages/12345:send", "/messages/[id]:send"),
    ("/cart;jsessionid=9s6XKzkN/items", "/cart/items"),
    ("/api/v1/message/Ab3dEf9hIjKl", "/api/v1/message/[id]"),
    ("/assets/index-DiwrgTda.js", "/assets/index-[id].js"),
    ("/assets/index-4f9c0b1e.css", "/assets/index-[id].css"),
    ("/assets/app.3f2a9c1b.chunk.js", "/assets/app.[id].chunk.js"),
    ("/tickets/507f1f77bcf86cd799439011.pdf", "/tickets/[id].pdf"),
    ("/invoices/report-2026-11-30.pdf", "/invoices/[id].pdf"),
    ("/invoices/invoice-12345.pdf", "/invoices/invoice-[id].pdf"),
    ("/api/users/12", "/api/users/[id]"),
]


@pytest.mark.parametrize(("path", "expected"), VALUES)
def test_value_in_a_path_is_replaced(path: str, expected: str) -> None:
    """Numbers, ids, tokens, locators, dates, free text and hashes of bundles are replaced by `[id]`."""
    assert template(path) == expected


def documents() -> dict[str, dict[str, object]]:
    return {path.parent.name: yaml.safe_load(path.read_text()) for path in TRAVEL.glob("*/openapi.yml")}


@pytest.mark.parametrize(("callee", "path", "expected"), [
    ("bookings", "/bookings/anything-at-all", "/bookings/[id]"),
    ("gds", "/pnrs/word/ticket", "/pnrs/[id]/ticket"),
    ("gds", "/schedules", "/schedules"),
    ("gateway", "/api/flights", "/api/flights"),
    ("gateway", "/api/unknown/12", "/api/unknown/[id]"),  # not in the document
    ("web", "/app.js", "/app.js"),  # "/{path}" means only that there are files
    ("nobody", "/a/12", "/a/[id]"),
])
def test_document_decides_if_it_has_the_path(callee: str, path: str, expected: str) -> None:
    """An OpenAPI path template takes precedence over the form of a segment."""
    assert Endpoints(documents()).template(callee, path) == expected


def test_most_specific_path_of_a_document_wins() -> None:
    """A fixed path precedes a variable one, whatever their order in the document; base paths of servers are kept."""
    paths = {"/{kind}/{id}": {}, "/users/{id}": {}, "/users/me": {}, "/files/{name}.json": {}, "/jobs/{id}:run": {}}
    endpoints = Endpoints({"api": {"paths": paths, "servers": [{"url": "https://x/{v}/", "variables": {"v": {"default": "v3"}}}]}})
    assert [endpoints.template("api", path) for path in (
        "/users/me", "/users/you", "/any/thing", "/files/report.json", "/jobs/abc:run", "/v3/users/me", "/v3/users/you",
    )] == ["/users/me", "/users/[id]", "/any/thing", "/files/[id].json", "/jobs/[id]:run", "/v3/users/me", "/v3/users/[id]"]


def test_endpoints_are_the_same_with_and_without_a_document() -> None:
    """Baselines recorded before a document was added remain valid afterwards."""
    endpoints = Endpoints(documents())
    examples = {"/api/bookings/0b6dfa5e-8d29-4b45-9f0e-2d8f3c6a1c11": "gateway", "/flights/GN0123-2027-01-15/seatmap": "gds",
                "/payments/pay_9f86d081884c7d659a2feaa0c55ad015/void": "payments", "/pnrs/K7QX2M": "gds"}
    for path, callee in examples.items():
        assert endpoints.template(callee, path) == template(path)


def test_edge() -> None:
    """The edge of an exchange has its caller, callee, method and endpoint."""
    exchange = Exchange("GET", "http://shop/api/bookings/12?page=2", 200, caller="browser", callee="gateway")
    assert Endpoints().edge(exchange) == Edge("browser", "gateway", "GET", "/api/bookings/[id]")


@pytest.mark.parametrize("paths", [None, [], {"no-slash": {}, 3: {}}])
def test_document_without_paths_is_ignored(paths: object) -> None:
    """An incomplete document does not raise an error."""
    assert Endpoints({"api": {"paths": paths}}).template("api", "/a/12") == "/a/[id]"
