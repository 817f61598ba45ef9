"""The base class of personas: Locust's fast HTTP user without its traps. What personas do is the suite's."""

from __future__ import annotations

from locust import FastHttpUser


class Persona(FastHttpUser):
    """A kind of user. Its requests are `self.client.get(path, name=..., catch_response=True)` with a check of the body.

    Locust's own defaults would accept any certificate and wait a minute for an answer; a traveller does neither.
    """

    abstract = True
    insecure = False
    connection_timeout = 5.0
    network_timeout = 10.0
