"""`travel up`, `status`, `restart`, `down`: with real processes, on free ports."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

REPOSITORY = Path(__file__).parents[2]
PARTS = ("chassis", "customers", "gds")
PORTS_OF_PARTS = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 25)
DEADLINE_S = 60


def is_free(port: int) -> bool:
    with socket.socket() as probe, suppress(OSError):
        probe.bind(("127.0.0.1", port))
        return True
    return False


def free_hundreds(count: int) -> list[int]:
    """Hundreds of ports of which nobody uses any that an environment would."""
    found = [hundreds for hundreds in range(120 + os.getpid() % 100, 320)
             if all(is_free(hundreds * 100 + offset) for offset in PORTS_OF_PARTS)]
    return found[:count]


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


class Travel:
    """The command, in a folder, a TRAVEL_HOME and on ports of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.source = folder / "source"
        self.home = folder / "home"
        dev, preprod = free_hundreds(2)
        self.ports = {"dev": dev * 100, "preprod": preprod * 100}
        self.variables = {**os.environ, "TRAVEL_HOME": str(self.home), "PYTHONPATH": str(REPOSITORY),
                          "TRAVEL_DEV_PORTS": str(dev), "TRAVEL_PREPROD_PORTS": str(preprod)}
        for part in PARTS:
            shutil.copytree(REPOSITORY / "travel" / part, self.source / part)
        shutil.copy(REPOSITORY / "travel" / "__init__.py", self.source)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen([sys.executable, "-m", "travel.cli", *arguments], cwd=self.folder, env=self.variables,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, *arguments: str, code: int = 0) -> tuple[str, str]:
        """stdout and stderr of the command, which must end with `code`."""
        process = self.start(*arguments)
        stdout, stderr = process.communicate(timeout=DEADLINE_S)
        assert process.returncode == code, stdout + stderr
        assert "Traceback" not in stderr.replace("  | Traceback", "")  # a log may be quoted
        return stdout, stderr

    def build(self) -> dict[str, Any]:
        self.run("build", "--source", str(self.source))
        release: dict[str, Any] = yaml.safe_load((self.folder / "release.yml").read_text())
        return release

    def components(self, environment: str = "preprod") -> dict[str, dict[str, Any]]:
        process = self.start("status", environment, "--json")
        document = json.loads(process.communicate(timeout=DEADLINE_S)[0])
        assert process.returncode == (0 if document["healthy"] else 1)
        return {component["name"]: component for component in document["components"]}

    def pids(self) -> dict[str, int]:
        return {name: component["pid"] for name, component in self.components().items()}

    def processes(self) -> list[psutil.Process]:
        """All that run from this home, supervisord included."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.status() != psutil.STATUS_ZOMBIE and str(self.home) in " ".join(
                        [process.cwd(), *process.cmdline()]):
                    found.append(process)
        return found

    def url(self, component: str, path: str) -> str:
        offset = {"customers": 2, "gds": 8}[component]
        return f"http://127.0.0.1:{self.ports['preprod'] + offset}{path}"

    def copy_of(self, path: str) -> Path:
        component = path.partition("/")[0]
        return self.home / "preprod" / "components" / component / "travel" / path


@pytest.fixture
def travel(tmp_path: Path) -> Iterator[Travel]:
    travel = Travel(tmp_path)
    yield travel
    travel.run("down", "--all")
    assert travel.processes() == []


def register(travel: Travel, code: int = 201) -> None:
    body = json.dumps({"name": "Ana", "email": "ana@example.com", "password": "correct horse"}).encode()
    request = urllib.request.Request(travel.url("customers", "/customers"), body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request) as answer:
            assert answer.status == code
    except urllib.error.HTTPError as error:
        with error:
            assert error.code == code


def test_a_release_comes_up_and_goes_down(travel: Travel) -> None:
    """After `up` every component is healthy and runs the released image; after `down` no process is left."""
    release = travel.build()

    stdout, _ = travel.run("up", "preprod")

    components = travel.components()
    assert stdout.startswith(f"preprod is up at http://127.0.0.1:{travel.ports['preprod']} (2 components, ")
    assert {name: component["image"] for name, component in components.items()} == release["images"]
    assert {name: component["config"] for name, component in components.items()} == release["configs"]
    assert "preprod is down" in travel.run("down", "preprod")[0]
    assert travel.processes() == []
    assert "is down" in travel.run("status", "preprod", code=1)[0]


def test_what_is_up_stays_as_it_is(travel: Travel) -> None:
    """A second `up` of the same release touches no process."""
    travel.build()
    travel.run("up", "preprod")
    before = travel.pids()

    assert "already up" in travel.run("up", "preprod")[0]
    assert travel.pids() == before


def test_only_what_changed_is_replaced(travel: Travel) -> None:
    """Another release restarts the components whose image is another, and keeps all data."""
    travel.build()
    travel.run("up", "preprod")
    register(travel)
    before = travel.pids()
    with (travel.source / "customers" / "accounts.py").open("a") as file:
        file.write("# edited\n")
    release = travel.build()

    stdout, _ = travel.run("up", "preprod")

    after = travel.components()
    assert "started anew: customers;" in stdout
    assert after["customers"]["image"] == release["images"]["customers"]
    assert after["customers"]["pid"] != before["customers"]
    assert after["gds"]["pid"] == before["gds"]
    register(travel, code=409)


def test_a_restart_keeps_edits_and_data_and_a_new_start_does_not(travel: Travel) -> None:
    """A component's copy may be edited in place; `status` tells; only `down` and `up` bring the image back."""
    travel.build()
    travel.run("up", "preprod")
    register(travel)
    config = travel.copy_of("customers/config.yml")
    config.write_text(config.read_text().replace("debug: false", "debug: true"))

    travel.run("restart", "preprod", "customers")

    with urllib.request.urlopen(travel.url("customers", "/version")) as answer:
        assert json.load(answer)["debug"] is True
    assert travel.components()["customers"]["settings_edited"] is True
    register(travel, code=409)

    travel.run("down", "preprod")
    travel.run("up", "preprod")

    assert travel.components()["customers"]["settings_edited"] is False
    register(travel)


