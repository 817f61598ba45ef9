"""E-mail addresses: legal by RFC 5321, in forms that careless patterns refuse or cut."""

from __future__ import annotations

import re
import unicodedata

from gonogo.scenarios.drawing.choice import Choice

# the form → the local part; {who} is the person in ASCII letters, {unique} the part that is new in each attempt
FORMS = {
    "dot": "{who}.{unique}",
    "plus": "{who}+{unique}",
    "hyphen": "{who}-{unique}",
    "underscore": "{who}_{unique}",
    "digits first": "0{who}.{unique}",
    "apostrophe": "o'{who}.{unique}",
    "capitals": "{Who}.{unique}",
    "long": "{who}.who.has.a.long.address.{unique}",
}
_MAX_WHO = 16  # a local part has at most 64 characters


def drawn_email(key: str, choice: Choice, unique: str, forms: tuple[str, ...], domain: str) -> str:
    """The address of the person `key`. Raises KeyError for an unknown form."""
    form = FORMS[choice.ranked(f"form of the e-mail of {key}", forms)[0]]
    plain = unicodedata.normalize("NFKD", key).encode("ascii", "ignore").decode().lower()
    who = re.sub(r"[^a-z0-9]", "", plain)[:_MAX_WHO] or "person"
    return f"{form.format(who=who, Who=who.capitalize(), unique=unique)}@{domain}"
