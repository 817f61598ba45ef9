"""A child of the gate has a time limit, and is ended with all its descendants, however they were started."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest

from gonogo.core.runtime import Interrupted
from gonogo.model.stages import Ending, ProcessEnd
from gonogo.stages.child import Child, last_lines
from tests.masks import masker

# Each process writes its pid next to the script, and keeps running.
STAY = 'import os, sys, time\nopen(f"{sys.argv[1]}.pid", "w").write(str(os.getpid()))\ntime.sleep(600)\n'
START = ('import os, subprocess, sys, time\ndef start(name, **options):\n'
         '    subprocess.Popen([sys.executable, "stay.py", name], **options)\n'
         '    while not (os.path.exists(f"{name}.pid") and open(f"{name}.pid").read()):\n        time.sleep(0.01)\n')
# A process in between starts the orphan in a new session and ends: the orphan no longer descends from the child.
ORPHANED = 'subprocess.run([sys.executable, "between.py"])\n'
BETWEEN = START + 'start("orphan", start_new_session=True)\n'
# A daemon: no parent, session or environment leads to it. The child that started it ends at once.
DAEMON = ('subprocess.run([sys.executable, "-c", START + "start(\'daemon\', start_new_session=True, env={})"], '
          'check=True)\n')

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux hands orphans over")
Run = Callable[..., ProcessEnd]


def end(command: Sequence[str], *, budget_s: float, look: Callable[[], None] = lambda: None,
        **of_child: Any) -> ProcessEnd:
    """Run the command until it ends or its budget is used up."""
    with Child(command, **{"masker": masker(), **of_child}) as child:
        return child.run_to_its_end(budget_s, look)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    (tmp_path / "stay.py").write_text(STAY)
    (tmp_path / "between.py").write_text(BETWEEN)

    def run_script(script: str, *, budget_s: float = 30, look: Callable[[], None] = lambda: None,
                   **environ: str) -> ProcessEnd:
        (tmp_path / "child.py").write_text(f"{START}START = {START!r}\n{script}")
        return end([sys.executable, "child.py"], budget_s=budget_s, look=look, cwd=tmp_path,
                   environ={**os.environ, **environ}, log=tmp_path / "behaviour" / "child.log", run_folder=tmp_path)

    return run_script


def wait_until(condition: Callable[[], object]) -> None:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < 20
        time.sleep(0.01)


def runs(root: Path, name: str) -> bool:
    """Return whether the process that wrote this pid file still runs; a zombie does not."""
    try:
        return psutil.Process(int((root / f"{name}.pid").read_text())).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_output_and_exit_code_are_kept(run: Run, tmp_path: Path) -> None:
    ended = run('print("first", flush=True); print("then", os.environ["OURS"], file=sys.stderr); sys.exit(4)',
                OURS="given")
    assert (ended.log, ended.ending, ended.exit_code) == ("behaviour/child.log", Ending.EXITED, 4)
    assert (tmp_path / "behaviour" / "child.log").read_text() == "first\nthen given\n"
    assert ended.detail == "first | then given"


def test_successful_end_has_no_detail(run: Run) -> None:
    ended = run('print("all is well")')
    assert (ended.ending, ended.exit_code, ended.detail) == (Ending.EXITED, 0, "")


def test_last_lines_of_a_log_are_joined_into_one(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"".join(b"line %d\n\n" % number for number in range(50)) + b"\xff end\n")
    assert last_lines(log) == "line 45 | line 46 | line 47 | line 48 | line 49 | \N{REPLACEMENT CHARACTER} end"
    assert last_lines(tmp_path / "nothing") == ""


def test_command_that_does_not_exist_is_not_started(tmp_path: Path) -> None:
    ended = end(["/no/such/command"], cwd=tmp_path, environ={}, log=tmp_path / "log", run_folder=tmp_path,
                budget_s=1)
    assert (ended.ending, ended.exit_code) == (Ending.NOT_STARTED, None)
    assert "/no/such/command" in ended.detail


def test_child_is_polled_while_it_runs_and_once_afterwards(run: Run, tmp_path: Path) -> None:
    """The child ends only after the first poll; the last poll observes what it wrote at its end."""
    seen: list[bool] = []

    def look() -> None:
        seen.append((tmp_path / "last").exists())
        (tmp_path / "looked").touch()

    ended = run('while not os.path.exists("looked"):\n    time.sleep(0.01)\nopen("last", "w").close()\n', look=look)
    assert ended.exit_code == 0
    assert (seen[0], seen[-1]) == (False, True)


@pytest.mark.parametrize(("script", "name"), [
    ('start("child")', "child"),
    ('start("apart", start_new_session=True)', "apart"),
    (ORPHANED, "orphan"),
    pytest.param(DAEMON, "daemon", marks=LINUX),
])
def test_processes_that_a_child_leaves_running_are_ended(run: Run, tmp_path: Path, script: str, name: str) -> None:
    ended = run(script)
    assert (ended.ending, ended.exit_code) == (Ending.EXITED, 0)
    assert not runs(tmp_path, name)


def test_child_past_its_budget_is_ended_with_all_descendants(run: Run, tmp_path: Path) -> None:
    began = time.monotonic()
    ended = run(f'{ORPHANED}start("child")\nstart("apart", start_new_session=True)\ntime.sleep(600)\n', budget_s=4)
    assert time.monotonic() - began < 20
    assert ended.ending == Ending.TIMED_OUT
    assert ended.budget_s == 4
    assert not any(runs(tmp_path, name) for name in ("child", "apart", "orphan"))


def test_interrupted_child_may_shut_down_in_order(run: Run, tmp_path: Path) -> None:
    """SIGTERM reaches the child before its descendants; what it starts while it shuts down is ended too."""
    def look() -> None:
        if (tmp_path / "ready").exists():
            raise Interrupted

    with pytest.raises(Interrupted):
        run('import signal\ndef stop(*_):\n    subprocess.run([sys.executable, "between.py"], check=True)\n'
            '    os.kill(int(open("apart.pid").read()), 0)\n    open("in-order", "w").close()\n    sys.exit(1)\n'
            'signal.signal(signal.SIGTERM, stop)\nstart("apart", start_new_session=True)\n'
            'open("ready", "w").close()\ntime.sleep(600)\n', look=look)
    assert (tmp_path / "in-order").exists()
    assert not runs(tmp_path, "apart")
    assert not runs(tmp_path, "orphan")


def test_child_that_ignores_sigterm_is_killed(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gonogo.stages.child._GRACE_S", 0.2)
    monkeypatch.setattr("gonogo.stages.child._ORPHANS_S", 0.2)
    ended = run('import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nstart("child")\ntime.sleep(600)\n',
                budget_s=3)
    assert (ended.ending, ended.exit_code) == (Ending.TIMED_OUT, -9)
    assert not runs(tmp_path, "child")


@LINUX
def test_daemon_is_ended_if_the_gate_is_killed(run: Run, tmp_path: Path) -> None:
    """The child ignores that the gate has died, and is killed after a while."""
    (tmp_path / "child.py").write_text(
        f"{START}START = {START!r}\nimport signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n{DAEMON}"
        'start("child", start_new_session=True)\ntime.sleep(600)\n')
    gate = subprocess.Popen([sys.executable, "-c", (
        "import os, sys\nfrom pathlib import Path\nfrom gonogo.stages.child import Child\n"
        "from tests.masks import masker\nroot = Path(sys.argv[1])\n"
        "with Child([sys.executable, 'child.py'], cwd=root, environ={**os.environ}, log=root / 'log',\n"
        "           run_folder=root, masker=masker()) as child:\n    child.wait(600)\n"), str(tmp_path)])
    try:
        wait_until(lambda: (tmp_path / "child.pid").exists() and (tmp_path / "child.pid").read_text())
    finally:
        gate.kill()
        gate.wait()
    wait_until(lambda: not any(runs(tmp_path, name) for name in ("child", "daemon")))


HELD = 'print("ready", flush=True)\nprint("told", sys.stdin.readline() or "nothing", flush=True)\nsys.exit(5)\n'


def held(root: Path, script: str = HELD) -> Child:
    (root / "child.py").write_text(f"import sys\n{script}")
    return Child([sys.executable, "child.py"], cwd=root, environ={**os.environ}, log=root / "log", masker=masker(),
                 run_folder=root, waits=True)


def said(root: Path) -> str:
    return (root / "log").read_text()


def await_ready(root: Path) -> None:
    wait_until(lambda: said(root) == "ready\n")


def test_waiting_child_prepares_itself_and_waits_for_begin(tmp_path: Path) -> None:
    """Its duration counts from `begin`."""
    with held(tmp_path) as child:
        await_ready(tmp_path)
        child._start -= 60  # as if it had waited for a minute
        child.begin()
        child.wait(20)
    assert said(tmp_path) == "ready\ntold begin\n\n"
    assert (child.end.ending, child.end.exit_code) == (Ending.EXITED, 5)
    assert child.end.duration_s < 30


def test_waiting_child_that_never_begins_is_ended(tmp_path: Path) -> None:
    with held(tmp_path, "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + HELD):
        await_ready(tmp_path)
    assert said(tmp_path) == "ready\ntold nothing\n"


def test_waiting_child_that_dies_before_begin_keeps_its_exit_code(tmp_path: Path) -> None:
    with held(tmp_path, "sys.exit(6)") as child:
        child.wait(20)
        child.begin()
        child.wait(20)
    assert (child.end.ending, child.end.exit_code) == (Ending.EXITED, 6)


def test_output_is_masked_before_it_is_on_disk(tmp_path: Path) -> None:
    """This includes an unfinished line in two pieces; the detail consists of what is on disk."""
    script = ("import os, sys, subprocess\nprint('a hush-hush line', flush=True)\nos.write(2, b'half of hush-')\nos.write(2, b'hush')\n"
              "sys.exit(3)")
    known = masker({"A_TOKEN": "hush-hush"})
    ended = end([sys.executable, "-c", script], cwd=tmp_path, environ={**os.environ}, log=tmp_path / "log", masker=known,
                run_folder=tmp_path, budget_s=30)
    token = known.mask("hush-hush", "token")
    assert (tmp_path / "log").read_text() == f"a {token} line\nhalf of {token}"
    assert ended.detail == f"a {token} line | half of {token}"
