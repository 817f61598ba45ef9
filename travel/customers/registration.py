"""What a new customer may be called, and be reached by. No HTTP and no storage here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NAME_MAX = 80
EMAIL_MAX = 254
PASSWORD_MIN = 8
PASSWORD_MAX = 128

# One @, a local part without spaces, a domain of two labels or more: what a mail server would surely refuse is
# refused here, the rest is for the confirmation mail to find out.
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_EMAIL = re.compile(rf"[a-z0-9!#$%&'*+/=?^_`{{|}}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{{|}}~-]+)*@(?:{_LABEL}\.)+{_LABEL}")
# Control characters, lone surrogates, line and paragraph separators.
_UNPRINTABLE = ("Cc", "Cs", "Zl", "Zp")


class InvalidCustomer(Exception):
    """`errors` has a sentence for each field that is not as it must be."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(str(errors))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Registration:
    """A sign-up that may be stored: the name in NFC, the email in lower case."""

    name: str
    email: str
    password: str


def parse_registration(document: Any) -> Registration:
    """Check a sign-up as it came; raises InvalidCustomer. Nothing is fixed silently but letter case and NFC."""
    if not isinstance(document, Mapping):
        raise InvalidCustomer({"body": "Must be an object with name, email and password."})
    errors: dict[str, str] = {}
    checks = {"name": _check_name, "email": _check_email, "password": _check_password}
    for field, check in checks.items():
        value = document.get(field)
        error = check(value) if isinstance(value, str) else "Must be given, as text."
        if error:
            errors[field] = error
    for field in document:
        if field not in checks:
            errors[str(field)] = "Is not known here."
    if errors:
        raise InvalidCustomer(errors)
    return Registration(name=unicodedata.normalize("NFC", document["name"]), email=document["email"].lower(),
                        password=document["password"])


def _check_name(name: str) -> str | None:
    length = len(unicodedata.normalize("NFC", name))
    if not 1 <= length <= NAME_MAX:
        return f"Must have 1 to {NAME_MAX} characters, not {length}."
    if name != name.strip():
        return "Must not start or end with a space."
    if any(unicodedata.category(character) in _UNPRINTABLE for character in name):
        return "Must not contain control characters."
    return None


def _check_email(email: str) -> str | None:
    local_part = email.partition("@")[0]
    if len(email) > EMAIL_MAX or len(local_part) > 64 or not _EMAIL.fullmatch(email.lower()):
        return "Must be an email address such as ana@example.com."
    return None


def _check_password(password: str) -> str | None:
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        return f"Must have {PASSWORD_MIN} to {PASSWORD_MAX} characters."
    return None
