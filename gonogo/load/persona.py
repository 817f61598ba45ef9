"""The base class of personas: Locust's fast HTTP user without its traps. What personas do is the suite's."""

from __future__ import annotations

from locust import FastHttpUser


class Persona(FastHttpUser):
    """A kind of user. Its requests are `self.client.get(path, name=..., catch_response=True)` with a check of the body.

    Its tasks are what it does over and over in a closed loop; `visit` is what it does once in an open one.
    Locust's own defaults would accept any certificate and wait a minute for an answer; a traveller does neither.
    """

    abstract = True
    insecure = False
    connection_timeout = 5.0
    network_timeout = 10.0
    late_ms = 0.0  # how much later than it was due its last request was sent
    _next_late_ms = 0.0

    def visit(self) -> None:
        """One visit, from its first request to its last: cookies are as a new visitor's."""
        raise NotImplementedError(f"{type(self).__name__} has no visit")

    def arrive(self, late_ms: float) -> None:
        """A new visitor, `late_ms` after the moment at which the visit was due: its first request is as late."""
        self._next_late_ms = late_ms
        self.client.cookiejar.clear()

    def context(self) -> dict[str, float]:
        """Locust asks once for each request, and hands it to those who listen."""
        self.late_ms, self._next_late_ms = self._next_late_ms, 0.0
        return {"late_ms": self.late_ms}
