"""What the public address answers to whoever comes: the page, its guards, the airports."""

from __future__ import annotations

from zoneinfo import available_timezones

import requests

FEWEST_AIRPORTS = 2  # without two there is no flight


def assert_web_page(answer: requests.Response) -> None:
    assert answer.ok, f"{answer.url} answered {answer.status_code}"
    kind = answer.headers.get("Content-Type", "")
    assert kind.startswith("text/html"), f"{answer.url} is no web page but {kind}"


def assert_guarded(answer: requests.Response) -> None:
    policy = answer.headers.get("Content-Security-Policy", "")
    for guard in ("default-src 'self'", "frame-ancestors 'none'"):
        assert guard in policy, f"no {guard} in the content security policy {policy!r}"
    assert answer.headers.get("X-Content-Type-Options") == "nosniff", f"content may be sniffed: {answer.headers}"


def assert_airports(answer: requests.Response) -> None:
    airports = answer.json()["airports"]
    assert len(airports) >= FEWEST_AIRPORTS, f"airports: {airports}"
    odd = [each for each in airports if not each["city"] or each["time_zone"] not in available_timezones()]
    assert not odd, f"airports without a city or a known time zone: {odd}"
