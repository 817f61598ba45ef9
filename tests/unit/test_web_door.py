"""Which requests Locust's web UI accepts: those of its own pages, at a name that no other site can take."""

from __future__ import annotations

from typing import Any

import pytest

from gonogo.load.web_door import refuse_foreign_pages, why_refused

OWN = {"REQUEST_METHOD": "POST", "PATH_INFO": "/swarm", "HTTP_HOST": "127.0.0.1:8089",
       "HTTP_ORIGIN": "http://127.0.0.1:8089", "HTTP_SEC_FETCH_SITE": "same-origin"}
CURL = {"REQUEST_METHOD": "POST", "PATH_INFO": "/swarm", "HTTP_HOST": "localhost:8089"}
STOP = {"REQUEST_METHOD": "GET", "PATH_INFO": "/stop", "HTTP_HOST": "127.0.0.1:8089"}
ACCEPTED = {
    "its own page": (OWN, "127.0.0.1"),
    "a program": (CURL, "127.0.0.1"),
    "a link to it": ({**STOP, "PATH_INFO": "/", "HTTP_REFERER": "https://chat.example/", "HTTP_SEC_FETCH_SITE": "cross-site"}, "127.0.0.1"),
    "IPv6": ({**CURL, "HTTP_HOST": "[::1]:8089"}, "::1"),
    "the address that the user named": ({**CURL, "HTTP_HOST": "10.1.2.3:8089"}, "10.1.2.3"),
    "an address, on every interface": ({**CURL, "HTTP_HOST": "10.1.2.3:8089"}, "0.0.0.0"),
    "the name that is shown, on every interface": ({**CURL, "HTTP_HOST": "Load.example:8089"}, ""),
}
REFUSED = {
    "a form of another site": ({**OWN, "HTTP_ORIGIN": "https://evil.example"}, "127.0.0.1"),
    "a sandboxed page": ({**OWN, "HTTP_ORIGIN": "null"}, "127.0.0.1"),
    "a page of another local port": ({**OWN, "HTTP_ORIGIN": "http://127.0.0.1:9999"}, "127.0.0.1"),
    "a picture of another site": ({**STOP, "HTTP_SEC_FETCH_SITE": "cross-site"}, "127.0.0.1"),
    "a picture of another local port": ({**STOP, "HTTP_SEC_FETCH_SITE": "same-site"}, "127.0.0.1"),
    "a picture in an old browser": ({**STOP, "HTTP_REFERER": "http://evil.example/"}, "127.0.0.1"),
    "statistics read by another site": ({**STOP, "PATH_INFO": "/", "HTTP_ORIGIN": "http://evil.example"}, "127.0.0.1"),
    "a name of another site that leads here": ({**OWN, "HTTP_HOST": "evil.example:8089", "HTTP_ORIGIN": "http://evil.example:8089"}, "127.0.0.1"),
    "such a name, on every interface": ({**OWN, "HTTP_HOST": "evil.example", "HTTP_ORIGIN": "http://evil.example"}, ""),
    "such a name, on a named address": ({**CURL, "HTTP_HOST": "evil.example"}, "10.1.2.3"),
    "a subdomain of localhost": ({**CURL, "HTTP_HOST": "evil.localhost"}, "127.0.0.1"),
    "no host": ({"REQUEST_METHOD": "GET", "PATH_INFO": "/"}, ""),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_own_requests_are_accepted(name: str) -> None:
    environ, host = ACCEPTED[name]
    assert why_refused(environ, host, "https://load.example") == ""


@pytest.mark.parametrize("name", REFUSED)
def test_requests_of_other_sites_are_refused(name: str) -> None:
    environ, host = REFUSED[name]
    assert why_refused(environ, host, None)


def test_refused_request_does_not_reach_the_web_ui() -> None:
    started: list[Any] = []

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        return [b"started"]

    guarded = refuse_foreign_pages(application, "127.0.0.1", None)
    assert b"".join(guarded(dict(OWN), lambda *head: started.append(head))) == b"started"
    assert b"".join(guarded({**OWN, "HTTP_ORIGIN": "null"}, lambda *head: started.append(head))).startswith(b"A page of")
    assert started[0][0] == "403 Forbidden"
