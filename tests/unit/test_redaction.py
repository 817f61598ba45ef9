"""No secret reaches the run folder."""

from __future__ import annotations

import pytest

from gonogo.evidence.redaction import Redactor

REDACTOR = Redactor({"BANK_API_KEY": "sk-live-123456", "HOME": "/home/ana", "SHORT_TOKEN": "abc"})


@pytest.mark.parametrize(("text", "expected"), [
    ("key=sk-live-123456!", "key=***!"),
    ("abc in /home/ana", "abc in /home/ana"),
    ("card 4111 1111 1111 1111 was used", "card ***1111 was used"),
    ("reference 261124000001 stays", "reference 261124000001 stays"),
    ("run 20261124-003500 stays", "run 20261124-003500 stays"),
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
