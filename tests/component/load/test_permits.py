"""Load reaches only what its environment permits: a redirect or a persona's own request ends it before it is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, ClassVar

import pytest

from tests.serving import serving

if TYPE_CHECKING:
    from tests.component.load.conftest import Trial

SIZE = {"users": 2, "spawn_rate": 10, "duration_s": 30, "extend": False, "objectives": {"/ok": {"error_ratio": 0.01}}}


class _Prod(BaseHTTPRequestHandler):
    """A host that the environment does not list; of another environment."""

    seen: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.seen.append(f"{self.command} {self.path}")
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        pass


class _Redirecting(_Prod):
    target = ""

    def do_GET(self) -> None:
        self.send_response(307)
        self.send_header("Location", self.target)
        self.send_header("Content-Length", "0")
        self.end_headers()


@pytest.fixture
def prod() -> Iterator[str]:
    _Prod.seen.clear()
    with serving(_Prod) as url:
        yield url


TASKS = {
    "its fast client": "self.client.get('TARGET', name='/ok')",
    "its own requests": "self.client.get('/ok', name='/ok'); import requests; requests.get('TARGET')",
    "its own socket": "self.client.get('/ok', name='/ok'); import socket; socket.create_connection(('127.0.0.1', int('TARGET'.rpartition(':')[2])))",
}


@pytest.mark.parametrize("task", TASKS)
def test_a_persona_that_reaches_for_another_host_ends_the_load(trial: Trial, visitor: Callable[..., str], prod: str,
                                                               task: str) -> None:
    trial.environments({"visit": SIZE})
    trial.file("visit.py", visitor(task=TASKS[task].replace("TARGET", prod)))
    ended = trial.run("--env", "here")
    assert ended.code == 3, ended.stdout + ended.stderr
    assert [each.partition(" (")[2] for each in ended.evidence.refused] == ["unknown-host)"]
    assert "the environment does not permit" in ended.stdout
    assert _Prod.seen == []


def test_a_redirect_to_another_host_ends_the_load(trial: Trial, visitor: Callable[..., str], prod: str) -> None:
    """The endpoint answers, and the redirect would take every visitor to production."""
    _Redirecting.target = prod
    with serving(_Redirecting) as url:
        trial.environments({"visit": SIZE}, url=url)
        trial.file("visit.py", visitor())
        ended = trial.run("--env", "here")
    assert ended.code == 3, ended.stdout + ended.stderr
    assert ended.evidence.refused
    assert _Prod.seen == []


@pytest.mark.parametrize("client", ["Persona", "HttpUser"])
def test_a_write_without_permission_ends_the_load(trial: Trial, visitor: Callable[..., str], client: str) -> None:
    trial.environments({"visit": SIZE})
    source = visitor(task="self.client.post('/ok', name='/ok')")
    if client == "HttpUser":
        source = source.replace("(Persona)", "(HttpUser)").replace("from locust import", "from locust import HttpUser,")
    trial.file("visit.py", source)
    ended = trial.run("--env", "here")
    assert ended.code == 3, ended.stdout + ended.stderr
    assert ended.evidence.refused == (f"POST {trial.target.url}/ok (writes)",)
    assert not trial.target.seen["/ok"]
