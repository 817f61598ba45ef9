"""Files, arguments and settings of the machine that are odd, broken or hostile."""

from __future__ import annotations

import signal
from pathlib import Path

from bench.hostile.server import silent
from bench.hostile.tries.sending import profile, settings
from bench.hostile.trial import Running, Try, scenario

_RUN = ("run", "--env", "preprod")
_WAITS = scenario("Given it works", "When it runs open('underway', 'w').close()", "When it runs time.sleep(600)")


def environments(text: str | bytes, expected: str = "USAGE") -> Try:
    return Try(expected, "", {"environments.yml": text})


def aliases(depth: int = 9) -> str:
    """Nine aliases, each of nine of the one before: nine to the power of nine items."""
    names = "abcdefghi"[:depth]
    return "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{name}: &{name} [{','.join([f'*{earlier}'] * 9)}]\n" for earlier, name in zip(names, names[1:], strict=False))


def release(text: str, expected: str = "USAGE") -> Try:
    return Try(expected, "", {"release.yml": text}, {"services": {"shop": {"url": "{url}"}}})


def arguments(*given: str, expected: str = "USAGE") -> Try:
    return Try(expected, "", arguments=(*_RUN, *given))


def interrupted(number: signal.Signals, stage: str) -> Try:
    """A signal during a stage; the environment was started by the gate, and must be down afterwards."""
    up = ("import socket, subprocess, sys, time\nport = int(sys.argv[1])\n"
          "subprocess.Popen([sys.executable, '-m', 'http.server', str(port), '--bind', '127.0.0.1'], start_new_session=True,\n"
          "                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
          "while socket.socket().connect_ex(('127.0.0.1', port)):\n    time.sleep(0.02)\n")
    down = ("import os, signal, sys\nimport psutil\nfor process in psutil.process_iter():\n"
            "    if process.cmdline()[1:4] == ['-m', 'http.server', sys.argv[1]] if process.status() != 'zombie' else False:\n"
            "        process.kill()\n")
    port = _free_port()
    of_stage: dict[str, object] = {"behaviour": {"stages": ["behaviour"]}, "load": {
        "stages": ["load"], "permits": {"load_users": 5}, "load": settings(duration_s=60)},
        "platform": {"stages": ["platform"]}}[stage]  # type: ignore[assignment]

    def send(running: Running) -> None:
        if stage == "load":
            running.await_(lambda: any(path.stat().st_size for path in running.root.glob("runs/*/load/visit/samples.ndjson")))
        else:
            running.await_file("underway")
        running.gate.send_signal(number)

    return Try("INTERRUPTED", "interrupted", {
        "up.py": up, "down.py": down, "features/a.feature": _WAITS if stage == "behaviour" else None,
        "features/platform/a.feature": _WAITS if stage == "platform" else None,
        "load/visit.py": profile("self.client.get('/up.py', name='/ok')")}, {
        "url": f"http://127.0.0.1:{port}", **of_stage,  # type: ignore[dict-item]
        "provision": {"up": f"{{python}} up.py {port}", "down": f"{{python}} down.py {port}"}}, during=send)


def _free_port() -> int:
    import socket  # noqa: PLC0415
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _take_runs(root: Path) -> None:
    (root / "runs").write_text("a file where the folder should be")


def _damage_history(root: Path) -> None:
    (root / "runs").mkdir()
    (root / "runs" / "history.sqlite").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)


def _signal_probes(running: Running) -> None:
    running.await_(lambda: "GET /health" in running.system.seen)
    running.gate.send_signal(signal.SIGTERM)


