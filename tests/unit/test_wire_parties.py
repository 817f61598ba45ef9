"""Which component or other party a URL belongs to."""

from __future__ import annotations

import pytest

from gonogo.config.model import Environment
from gonogo.traffic.http.parties import Parties

SHOP = Environment.model_validate({
    "url": "https://shop.example.com", "mail": "http://127.0.0.1:8025",
    "services": {"api": {"url": "https://shop.example.com/api"}, "search": {"url": "https://shop.example.com/api/search/"},
                 "stock": {"url": "http://localhost:9001"}},
    "third_parties": {"bank": {"url": "https://sandbox.bank.example/v1"}}})
ALONE = Environment.model_validate({"url": "http://127.0.0.1:8300/shop"})
GATEWAY = Environment.model_validate({"url": "http://127.0.0.1:8300", "mail": "http://127.0.0.1:8307", "services": {
    "gateway": {"url": "http://127.0.0.1:8300/"}, "mailbox": {"url": "http://127.0.0.1:8307"}}})


@pytest.mark.parametrize(("environment", "url", "name", "first"), [
    (SHOP, "https://shop.example.com/", "system", True),
    (SHOP, "https://shop.example.com", "system", True),
    (SHOP, "https://SHOP.example.com:443/basket?x=1", "system", True),
    (SHOP, "https://shop.example.com/api", "api", True),
    (SHOP, "https://shop.example.com/api/a?b#c", "api", True),
    (SHOP, "https://shop.example.com/apiary", "system", True),  # a base url ends at a slash
    (SHOP, "https://shop.example.com/api/search/a", "search", True),
    (SHOP, "wss://shop.example.com/api/live", "api", True),
    (SHOP, "http://127.0.0.1:9001/a", "stock", True),
    (SHOP, "http://127.0.0.1:9002/a", "127.0.0.1:9002", False),
    (SHOP, "https://sandbox.bank.example/v1/charges", "bank", False),
    (SHOP, "https://sandbox.bank.example/v2/charges", "sandbox.bank.example", False),
    (SHOP, "http://127.0.0.1:8025/api", "mail", False),
    (SHOP, "https://shop.example.com.evil.example/", "shop.example.com.evil.example", False),
    (SHOP, "https://user:word@Stats.example/a", "stats.example", False),
    (SHOP, "http://shop.example.com/", "shop.example.com", False),  # another port is another server
    (SHOP, "data:text/html,x", "", False),
    (SHOP, "http://[::1", "", False),
    (SHOP, "http://shop.example.com:99999/", "shop.example.com:99999", False),
    (SHOP, "", "", False),
    (ALONE, "http://127.0.0.1:8300/shop/a", "system", True),
    (ALONE, "http://localhost:8300/elsewhere", "system", True),
    (GATEWAY, "http://127.0.0.1:8300/api/a", "gateway", True),
    (GATEWAY, "http://127.0.0.1:8307/api/v1/messages", "mailbox", True),
])
def test_party(environment: Environment, url: str, name: str, first: bool) -> None:
    """The longest base URL wins; third parties and unknown hosts are never first parties."""
    parties = Parties.of(environment)
    assert (parties.name_of(url), parties.is_first_party(url)) == (name, first)


@pytest.mark.parametrize(("text", "told"), [
    ("form-action 'self' http://127.0.0.1:8307; x", "form-action 'self' [mailbox]; x"),
    ("http://localhost:8300/a", "[gateway]/a"),
    ("https://elsewhere.example/a", "https://elsewhere.example/a"),
    ("nothing", "nothing"),
])
def test_addresses_of_the_environment_are_replaced_by_names(text: str, told: str) -> None:
    """The same system on other ports gives the same text."""
    assert Parties.of(GATEWAY).by_name(text) == told
