"""Files, arguments, signals and settings of the machine that are odd, broken or hostile."""

from __future__ import annotations

import signal
import socket
from itertools import pairwise, product
from pathlib import Path

from bench.hostile.server import IMAGE, silent
from bench.hostile.trial import Running, Try, scenario
from bench.hostile.tries.sending import load_settings, profile

_RUN = ("run", "--env", "preprod")
_WAITS = scenario("Given it works", "When it runs open('underway', 'w').close()", "When it runs time.sleep(600)")
_FAILS = {"features/a.feature": scenario("Given it works", "When it runs assert False, 'web → bank'")}
_SERVICE = {"services": {"shop": {"url": "{url}"}}}
_UP = """import socket, subprocess, sys, time
port = int(sys.argv[1])
server = subprocess.Popen([sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"],
                          start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
open("server.pid", "w").write(str(server.pid))
while socket.socket().connect_ex(("127.0.0.1", port)):
    time.sleep(0.02)
"""
_DOWN = "import os\nos.kill(int(open('server.pid').read()), 9)\n"


def aliases() -> str:
    """Nine times nine aliases of aliases: nine to the power of nine items. The last is `i`."""
    return "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{name}: &{name} [{','.join([f'*{earlier}'] * 9)}]\n" for earlier, name in pairwise("abcdefghi"))


def config(text: str | bytes, expected: str = "USAGE") -> Try:
    return Try(expected, "", {"environments.yml": text})


def one(settings: str, expected: str = "USAGE") -> Try:
    """An environments.yml with these settings of one environment."""
    return config(f"environments: {{preprod: {{{settings}}}}}\n", expected)


def release(text: str, expected: str = "USAGE") -> Try:
    return Try(expected, "", {"release.yml": text}, _SERVICE)


def arguments(*given: str, expected: str = "USAGE") -> Try:
    return Try(expected, "", arguments=(*_RUN, *given))