def test_a_fresh_start_leaves_nothing_of_what_was_done(travel: Travel) -> None:
    """What has not changed goes on running, with the data and the log that it began with; an edited copy is replaced."""
    travel.build()
    travel.run("up", "preprod")
    register(travel)
    before = travel.pids()
    edited = travel.copy_of("gds/config.yml")
    shipped = edited.read_text()
    edited.write_text(f"{shipped}\n# edited\n")
    logs = travel.home / "preprod" / "logs"
    for component in ("customers", "gds"):
        with (logs / f"{component}.log").open("a") as log:
            log.write("of an earlier trial")
    (logs / "customers.log.1").write_text("long ago")
    (travel.home / "preprod" / "data" / "notes.txt").write_text("of an earlier trial")

    stdout, _ = travel.run("up", "preprod", "--fresh")

    after = travel.pids()
    assert "started anew: gds;" in stdout
    assert after["customers"] == before["customers"]
    assert after["gds"] != before["gds"]
    assert edited.read_text() == shipped
    assert not any("of an earlier trial" in (logs / f"{component}.log").read_text() for component in after)
    assert not (logs / "customers.log.1").exists()
    assert not (travel.home / "preprod" / "data" / "notes.txt").exists()
    register(travel)


def test_a_fresh_start_of_another_release_starts_what_changed_without_data(travel: Travel) -> None:
    """And each of them again with the data that its own code made, when it is the other's turn."""
    travel.build()
    first = (travel.folder / "release.yml").rename(travel.folder / "first.yml")
    travel.run("up", "preprod", "--release", str(first))
    with (travel.source / "customers" / "accounts.py").open("a") as file:
        file.write("# edited\n")
    travel.build()

    for release in ("release.yml", str(first), "release.yml"):
        register(travel)
        before = travel.pids()

        stdout, _ = travel.run("up", "preprod", "--release", release, "--fresh")

        assert "started anew: customers;" in stdout
        assert travel.pids()["gds"] == before["gds"]
        register(travel)
        travel.run("up", "preprod", "--release", release, "--fresh")  # without its image being another, too


def test_what_was_kept_half_is_not_put_back(travel: Travel) -> None:
    """Where what was kept is missing, as its copying was cut off, the component is started anew."""
    travel.build()
    travel.run("up", "preprod")
    register(travel)
    before = travel.pids()
    kept = travel.home / "preprod" / "first-data" / "customers.sqlite"
    kept.rename(kept.with_suffix(".draft"))

    travel.run("up", "preprod", "--fresh")

    assert travel.pids()["customers"] != before["customers"]
    register(travel)


def test_a_fresh_start_gives_nobody_data_that_another_image_made(travel: Travel) -> None:
    """Replaced with its data kept, a component has none to go back to: it is started anew, and makes its own."""
    travel.build()
    travel.run("up", "preprod")
    with (travel.source / "customers" / "accounts.py").open("a") as file:
        file.write("# edited\n")
    travel.build()
    register(travel)
    travel.run("up", "preprod")
    before = travel.pids()

    stdout, _ = travel.run("up", "preprod", "--fresh")

    assert "started anew: customers;" in stdout
    assert travel.pids()["gds"] == before["gds"]
    register(travel)


def test_a_fresh_start_restarts_who_remembers_more_than_its_data(travel: Travel) -> None:
    """flights keeps what it has heard, and would answer from it."""
    shutil.copytree(REPOSITORY / "travel" / "flights", travel.source / "flights")
    travel.build()
    travel.run("up", "preprod")
    before = travel.pids()

    travel.run("up", "preprod", "--fresh")

    assert {name for name, pid in travel.pids().items() if pid != before[name]} == {"flights"}


def test_a_component_that_dies_comes_back(travel: Travel) -> None:
    """A killed process is started anew without anybody's doing."""
    travel.build()
    travel.run("up", "preprod")
    before = travel.pids()["customers"]
    until(lambda: travel.components()["customers"]["state"] == "RUNNING")

    os.kill(before, signal.SIGKILL)

    until(lambda: (now := travel.components()["customers"])["healthy"] and now["pid"] != before)


