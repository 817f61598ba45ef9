"""Mistakes of a suite that Locust ends with 1, which would be NO-GO, and requests of others to its web UI: both refused."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.error import HTTPError

import psutil
import pytest

if TYPE_CHECKING:
    from tests.component.load.conftest import Trial

Source = Callable[..., str]
SIZE = {"users": 2, "spawn_rate": 10, "duration_s": 2, "objectives": {"/ok": {"p95_ms": 900}}}
IMPORTS = "from locust import LoadTestShape, events\n"
REFUSED = {
    "a shape": ("{own}{imports}class Waves(LoadTestShape):\n    def tick(self):\n        return None\n", 2,
                "The load shape Waves would be ignored."),
    "an abstract persona": ("from gonogo.load.suite import Persona, profile\nprofile('visit', personas={{Persona: 1}})\n", 2,
                            "The persona Persona of 'visit' is abstract."),
    "a file that cannot be imported": ("{own}import no_such_package_of_ours\n", 2, "No module named 'no_such_package_of_ours'"),
    "a file that exits": ("{own}import sys\nsys.exit(0)\n", 2, ""),
    "an option of gonogo's": (
        "{own}{imports}@events.init_command_line_parser.add_listener\ndef options(parser):\n    parser.add_argument('--env')\n", 2,
        "argument --env: conflicting option string: --env."),
    "a listener of init that raises": (
        "{own}{imports}@events.init.add_listener\ndef prepare(**_):\n    raise OSError('no database')\n", 3,
        "A listener of init failed: OSError: no database."),
    "an unknown persona on the command line": ("{own}", 2, "Unknown User(s): Nobody"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_mistake_of_the_suite_is_refused_before_anything_is_sent(trial: Trial, visitor: Source, name: str) -> None:
    """Locust's own exit code for each is 1, which would be NO-GO, or 0."""
    source, code, told = REFUSED[name]
    trial.environments({"visit": SIZE})
    trial.file("visit.py", source.format(own=visitor(), imports=IMPORTS))
    ended = trial.run(*(["Nobody"] if "command line" in name else []))
    assert ended.code == code, ended.stderr
    assert told in ended.stderr
    assert not trial.target.seen


def test_web_ui_listens_on_loopback_and_refuses_other_sites(trial: Trial, visitor: Source, free_port: Callable[[], str]) -> None:
    """Any page that a user visits while the web UI is up could start load by one request."""
    trial.environments({"visit": SIZE})
    trial.file("visit.py", visitor())
    port = free_port()
    child = trial.start("-f", "load/", "--web-port", port)
    address = f"http://127.0.0.1:{port}"

    def asked(path: str, **headers: str) -> int:
        body = b"user_count=1&spawn_rate=1" if path == "/swarm" else None
        try:
            with urllib.request.urlopen(urllib.request.Request(f"{address}{path}", body, headers)) as answer:
                return int(answer.status)
        except HTTPError as error:
            return error.code

    def is_up() -> bool:
        try:
            return asked("/") == 200
        except OSError:
            return False

    trial.wait_until(is_up)
    listening = [each.laddr for each in psutil.Process(child.pid).net_connections("inet") if each.status == psutil.CONN_LISTEN]
    assert listening == [("127.0.0.1", int(port))]
    assert asked("/swarm", Origin="https://evil.example") == 403
    assert asked("/stop", **{"Sec-Fetch-Site": "cross-site"}) == 403
    assert asked("/", Host="evil.example") == 403
    assert not trial.target.seen
    child.terminate()
    assert trial.end(child).code == 3
