"""The credentials in a scenario's exchanges: what is one, and what is only called so or looks like one."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from gonogo.scenarios.recording.credentials import credentials_in
from gonogo.scenarios.recording.http import HarEntry

TOKEN = "f3a9c1d2e4b5a697"


def entry(request: Mapping[str, str] | None = None, response: Mapping[str, str] | None = None, body: object = None, mime: str = "application/json") -> HarEntry:
    sent: HarEntry = {"headers": [{"name": name, "value": value} for name, value in (request or {}).items()]}
    if body is not None:
        sent["postData"] = {"mimeType": mime, "text": body if isinstance(body, str) else json.dumps(body)}
    return {"request": sent, "response": {"headers": [{"name": name, "value": value} for name, value in (response or {}).items()]}}


FOUND = {
    "a cookie that pages cannot read": (entry(response={"Set-Cookie": f"x={TOKEN}; Path=/; HttpOnly"}), {TOKEN: "cookie"}),
    "a cookie that is named for it": (entry(response={"set-cookie": f"session_id={TOKEN}"}), {TOKEN: "session"}),
    "several cookies in one header": (entry(response={"Set-Cookie": f"lang=en; Expires=Wed, 09 Jun 2031 10:18:14 GMT, sid={TOKEN}; HttpOnly"}), {TOKEN: "session"}),
    "a cookie that is sent": (entry(request={"Cookie": f"lang=en; sid={TOKEN}"}), {TOKEN: "session"}),
    "an encoded cookie": (entry(request={"Cookie": f"sid={TOKEN}%3D%3D"}), {f"{TOKEN}==": "session"}),
    "a bearer token": (entry(request={"Authorization": f"Bearer {TOKEN}"}), {TOKEN: "token"}),
    "a key in a header": (entry(request={"X-Api-Key": TOKEN}), {TOKEN: "key"}),
    "a password in JSON": (entry(body={"user": {"newPassword": "Sesame-2031"}}), {"Sesame-2031": "password"}),
    "a password in a form": (entry(body="user=a&password=Sesame-2031", mime="application/x-www-form-urlencoded"), {"Sesame-2031": "password"}),
}
NONE = {
    "a preference": entry(response={"Set-Cookie": "lang=en-GB; HttpOnly"}, request={"Cookie": "theme=dark; consent=0123456789abcdef0"}),
    "a cookie that is removed": entry(response={"Set-Cookie": "sid=; Max-Age=0; HttpOnly"}),
    "a signature, which is new in each message": entry(response={"X-Signature": TOKEN}),
    "basic authentication, whose password is masked by its name": entry(request={"Authorization": "Basic QW5hOlNlc2FtZS0yMDMx"}),
    "a short password": entry(body={"password": "abc"}),
    "a password that is no text": entry(body={"password": {"min": 8}}),
    "a body that is cut": entry(body='{"password": "Sesame-2031'),
    "a body that is nested without end": entry(body="[" * 20_000),
    "no headers": {"request": {}, "response": {"headers": None}},
}


@pytest.mark.parametrize(("given", "expected"), FOUND.values(), ids=FOUND)
def test_credential_is_known(given: HarEntry, expected: Mapping[str, str]) -> None:
    assert credentials_in([given]).kinds == expected


@pytest.mark.parametrize("given", NONE.values(), ids=NONE)
def test_other_values_stay_unknown(given: HarEntry) -> None:
    """They would be masked wherever else they occur."""
    assert credentials_in([given]).kinds == {}
