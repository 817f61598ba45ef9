"""The shop's public address to whoever comes: the page, its guards, and what is nobody else's business."""

from __future__ import annotations

from zoneinfo import available_timezones

import requests

from gonogo.steps.api import Api, assert_refused

MIN_AIRPORTS = 2  # without two there is no flight


class FrontDoor:
    def __init__(self, api: Api) -> None:
        self._api = api

    def open(self) -> requests.Response:
        return self._api.send("GET", "/")

    def come_back(self, seen: requests.Response) -> requests.Response:
        """As a browser does that has kept the page: it asks for a newer one only."""
        return self._api.send("GET", "/", headers={"If-None-Match": seen.headers.get("ETag", "")})

    def ask_for_bookings(self) -> requests.Response:
        return self._api.send("GET", "/api/bookings")

    def ask_for_airports(self) -> requests.Response:
        return self._api.send("GET", "/api/airports")

    def assert_web_page(self, answer: requests.Response) -> None:
        assert answer.ok, f"{answer.url} answered {answer.status_code}"
        kind = answer.headers.get("Content-Type", "")
        assert kind.startswith("text/html"), f"{answer.url} is no web page but {kind}"

    def assert_unchanged(self, answer: requests.Response) -> None:
        assert answer.status_code == requests.codes.not_modified, (
            f"{answer.url} answered {answer.status_code} with {len(answer.content)} bytes to a browser that has them; "
            f"it was asked for anything but {answer.request.headers['If-None-Match']!r}")

    def assert_guarded(self, answer: requests.Response) -> None:
        policy = answer.headers.get("Content-Security-Policy", "")
        for guard in ("default-src 'self'", "frame-ancestors 'none'"):
            assert guard in policy.split("; "), f"no {guard} in the content security policy {policy!r}"
        assert answer.headers.get("X-Content-Type-Options") == "nosniff", f"content may be sniffed: {answer.headers}"

    def assert_not_signed_in(self, answer: requests.Response) -> None:
        assert_refused(answer, 401, "not-signed-in")

    def assert_airports(self, answer: requests.Response) -> None:
        assert answer.ok, f"{answer.url} answered {answer.status_code}: {answer.text[:500]}"
        airports = answer.json()["airports"]
        assert len(airports) >= MIN_AIRPORTS, f"airports: {airports}"
        odd = [each for each in airports if not each["city"] or each["time_zone"] not in available_timezones()]
        assert not odd, f"airports without a city or a known time zone: {odd}"
