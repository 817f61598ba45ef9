"""The base class of personas: Locust's fast HTTP user with safe defaults. What personas do belongs to the suite."""

from __future__ import annotations

from locust import FastHttpUser, User


class NoPersona(User):
    """Stands in for the personas of a file that has none to run: without any user class, Locust would end with 1."""


class Persona(FastHttpUser):
    """A kind of user. Its requests are `self.client.get(path, name=..., catch_response=True)` with a check of the body.

    A closed loop repeats its tasks; an open loop calls `visit` once for each visitor. By default, Locust accepts any
    certificate and waits a minute for an answer; a persona does neither.
    """

    abstract = True
    insecure = False
    connection_timeout = 5.0
    network_timeout = 10.0
    late_ms = 0.0  # delay of its last request: sent minus due
    _next_late_ms = 0.0

    def visit(self) -> None:
        """One visit, from its first request to its last; it starts without cookies."""
        raise NotImplementedError(f"{type(self).__name__} does not define visit()")

    def arrive(self, late_ms: float) -> None:
        """Become a new visitor, `late_ms` after the visit was due: the first request has that delay."""
        self._next_late_ms = late_ms
        self.client.cookiejar.clear()

    def context(self) -> dict[str, float]:
        """Locust calls this once for each request and passes the result to its request listeners."""
        self.late_ms, self._next_late_ms = self._next_late_ms, 0.0
        return {"late_ms": self.late_ms}
