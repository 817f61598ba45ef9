"""An environment that does not answer is started by its own commands; afterwards it is as it was before."""

from __future__ import annotations

import os
import socket
import sys
import time
from pathlib import Path

import psutil
import pytest

from gonogo.config.model import Environment, Provision
from gonogo.core.errors import ProvisionError
from gonogo.environment.provisioning import answers, provisioned

UP = """
import http.server, os, socket, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-m", "http.server", sys.argv[1], "--bind", "127.0.0.1"],
                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                         start_new_session=True)
open("pid", "w").write(str(child.pid))
"""
DOWN = """
import os, signal
os.kill(int(open("pid").read()), signal.SIGTERM)
open("downed", "w").close()
"""


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _environment(root: Path, port: int, up: str = UP, timeout_s: float = 20) -> Environment:
    (root / "up.py").write_text(up)
    (root / "down.py").write_text(DOWN)
    return Environment(url=f"http://127.0.0.1:{port}", provision=Provision(
        up=f"{sys.executable} up.py {port}", down=f"{sys.executable} down.py", timeout_s=timeout_s))


def test_environment_is_started_before_and_stopped_after_the_run(tmp_path: Path, port: int) -> None:
    told: list[str] = []
    environment = _environment(tmp_path, port)
    with provisioned(environment, "preprod", tmp_path, os.environ, told.append) as state:
        assert state.started
        assert answers(environment.url)
        server = psutil.Process(int((tmp_path / "pid").read_text()))
    server.wait(10)
    assert not answers(environment.url)
    assert any("preprod is up" in line for line in told)


def test_environment_that_answers_is_not_started_or_stopped(tmp_path: Path, port: int) -> None:
    environment = _environment(tmp_path, port)
    with provisioned(environment, "preprod", tmp_path, os.environ, _ignore):
        (tmp_path / "downed").unlink(missing_ok=True)
        with provisioned(environment, "preprod", tmp_path, os.environ, _ignore) as inner:
            assert not inner.started
        assert not (tmp_path / "downed").exists()
        assert answers(environment.url)


def test_without_a_command_the_error_has_a_fix(tmp_path: Path, port: int) -> None:
    with pytest.raises(ProvisionError, match="does not answer") as caught, \
            provisioned(Environment(url=f"http://127.0.0.1:{port}"), "preprod", tmp_path, os.environ, _ignore):
        pass
    assert "provision: up:" in caught.value.fix


@pytest.mark.parametrize(("up", "said"), [
    ("import sys; print('no such image'); sys.exit(4)", "no such image"),
    ("import time; time.sleep(60)", "timed out after 1 s"),
])
def test_a_command_that_fails_or_hangs_is_reported(tmp_path: Path, port: int, up: str,
                                                   said: str) -> None:
    began = time.monotonic()
    with pytest.raises(ProvisionError, match=said), \
            provisioned(_environment(tmp_path, port, up, timeout_s=1 if "sleep" in up else 20), "preprod", tmp_path,
                        os.environ, _ignore):
        pass
    assert time.monotonic() - began < 15


def test_an_unknown_command_is_reported(tmp_path: Path, port: int) -> None:
    environment = Environment(url=f"http://127.0.0.1:{port}", provision=Provision(up="no-such-command up"))
    with pytest.raises(ProvisionError, match="no-such-command"), \
            provisioned(environment, "preprod", tmp_path, os.environ, _ignore):
        pass


def test_environment_is_stopped_after_an_error_in_the_run(tmp_path: Path, port: int) -> None:
    environment = _environment(tmp_path, port)
    with pytest.raises(LookupError), provisioned(environment, "preprod", tmp_path, os.environ, _ignore):
        raise LookupError
    assert (tmp_path / "downed").exists()


def test_wait_for_a_slow_answer_is_limited() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        began = time.monotonic()
        assert not answers(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout_s=0.2)
        assert time.monotonic() - began < 5


def _ignore(_line: str) -> None:
    pass


def test_command_that_prints_without_end_is_ended(tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the end of what it printed is read."""
    monkeypatch.setattr("gonogo.environment.provisioning.MAX_OUTPUT_BYTES", 8 * 1024 * 1024)
    environment = _environment(tmp_path, port, "while True:\n    print('x' * 1000)\n", timeout_s=60)
    with (pytest.raises(ProvisionError, match="printed more than 8 MiB") as raised,
          provisioned(environment, "preprod", tmp_path, os.environ, _ignore)):
        pass
    assert len(str(raised.value)) < 64 * 1024
