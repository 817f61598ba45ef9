"""Which requests a run may send: a table of cases, refusals first."""

from __future__ import annotations

import pytest

from gonogo.model.reach import Address, Reach, Refusal

PROD = "https://shop.example.com"
REACH = Reach.between(
    ["https://preprod.shop.example.com", "http://127.0.0.1:8300", "https://bank.test/v2", "http://[::1]:9"],
    [PROD, "http://127.0.0.1:8100", "https://bank.test/v2"],
    hosts=["fonts.example.net", "*.cdn.example.net", "login.example.net:8443"], read_only=["POST /graphql", "POST /search/*"])
WRITING = Reach.between(["http://127.0.0.1:8300"], [PROD], writes=True)

REFUSED = {
    "production": (REACH, "GET", PROD + "/", Refusal.OTHER_ENVIRONMENT),
    "production on its usual port": (REACH, "GET", "https://SHOP.example.com:443/", Refusal.OTHER_ENVIRONMENT),
    "another environment on another port of the host": (
        REACH, "GET", "http://127.0.0.1:8100/", Refusal.OTHER_ENVIRONMENT),
    "production where writes are permitted": (WRITING, "GET", PROD + "/", Refusal.OTHER_ENVIRONMENT),
    "an unknown host": (REACH, "GET", "https://evil.example/", Refusal.UNKNOWN_HOST),
    "an unknown port of a known host": (REACH, "GET", "http://127.0.0.1:5432/", Refusal.UNKNOWN_HOST),
    "a known host on the port of another scheme": (
        REACH, "GET", "http://preprod.shop.example.com/", Refusal.UNKNOWN_HOST),
    "a host below a known one": (REACH, "GET", "https://a.preprod.shop.example.com/", Refusal.UNKNOWN_HOST),
    "a host that ends like a pattern": (REACH, "GET", "https://evilcdn.example.net/", Refusal.UNKNOWN_HOST),
    "the domain of a pattern itself": (REACH, "GET", "https://cdn.example.net/", Refusal.UNKNOWN_HOST),
    "another port than that of `hosts`": (REACH, "GET", "https://login.example.net/", Refusal.UNKNOWN_HOST),
    "a login that looks like a host": (
        REACH, "GET", "https://preprod.shop.example.com@evil.example/", Refusal.UNKNOWN_HOST),
    "a web socket to an unknown host": (REACH, "GET", "wss://evil.example/", Refusal.UNKNOWN_HOST),
    "a scheme without a host": (REACH, "GET", "file:///etc/passwd", Refusal.UNKNOWN_HOST),
    "a port that is none": (REACH, "GET", "http://127.0.0.1:x/", Refusal.UNKNOWN_HOST),
    "a method that writes": (REACH, "POST", "http://127.0.0.1:8300/orders", Refusal.WRITES),
    "a method that writes, in lower case": (REACH, "delete", "http://127.0.0.1:8300/orders/1", Refusal.WRITES),
    "a method of its own": (REACH, "PURGE", "http://127.0.0.1:8300/", Refusal.WRITES),
    "a method that writes to a third party": (REACH, "POST", "https://bank.test/v2/charges", Refusal.WRITES),
    "a path below one that only reads": (REACH, "POST", "http://127.0.0.1:8300/graphql/admin", Refusal.WRITES),
    "another method on a path that only reads": (REACH, "PUT", "http://127.0.0.1:8300/graphql", Refusal.WRITES),
    "a query that looks like a path": (REACH, "POST", "http://127.0.0.1:8300/orders?/graphql", Refusal.WRITES),
}
PERMITTED = {
    "the environment": (REACH, "GET", "https://preprod.shop.example.com/page"),
    "its name with a dot at the end": (REACH, "GET", "https://preprod.shop.example.com./page"),
    "a service on loopback": (REACH, "HEAD", "http://127.0.0.1:8300"),
    "a web socket of a service": (REACH, "GET", "ws://127.0.0.1:8300/events"),
    "an IPv6 address": (REACH, "OPTIONS", "http://[::1]:9/"),
    "a third party that two environments share": (REACH, "GET", "https://bank.test/v2/health"),
    "a host of `hosts`": (REACH, "GET", "http://fonts.example.net/a.woff2"),
    "a host below a pattern": (REACH, "GET", "https://a.b.cdn.example.net/"),
    "a port of `hosts`": (REACH, "GET", "https://login.example.net:8443/"),
    "a request that only reads": (REACH, "POST", "http://127.0.0.1:8300/graphql?query=x"),
    "a request that only reads, by a pattern": (REACH, "POST", "http://127.0.0.1:8300/search/flights"),
    "a method that writes where writes are permitted": (WRITING, "POST", "http://127.0.0.1:8300/orders"),
}


@pytest.mark.parametrize(("reach", "method", "url", "refusal"), REFUSED.values(), ids=REFUSED.keys())
def test_refused_requests(reach: Reach, method: str, url: str, refusal: Refusal) -> None:
    assert reach.refuses(method, url) is refusal


@pytest.mark.parametrize(("reach", "method", "url"), PERMITTED.values(), ids=PERMITTED.keys())
def test_permitted_requests(reach: Reach, method: str, url: str) -> None:
    assert reach.refuses(method, url) is None


@pytest.mark.parametrize(("host", "refusal"), [
    ("shop.example.com", Refusal.OTHER_ENVIRONMENT), ("evil.example", Refusal.UNKNOWN_HOST),
    ("PREPROD.shop.example.com", None), ("login.example.net", None), ("x.cdn.example.net", None), ("127.0.0.1", None),
])
def test_names_that_may_be_looked_up(host: str, refusal: Refusal | None) -> None:
    assert REACH.refuses_name(host) is refusal


def test_addresses_are_compared_by_host_and_port() -> None:
    assert Address.of("https://Shop.example.com") == Address("shop.example.com", 443)
    assert REACH.refuses_address(Address("127.0.0.1", 8100)) is Refusal.OTHER_ENVIRONMENT