def interrupted(number: signal.Signals, stage: str) -> Try:
    """A signal during a stage; the environment was started by the gate, and must be down afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    feature = {"behaviour": "features/a.feature", "platform": "features/platform/a.feature"}.get(stage, "features/x")
    settings: dict[str, object] = load_settings(duration_s=60) if stage == "load" else {"stages": [stage]}

    def send(running: Running) -> None:
        if stage == "load":
            samples = "runs/*/load/visit/samples.ndjson"
            running.await_(lambda: any(path.stat().st_size for path in running.root.glob(samples)))
        else:
            running.await_file("underway")
        running.gate.send_signal(number)

    return Try("INTERRUPTED", "interrupted", {
        "ok": "ok", "up.py": _UP, "down.py": _DOWN, "features/a.feature": None, feature: _WAITS,
        "load/visit.py": profile("self.client.get('/up.py', name='/ok')")}, {
        "url": f"http://127.0.0.1:{port}", **settings,
        "provision": {"up": f"{{python}} up.py {port}", "down": "{python} down.py"}}, during=send)


def _take_runs(root: Path) -> None:
    (root / "runs").write_text("a file where the folder should be")


def _damage_history(root: Path) -> None:
    (root / "runs").mkdir()
    (root / "runs" / "history.sqlite").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)


def _signal_probes(running: Running) -> None:
    running.await_(lambda: "GET /health" in running.system.seen)
    running.gate.send_signal(signal.SIGTERM)


TRIES = {
    "config: empty": config(""),
    "config: a list": config("[]"),
    "config: no YAML": config("environments: [\n"),
    "config: an unknown tag": one("url: !!python/object/apply:os.system ['true']"),
    "config: an impossible date": one("url: 2024-13-45"),
    "config: an alias of itself": config("environments: &a {preprod: *a}\n"),
    "config: aliases of aliases": config(f"{aliases()}environments: {{preprod: {{url: '{{url}}', hosts: *i}}}}\n"),
    "config: 100,000 brackets": config("[" * 100_000),
    "config: 50 MB": config(b"# " + b"x" * 50_000_000),
    "config: not UTF-8": config(b"environments: {preprod: {url: '\xff'}}\n"),
    "config: a NUL": config(b"environments: {preprod: {url: 'http://127.0.0.1:1\x00'}}\n"),
    "config: a key twice": one("url: '{url}', url: 'http://127.0.0.1:9'"),
    "config: a merge key": config("defaults: &base {stages: [behaviour]}\n"
                                  "environments: {preprod: {<<: *base, url: '{url}'}}\n", "GO"),
    "config: an unknown key": one("url: '{url}', stagess: []"),
    "config: a missing variable": one("url: '${NO_SUCH_VARIABLE}'"),
    "config: the url of a file": one("url: 'file:///etc/passwd'"),
    "config: a url without a host": one("url: 'http://'"),
    "config: a port beyond the last": one("url: 'http://127.0.0.1:99999'"),
    "config: a stage twice": one("url: '{url}', stages: [behaviour, behaviour]"),
    "config: no stage": one("url: '{url}', stages: []"),
    "config: an unknown stage": one("url: '{url}', stages: [behavior]"),
    "config: a secret in plain text": one("url: '{url}', third_parties: {bank: {url: '{url}', key: sk_live_1}}"),
    "config: a budget of 0": one("url: '{url}', budgets: {scenario_s: 0}"),
    "config: a budget without end": one("url: '{url}', budgets: {scenario_s: .inf}"),
    "release: empty": release(""),
    "release: no YAML": release("images: ["),
    "release: an unknown key": release("schema: 1\nimage: {}\n"),
    "release: an unquoted time": release(
        f"schema: 1\nbuilt: 2026-01-01T00:00:00Z\nimages: {{shop: '{IMAGE}'}}\n", "GO"),
    "release: the image is a number": release("schema: 1\nimages: {shop: 1}\n"),
    "release: aliases of aliases": release(f"{aliases()}schema: 1\nimages: {{shop: *i}}\n"),
    "exceptions: no YAML": Try("USAGE", "", {"exceptions.yml": "["}),
    "exceptions: an unknown key": Try("USAGE", "", {"exceptions.yml": "schema: 1\nexception: []\n"}),
    "arguments: no environment": Try("USAGE", "", arguments=("run",)),
    "arguments: an unknown environment": Try("USAGE", "", arguments=("run", "--env", "preprd")),
    "arguments: an unknown stage": arguments("--only", "behavior"),
    "arguments: --jobs 0": arguments("--jobs", "0"),
    "arguments: --jobs ²": arguments("--jobs", "²"),
    "arguments: --jobs 1e9": arguments("--jobs", "1e9"),
    "arguments: --max-failures ²": arguments("--max-failures", "²"),
    "arguments: --wait nan": arguments("--wait", "nan"),
    "arguments: a tag expression that is none": arguments("--tags", "@a and"),
    "arguments: a release that does not exist": arguments("--release", "no.yml"),
    "arguments: an unknown profile": arguments("--profile", "no"),
    "arguments: --out is a file": arguments("--out", "environments.yml", expected="INCONCLUSIVE"),
    "machine: PYTHONOPTIMIZE": Try("USAGE", environ={"PYTHONOPTIMIZE": "1"}),
    "machine: PYTHONINSPECT": Try("GO", environ={"PYTHONINSPECT": "1"}),
    "machine: PYTHONSTARTUP, PYTHONBREAKPOINT": Try(
        "GO", environ={"PYTHONSTARTUP": "/no", "PYTHONBREAKPOINT": "os.abort"}),
    "machine: a terminal of ASCII alone": Try(
        "NO-GO", "", _FAILS, environ={"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0"}),
    "machine: standard output is closed": Try("NO-GO", "", _FAILS, stdout="closed"),
    "machine: standard output is full": Try("NO-GO", "", _FAILS, stdout="/dev/full"),
    "machine: runs is a file": Try("INCONCLUSIVE", before=_take_runs),
    "machine: the history is damaged": Try("GO", before=_damage_history),
    "machine: the history is down": Try(
        "GO", environ={"GONOGO_HISTORY": "postgresql+psycopg://ci:x@127.0.0.1:9/gonogo"}),
    "machine: no home": Try("GO", environ={"HOME": "/no/such/folder"}),
    "machine: a terminal of one column": Try("GO", environ={"NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "1"}),
    "history: a baseline is required": Try("INCONCLUSIVE", settings={"baseline": "required"}),
    "traces: the receiver's port is taken": Try("USAGE", settings={"traces": {"otlp": "{url}"}}),
    "traces: the backend never answers": Try(
        "GO", settings={"traces": {"jaeger": "{url}/silent"}}, answers={"/silent/api/services": silent}),
    "signal: SIGTERM in probes": Try("INTERRUPTED", "interrupted", settings=_SERVICE, answers={"/health": silent},
                                     during=_signal_probes),
    **{f"signal: {number.name} in {stage}": interrupted(number, stage) for number, stage in product(
        (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT), ("behaviour", "load", "platform"))},
}