def test_the_same_images_run_in_several_environments(travel: Travel) -> None:
    """dev and preprod stand side by side with one release, each with data of its own."""
    release = travel.build()

    travel.run("up", "dev")
    travel.run("up", "preprod")
    register(travel)

    for environment in ("dev", "preprod"):
        assert {name: component["image"] for name, component in travel.components(environment).items()} \
            == release["images"]
    assert travel.components("dev")["customers"]["url"] != travel.components()["customers"]["url"]


def test_a_component_that_does_not_start_is_named(travel: Travel) -> None:
    """`up` fails with the end of its log, and leaves nothing running."""
    (travel.source / "customers" / "app.py").write_text("raise RuntimeError('no luck today')\n")
    travel.build()

    _, stderr = travel.run("up", "preprod", code=1)

    assert "customers of preprod does not start" in stderr
    assert "no luck today" in stderr
    assert travel.processes() == []


def test_a_component_that_is_never_healthy_runs_out_of_time(travel: Travel) -> None:
    """`--timeout` bounds the wait."""
    (travel.source / "customers" / "app.py").write_text("import time\ntime.sleep(600)\n")
    travel.build()

    _, stderr = travel.run("up", "preprod", "--timeout", "2", code=1)

    assert "customers of preprod is not healthy in time" in stderr
    assert travel.processes() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_start_stops_what_it_started(travel: Travel, number: signal.Signals) -> None:
    """Whoever interrupts `up` finds no process left."""
    (travel.source / "customers" / "app.py").write_text("import time\ntime.sleep(600)\n")
    travel.build()
    process = travel.start("up", "preprod", "--timeout", "600")
    assert process.stderr is not None
    assert "gds" in process.stderr.readline()

    process.send_signal(number)
    process.communicate(timeout=DEADLINE_S)

    assert process.returncode == 130
    assert travel.processes() == []


def test_a_taken_port_is_told_before_anything_starts(travel: Travel) -> None:
    """A foreign process on a port is named with its pid, and left alone."""
    travel.build()
    with socket.create_server(("127.0.0.1", travel.ports["preprod"] + 8)) as other:
        _, stderr = travel.run("up", "preprod", code=1)

        assert f"Port {other.getsockname()[1]}, for gds of preprod, is taken by process {os.getpid()}" in stderr
        assert "TRAVEL_PREPROD_PORTS" in stderr
    assert travel.processes() == []


def test_what_a_killed_supervisor_left_is_found(travel: Travel) -> None:
    """Components that lost their supervisor are ended by the next `up`, which starts afresh."""
    travel.build()
    travel.run("up", "preprod")
    before = travel.pids()
    supervisor = psutil.Process(before["customers"]).parent()
    assert supervisor is not None
    supervisor.kill()
    until(lambda: supervisor not in travel.processes())

    travel.run("up", "preprod")

    assert not set(before.values()) & {process.pid for process in travel.processes()}


def test_two_starts_at_once_make_one_environment(travel: Travel) -> None:
    """The second waits for the first, and finds all well."""
    travel.build()

    starts = [travel.start("up", "preprod") for _ in range(2)]
    outputs = [process.communicate(timeout=DEADLINE_S)[0] for process in starts]

    assert [process.returncode for process in starts] == [0, 0]
    assert sorted("already up" in output for output in outputs) == [False, True]
    assert len(travel.processes()) == len(PARTS)  # supervisord and each component; the chassis is in them


def test_other_telemetry_settings_reach_the_components(travel: Travel) -> None:
    """Another OTEL_ variable restarts the components with it, with their copies and data."""
    travel.build()
    travel.run("up", "preprod")
    register(travel)
    travel.variables["OTEL_RESOURCE_ATTRIBUTES"] = "deployment.environment=preprod"

    travel.run("up", "preprod")

    environments = [psutil.Process(pid).environ() for pid in travel.pids().values()]
    assert [found["OTEL_RESOURCE_ATTRIBUTES"] for found in environments] == ["deployment.environment=preprod"] * 2
    register(travel, code=409)


@pytest.mark.parametrize("arguments", [
    ("up", "staging"), ("up", "preprod", "--release", "missing.yml"), ("down",), ("build", "--source", "nowhere"),
    ("restart", "preprod", "cleaners"), ()])
def test_a_wrong_command_is_a_usage_error(travel: Travel, arguments: tuple[str, ...]) -> None:
    """Exit 2 and a sentence, without a traceback."""
    _, stderr = travel.run(*arguments, code=2)

    assert stderr


def test_wrong_ports_are_a_usage_error(travel: Travel) -> None:
    """The variable is named with what it may be."""
    travel.variables["TRAVEL_PREPROD_PORTS"] = "ninety"

    _, stderr = travel.run("status", "preprod", code=2)
    travel.variables["TRAVEL_PREPROD_PORTS"] = "300"

    assert "TRAVEL_PREPROD_PORTS is 'ninety'" in stderr
