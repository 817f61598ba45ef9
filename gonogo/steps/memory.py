"""What library steps remember within one scenario, and data that no other scenario has.

A suite's own object extends `Memory`, and environment.py gives it to the hooks as `suite`; what it
adds is the suite's. Browsers and people are `context.world`'s.
"""

from __future__ import annotations

import unicodedata
import uuid
from dataclasses import dataclass, field
from typing import Any

import requests
from behave.runner import Context

from gonogo.steps.mailpit import Mail


@dataclass
class Memory:
    """`token` is unique to the scenario: with it in an address or a name, scenarios run side by side."""

    token: str = field(default_factory=lambda: uuid.uuid4().hex[:10])
    answers: dict[str, requests.Response] = field(default_factory=dict)
    versions: dict[str, dict[str, Any]] = field(default_factory=dict)
    mail: Mail | None = None
    missing: list[str] = field(default_factory=list)

    def email(self, name: str) -> str:
        """The address of the person called `name` in this scenario, and in no other."""
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
        return f"{plain or 'person'}.{self.token}@example.com"


def memory(context: Context) -> Memory:
    suite = context.world.suite
    assert isinstance(suite, Memory), "environment.py gives the hooks no suite that extends gonogo.steps.memory.Memory"
    return suite
