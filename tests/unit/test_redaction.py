"""No secret reaches the run folder."""

from __future__ import annotations

import pytest

from gonogo.secrets.masking import Redactor

REDACTOR = Redactor({"BANK_API_KEY": "sk-live-123456", "HOME": "/home/ana", "SHORT_TOKEN": "abc"})


@pytest.mark.parametrize(("text", "expected"), [
    ("key=sk-live-123456!", "key=***!"),
    ("abc in /home/ana", "abc in /home/ana"),
    ("card 4111 1111 1111 1111 was used", "card ***1111 was used"),
    ("reference 261124000001 stays", "reference 261124000001 stays"),
    ("run 20261124-003500 stays", "run 20261124-003500 stays"),
    ("at 1700000000004 ms", "at 1700000000004 ms"),  # a time may pass the check of card numbers
])
def test_text(text: str, expected: str) -> None:
    """Values of secret variables and card numbers are masked; references and paths are not."""
    assert REDACTOR.text(text) == expected


@pytest.mark.parametrize("name", ["Authorization", "cookie", "Set-Cookie", "X-Api-Key"])
def test_secret_headers(name: str) -> None:
    """Headers that authenticate are masked whole."""
    assert REDACTOR.header(name, "whatever") == "***"


def test_json_body() -> None:
    """Secret members are masked at any depth, others kept as they were."""
    body = '{"email": "a@b.c", "password": "hunter22", "card": {"number": "4111111111111111", "cvc": "123"}, "l": [1]}'
    assert REDACTOR.body(body, "application/json") == \
        '{"email": "a@b.c", "password": "***", "card": {"number": "***1111", "cvc": "***"}, "l": [1]}'


def test_form_body_and_url() -> None:
    """Secret form and query members, and a URL's user and password, are masked."""
    assert REDACTOR.body("code=1&otp=123456", "application/x-www-form-urlencoded") == "code=1&otp=***"
    assert REDACTOR.url("https://u:p@shop/a?token=xyz&page=2") == "https://shop/a?token=***&page=2"


def test_broken_json_is_still_masked() -> None:
    """A body that is not the JSON that it claims to be loses its secret values all the same."""
    assert REDACTOR.body('{"key": "sk-live-123456"', "application/json") == '{"key": "***"'


@pytest.mark.parametrize(("name", "value", "expected"), [
    ("Authorization", "Bearer eyJhbGciOi.J9.x", "Bearer ***"),
    ("Cookie", "session=abc; seen=1", "session=***; seen=***"),
    ("Set-Cookie", "session=abc; Path=/; HttpOnly; SameSite=Lax", "session=***; Path=/; HttpOnly; SameSite=Lax"),
    ("X-Shopify-Access-Token", "abc", "***"),
    ("Access-Control-Allow-Credentials", "true", "true"),
    ("Location", "https://shop/cb?token=abc&page=2#access_token=abc", "https://shop/cb?token=***&page=2#access_token=***"),
    ("Referer", "https://shop/#/reset-password", "https://shop/#/reset-password"),
    ("Location", "http://[broken", "http://[broken"),
    ("Content-Type", "application/json", "application/json"),
])
def test_the_form_of_a_header_stays(name: str, value: str, expected: str) -> None:
    """A cookie keeps its name and attributes, a login its scheme, an address its path."""
    assert REDACTOR.header(name, value) == expected


@pytest.mark.parametrize("body", [
    '{"amount": 10.50, "id":123456789012345678901,"at": 1700000000004, "note":"\\u00e9"}',
    '{"has_password": true, "token": null}',
    '{"reference": 6011000990139425}',  # 16 digits, no card
])
def test_a_body_without_secrets_is_kept_to_the_letter(body: str) -> None:
    """What is compared later must not have been rewritten here."""
    assert REDACTOR.body(body, "application/json") == body


@pytest.mark.parametrize(("mime", "body", "expected"), [
    ("text/plain", '{"password": "a,b", "cvc": 123}', '{"password": "***", "cvc": "***"}'),
    ("application/json", '{"tokens": ["abc", 7], "ok": 1', '{"tokens": [***], "ok": 1'),
    ("application/json", '{"tokens": ["abc", {"a": 7}]}', '{"tokens": ["***", {"a": "***"}]}'),
    ("application/json", '{"card": 4111111111111111}', '{"card": "***1111"}'),
    ("application/json", '{"password": "a\\"b", "cvc": 123, "pin', '{"password": "***", "cvc": ***, "pin'),
    ("text/xml", "<s:Password type='x'>hunter2</s:Password>", "<s:Password type='x'>***</s:Password>"),
    ("multipart/form-data; boundary=b", '--b\r\nContent-Disposition: form-data; name="password"\r\n\r\nhunter2\r\n--b--',
     '--b\r\nContent-Disposition: form-data; name="password"\r\n\r\n***\r\n--b--'),
])
def test_secret_members_of_other_bodies(mime: str, body: str, expected: str) -> None:
    """Beacons, cut JSON, XML and forms with files hide nothing less."""
    assert REDACTOR.body(body, mime) == expected
