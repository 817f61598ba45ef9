"""One try: a small project, a system, the real gate as a child process, and what must hold afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bench.hostile.server import Answer, System, running_system

ROOT = Path(__file__).parents[2]
MAX_GROWTH_MIB = 300  # of the gate's memory, compared with the healthy control
_LIMIT_S = 150.0
_SETTLE_S = 5.0
_MAX_OUTPUT = 10_000_000  # bytes that are read of it
HOOKS = "from gonogo.suite import after_all, after_scenario, after_step, before_all, before_scenario\n"
STEPS = '''
import os, subprocess, sys, threading, time
from behave import given, when, then

@given("it works")
def works(context):
    assert context.world.http.get(context.world.environment.url + "/ok").ok

@when("it runs {code}")
def runs(context, code):
    exec(code, {**globals(), "context": context})

@then("it holds that {code}")
def holds(context, code):
    assert eval(code)
'''
FEATURE = "@read-only\nFeature: F\n  Scenario: one\n    Given it works\n"
ANSWERS = {0: "GO", 1: "NO-GO", 2: "USAGE", 3: "INCONCLUSIVE", 130: "INTERRUPTED"}


def scenario(*steps: str, tags: str = "@read-only") -> str:
    return f"{tags}\nFeature: F\n  Scenario: one\n" + "".join(f"    {step}\n" for step in steps)


def _nothing(_: object) -> None:
    """Do nothing."""


@dataclass(frozen=True)
class Running:
    """A gate that is running, for what happens meanwhile."""

    root: Path
    gate: subprocess.Popen[bytes]
    system: System

    def await_file(self, path: str) -> None:
        self.await_((self.root / path).exists)

    def await_(self, condition: Callable[[], object]) -> None:
        """Wait until the condition is true, or the gate has ended."""
        until = time.monotonic() + _LIMIT_S
        while not condition() and self.gate.poll() is None and time.monotonic() < until:
            time.sleep(0.02)


@dataclass(frozen=True)
class Try:
    """`expected` is the answer that is right (GO, PARTIAL, NO-GO, INCONCLUSIVE, USAGE or INTERRUPTED), `rule` one that
    must have led to it. `files` are added to the healthy project; None removes one. `settings` are those of the
    environment; texts in both, and in `environ`, may contain {url} and {python}. `during` happens while the gate runs.
    """

    expected: str
    rule: str = ""
    files: Mapping[str, str | bytes | None] = field(default_factory=dict)
    settings: Mapping[str, object] = field(default_factory=dict)
    answers: Mapping[str, Answer] = field(default_factory=dict)
    arguments: tuple[str, ...] = ("run", "--env", "preprod")
    environ: Mapping[str, str] = field(default_factory=dict)
    during: Callable[[Running], None] = _nothing
    before: Callable[[Path], None] = _nothing
    max_s: float = 60.0
    stdout: str = ""  # "closed", or the path of a device, instead of a file


@dataclass(frozen=True)
class Seen:
    """What happened: the answer with the rules that led to it, and what is wrong, if anything."""

    answer: str
    rules: tuple[str, ...]
    problems: tuple[str, ...]
    seconds: float
    mib: float


def carry_out(attempt: Try, *, healthy_mib: float | None = None) -> Seen:
    """Run the gate in a new folder. `healthy_mib` is the memory of the healthy control."""
    with (tempfile.TemporaryDirectory(prefix="hostile-", ignore_cleanup_errors=True) as folder,
          running_system(attempt.answers) as system):
        root = Path(folder) / "project"
        temporary = Path(folder) / "tmp"
        temporary.mkdir()
        _write(root, attempt, system)
        attempt.before(root)
        gate = _start(root, temporary, attempt, system)
        ended = _end(gate, attempt, Running(root, gate, system), Path(folder))
        answer, rules = _answer_of(ended.code, ended.stdout, root)
        problems = [*_differences(attempt, ended, answer, rules),
                    *([f"used {ended.mib - healthy_mib:.0f} MiB more than the healthy control"]
                      if healthy_mib and ended.mib > healthy_mib + MAX_GROWTH_MIB else []),
                    *_left(root, temporary, Path(folder))]
        return Seen(answer, rules, tuple(problems), ended.seconds, ended.mib)


@dataclass(frozen=True)
class _Ended:
    code: int
    stdout: str
    stderr: str
    seconds: float
    mib: float


def _write(root: Path, attempt: Try, system: System) -> None:
    environment = {"url": "{url}", "stages": ["behaviour"], **attempt.settings}
    files: dict[str, str | bytes | None] = {
        "environments.yml": json.dumps({"environments": {"preprod": environment}}, indent=1),
        "environment.py": HOOKS, "steps/plain_steps.py": STEPS, "features/a.feature": FEATURE, **attempt.files}
    root.mkdir()
    for name, content in files.items():
        if content is None:
            continue
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content if isinstance(content, bytes) else _filled(content, system).encode())


def _filled(text: str, system: System) -> str:
    return text.replace("{url}", system.url).replace("{python}", sys.executable)


def _start(root: Path, temporary: Path, attempt: Try, system: System) -> subprocess.Popen[bytes]:
    inherited = {name: value for name, value in os.environ.items()
                 if not name.startswith(("GONOGO_", "LOCUST_", "BEHAVE_", "PYTHON"))}
    settings = {"PYTHONPATH": str(ROOT), "TMPDIR": str(temporary), "XDG_STATE_HOME": str(root.parent / "state"),
                "HOSTILE": str(root)}
    environ = {name: _filled(value, system) for name, value in attempt.environ.items()}
    (root.parent / "stdout").touch()
    with _output(root.parent / "stdout", attempt.stdout) as stdout, (root.parent / "stderr").open("wb") as stderr:
        return subprocess.Popen(
            [sys.executable, "-m", "gonogo.cli", *attempt.arguments], cwd=root, stdin=subprocess.DEVNULL,
            stdout=stdout, stderr=stderr, env={**inherited, **settings, **environ})


@contextmanager
def _output(path: Path, kind: str) -> Iterator[int]:
    if kind == "closed":
        reader, writer = os.pipe()
        os.close(reader)
    else:
        writer = os.open(kind or path, os.O_WRONLY)
    try:
        yield writer
    finally:
        os.close(writer)


def _end(gate: subprocess.Popen[bytes], attempt: Try, running: Running, folder: Path) -> _Ended:
    began = time.monotonic()
    attempt.during(running)
    mib = 0.0
    while gate.poll() is None and time.monotonic() < began + _LIMIT_S:
        mib = _peak_mib(gate.pid) or mib
        time.sleep(0.02)
    if gate.poll() is None:
        gate.kill()
        gate.wait()
    output = [_start_of(folder / name) for name in ("stdout", "stderr")]
    return _Ended(gate.returncode, *output, time.monotonic() - began, mib)


def _peak_mib(pid: int) -> float | None:
    """The most memory that a process had so far; None if it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return None
    kib = next((line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")), None)
    return int(kib) / 1024 if kib else None


def _start_of(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(_MAX_OUTPUT).decode("utf-8", "replace")


def _answer_of(code: int, stdout: str, root: Path) -> tuple[str, tuple[str, ...]]:
    """The answer by the exit code, and the rules of the verdict file."""
    answer = ANSWERS.get(code, f"exit code {code}")
    try:
        verdict = json.loads((root / "runs" / "latest" / "verdict.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return answer, ()
    if answer == "GO":
        answer = verdict["verdict"]
    return answer, tuple(dict.fromkeys(reason["rule"] for reason in verdict["reasons"]))


def _differences(attempt: Try, ended: _Ended, answer: str, rules: tuple[str, ...]) -> Iterator[str]:
    output = ended.stdout + ended.stderr
    if answer != attempt.expected:
        yield f"{answer} instead of {attempt.expected}"
    if attempt.rule and attempt.rule not in rules:
        yield f"the rule {attempt.rule} is missing"
    if "Traceback" in output or "internal error" in output:
        yield "prints a traceback"
    if ended.seconds > attempt.max_s:
        yield f"took {ended.seconds:.0f} s"


def _left(root: Path, temporary: Path, folder: Path) -> Iterator[str]:
    """What is left running or on the disk."""
    until = time.monotonic() + _SETTLE_S
    while (processes := list(_processes(root))) and time.monotonic() < until:
        time.sleep(0.05)
    for process in processes:
        yield f"left running: {' '.join(process.cmdline())[:80]}"
        process.kill()
    yield from (f"left on disk: {path.name}" for path in temporary.iterdir())
    yield from (f"left a lease: {path.name}" for path in (folder / "state").rglob("*.json"))


def _processes(root: Path) -> Iterator[psutil.Process]:
    """Processes that the gate has started, by a variable that they inherit, or by their folder."""
    for process in psutil.process_iter():
        try:
            if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
                continue
            if process.cwd().startswith(str(root)) or process.environ().get("HOSTILE") == str(root):
                yield process
        except (psutil.Error, OSError):
            continue