TRIES = {
    "config: empty": environments(""),
    "config: a list": environments("[]"),
    "config: no YAML": environments("environments: [\n"),
    "config: an unknown tag": environments("environments: {preprod: {url: !!python/object/apply:os.system ['true']}}\n"),
    "config: an impossible date": environments("environments: {preprod: {url: 2024-13-45}}\n"),
    "config: an alias of itself": environments("environments: &a {preprod: *a}\n"),
    "config: aliases of aliases": environments(aliases() + "environments: {preprod: {url: 'http://127.0.0.1:1', hosts: *i}}\n"),
    "config: 100,000 brackets": environments("[" * 100_000),
    "config: 50 MB": environments(b"# " + b"x" * 50_000_000),
    "config: not UTF-8": environments(b"environments: {preprod: {url: '\xff'}}\n"),
    "config: a NUL": environments(b"environments: {preprod: {url: 'http://127.0.0.1:1\x00'}}\n"),
    "config: a key twice": environments("environments: {preprod: {url: '{url}', url: 'http://127.0.0.1:9'}}\n"),
    "config: a merge key": environments("base: &base {stages: [behaviour]}\nenvironments: {preprod: {url: '{url}', <<: *base}}\n"
                                        .replace("base: &base", "defaults: &base"), "GO"),
    "config: an unknown key": environments("environments: {preprod: {url: '{url}', stagess: []}}\n"),
    "config: a missing variable": environments("environments: {preprod: {url: '${NO_SUCH_VARIABLE}'}}\n"),
    "config: a url of a file": environments("environments: {preprod: {url: 'file:///etc/passwd'}}\n"),
    "config: a url without a host": environments("environments: {preprod: {url: 'http://'}}\n"),
    "config: a port beyond the last": environments("environments: {preprod: {url: 'http://127.0.0.1:99999'}}\n"),
    "config: a stage twice": Try("USAGE", "", settings={"stages": ["behaviour", "behaviour"]}),
    "config: no stage": Try("USAGE", "", settings={"stages": []}),
    "config: an unknown stage": Try("USAGE", "", settings={"stages": ["behavior"]}),
    "config: a secret in plain text": Try("USAGE", "", settings={"third_parties": {"bank": {"url": "{url}", "key": "sk_live_1"}}}),
    "config: a budget of 0": Try("USAGE", "", settings={"budgets": {"scenario_s": 0}}),
    "config: a budget that is infinite": environments("environments: {preprod: {url: '{url}', budgets: {scenario_s: .inf}}}\n"),
    "release: empty": release(""),
    "release: no YAML": release("images: ["),
    "release: a typo in a key": release("schema: 1\nimage: {}\n"),
    "release: an unquoted time": release("schema: 1\nbuilt: 2026-01-01T00:00:00Z\nimages: {shop: 'sha256:" + "a" * 64 + "'}\n", "GO"),
    "release: the image is a number": release("schema: 1\nimages: {shop: 1}\n"),
    "release: aliases of aliases": release(aliases() + "schema: 1\nimages: {shop: *i}\n"),
    "exceptions: no YAML": Try("USAGE", "", {"exceptions.yml": "["}),
    "exceptions: expired": Try("USAGE", "", {"exceptions.yml": (
        "exceptions:\n- {kind: waiver, rule: scenario-failed, subject: {scenario: one, file: features/a.feature}, "
        "reason: known, owner: qa, expires: 2020-01-01}\n")}),
    "arguments: no environment": Try("USAGE", "", arguments=("run",)),
    "arguments: an unknown environment": Try("USAGE", "", arguments=("run", "--env", "preprd")),
    "arguments: an unknown stage": arguments("--only", "behavior"),
    "arguments: --jobs 0": arguments("--jobs", "0"),
    "arguments: --jobs ²": arguments("--jobs", "²"),
    "arguments: --jobs 1e9": arguments("--jobs", "1e9"),
    "arguments: --max-failures ²": arguments("--max-failures", "²"),
    "arguments: a tag expression that is none": arguments("--tags", "@a and"),
    "arguments: a release that does not exist": arguments("--release", "no.yml"),
    "arguments: an unknown profile": arguments("--profile", "no"),
    "arguments: --out is a file": arguments("--out", "environments.yml", expected="INCONCLUSIVE"),
    "machine: PYTHONOPTIMIZE": Try("USAGE", "", environ={"PYTHONOPTIMIZE": "1"}),
    "machine: PYTHONINSPECT": Try("GO", "", environ={"PYTHONINSPECT": "1"}),
    "machine: PYTHONSTARTUP, PYTHONBREAKPOINT": Try("GO", "", environ={"PYTHONSTARTUP": "/no", "PYTHONBREAKPOINT": "os.abort"}),
    "machine: a terminal that knows ASCII alone": Try("NO-GO", "", {"features/a.feature": scenario(
        "Given it works", "When it runs assert False, 'web → bank'")}, environ={"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0"}),
    "machine: standard output is closed": Try("NO-GO", "", {"features/a.feature": scenario(
        "Given it works", "When it runs assert False")}, stdout="closed"),
    "machine: standard output is full": Try("NO-GO", "", {"features/a.feature": scenario(
        "Given it works", "When it runs assert False")}, stdout="/dev/full"),
    "machine: runs is a file": Try("INCONCLUSIVE", "", before=_take_runs),
    "machine: the history is damaged": Try("GO", "", before=_damage_history),
    "machine: the history is elsewhere and down": Try("GO", "", environ={"GONOGO_HISTORY": "postgresql+psycopg://ci:x@127.0.0.1:9/gonogo"}),
    "machine: no home": Try("GO", "", environ={"HOME": "/no/such/folder"}),
    "machine: no colours, no terminal": Try("GO", "", environ={"NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "1"}),
    "history: a baseline is required": Try("INCONCLUSIVE", "", settings={"baseline": "required"}),
    "traces: the receiver's port is taken": Try("INCONCLUSIVE", "", settings={"traces": {"otlp": "{url}"}}),
    "traces: the backend never answers": Try("GO", "", settings={"traces": {"jaeger": "{url}/silent"}}, answers={"/silent/api/services": silent}),
    "signal: SIGTERM in probes": Try("INTERRUPTED", "interrupted", settings={"services": {"shop": {"url": "{url}", "version": None}}},
                                     answers={"/health": silent}, during=_signal_probes),
    **{f"signal: {number.name} in {stage}": interrupted(number, stage)
       for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT) for stage in ("behaviour", "load", "platform")},
}
