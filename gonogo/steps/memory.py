"""The state that library steps share within one scenario, and data that is unique to the scenario.

A suite extends `Memory` with its own fields, and environment.py passes the class to the hooks as
`suite`. Browsers and people belong to `context.world`.
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
    """`token` is unique to the scenario: use it in addresses and names, so that scenarios can run in parallel."""

    token: str = field(default_factory=lambda: uuid.uuid4().hex[:10])
    answers: dict[str, requests.Response] = field(default_factory=dict)
    versions: dict[str, dict[str, Any]] = field(default_factory=dict)
    mail: Mail | None = None
    missing: list[str] = field(default_factory=list)
    emails: dict[str, str] = field(default_factory=dict)

    def email(self, name: str) -> str:
        """The e-mail address of the person `name`: that in `emails`, where a step has put it (a drawn one for example),
        else one that is unique to this scenario.
        """
        if name in self.emails:
            return self.emails[name]
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
        return f"{plain or 'person'}.{self.token}@example.com"


def memory(context: Context) -> Memory:
    suite = context.world.suite
    assert isinstance(suite, Memory), ("environment.py must pass before_all a `suite` that extends "
                                       f"gonogo.steps.memory.Memory, got {type(suite).__name__}")
    return suite
