"""`travel up`, `status`, `restart` and `down` with real processes on free ports."""

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

pytestmark = pytest.mark.alone

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
    """Return hundreds of ports of which all that an environment would use are free."""
    found = [hundreds for hundreds in range(120 + os.getpid() % 100, 320)
             if all(is_free(hundreds * 100 + offset) for offset in PORTS_OF_PARTS)]
    return found[:count]


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


class Travel:
    """The command in its own folder, with its own TRAVEL_HOME and ports."""

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
        """Run the command, which must exit with `code`, and return its stdout and stderr."""
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
        """Return all processes that run from this home, including supervisord."""
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


def test_a_release_starts_and_stops(travel: Travel) -> None:
    """After `up`, every component is healthy and runs the released image; after `down`, no process is left."""
    release = travel.build()

    stdout, _ = travel.run("up", "preprod")

    components = travel.components()
    assert stdout.startswith(f"preprod is up at http://127.0.0.1:{travel.ports['preprod']} (2 components, ")
    assert {name: component["image"] for name, component in components.items()} == release["images"]
    assert {name: component["config"] for name, component in components.items()} == release["configs"]
    assert "preprod is down" in travel.run("down", "preprod")[0]
    assert travel.processes() == []
    assert "is down" in travel.run("status", "preprod", code=1)[0]


def test_a_second_up_changes_nothing(travel: Travel) -> None:
    """A second `up` of the same release restarts no process."""
    travel.build()
    travel.run("up", "preprod")
    before = travel.pids()

    assert "already up" in travel.run("up", "preprod")[0]
    assert travel.pids() == before


def test_only_changed_components_are_replaced(travel: Travel) -> None:
    """Another release restarts the components with another image, and keeps all data."""
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
    """A component's copy may be edited in place, and `status` reports it; only `down` and `up` restore the image."""
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


def test_a_fresh_start_removes_edits_and_data(travel: Travel) -> None:
    """Unchanged components keep running, with their initial data and log; an edited copy is replaced."""
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


def test_a_fresh_start_of_another_release_restarts_changes_without_data(travel: Travel) -> None:
    """When releases alternate, each component has the data that its own code created."""
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
        travel.run("up", "preprod", "--release", release, "--fresh")  # also if its image is the same


def test_incomplete_initial_data_is_not_restored(travel: Travel) -> None:
    """If initial data is missing, as its copying was interrupted, the component is restarted."""
    travel.build()
    travel.run("up", "preprod")
    register(travel)
    before = travel.pids()
    kept = travel.home / "preprod" / "first-data" / "customers.sqlite"
    kept.rename(kept.with_suffix(".draft"))

    travel.run("up", "preprod", "--fresh")

    assert travel.pids()["customers"] != before["customers"]
    register(travel)


def test_a_fresh_start_never_restores_data_of_another_image(travel: Travel) -> None:
    """A component that was replaced with its data kept has no initial data: it is restarted, and creates its own."""
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


def test_a_fresh_start_restarts_components_with_state_in_memory(travel: Travel) -> None:
    """The component flights keeps what it has received, and would answer from it."""
    shutil.copytree(REPOSITORY / "travel" / "flights", travel.source / "flights")
    travel.build()
    travel.run("up", "preprod")
    before = travel.pids()

    travel.run("up", "preprod", "--fresh")

    assert {name for name, pid in travel.pids().items() if pid != before[name]} == {"flights"}


def test_a_component_that_dies_is_restarted(travel: Travel) -> None:
    """A killed process is restarted automatically."""
    travel.build()
    travel.run("up", "preprod")
    before = travel.pids()["customers"]
    until(lambda: travel.components()["customers"]["state"] == "RUNNING")

    os.kill(before, signal.SIGKILL)

    until(lambda: (now := travel.components()["customers"])["healthy"] and now["pid"] != before)


def test_the_same_images_run_in_several_environments(travel: Travel) -> None:
    """dev and preprod run side by side with one release, each with its own data."""
    release = travel.build()

    travel.run("up", "dev")
    travel.run("up", "preprod")
    register(travel)

    for environment in ("dev", "preprod"):
        assert {name: component["image"] for name, component in travel.components(environment).items()} \
            == release["images"]
    assert travel.components("dev")["customers"]["url"] != travel.components()["customers"]["url"]


def test_a_component_that_does_not_start_is_named(travel: Travel) -> None:
    """`up` fails with the end of the component's log, and leaves no process running."""
    (travel.source / "customers" / "app.py").write_text("raise RuntimeError('no luck today')\n")
    travel.build()

    _, stderr = travel.run("up", "preprod", code=1)

    assert "customers of preprod does not start" in stderr
    assert "no luck today" in stderr
    assert travel.processes() == []


def test_a_component_that_is_never_healthy_times_out(travel: Travel) -> None:
    """`--timeout` limits the wait."""
    (travel.source / "customers" / "app.py").write_text("import time\ntime.sleep(600)\n")
    travel.build()

    _, stderr = travel.run("up", "preprod", "--timeout", "2", code=1)

    assert "customers of preprod is not healthy in time" in stderr
    assert travel.processes() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_start_stops_what_it_started(travel: Travel, number: signal.Signals) -> None:
    """An interrupted `up` leaves no process."""
    (travel.source / "customers" / "app.py").write_text("import time\ntime.sleep(600)\n")
    travel.build()
    process = travel.start("up", "preprod", "--timeout", "600")
    assert process.stderr is not None
    assert "gds" in process.stderr.readline()

    process.send_signal(number)
    process.communicate(timeout=DEADLINE_S)

    assert process.returncode == 130
    assert travel.processes() == []


def test_a_port_in_use_is_reported_before_anything_starts(travel: Travel) -> None:
    """A foreign process on a port is reported with its pid, and left alone."""
    travel.build()
    with socket.create_server(("127.0.0.1", travel.ports["preprod"] + 8)) as other:
        _, stderr = travel.run("up", "preprod", code=1)

        assert f"Port {other.getsockname()[1]}, for gds of preprod, is taken by process {os.getpid()}" in stderr
        assert "TRAVEL_PREPROD_PORTS" in stderr
    assert travel.processes() == []


def test_components_of_a_killed_supervisor_are_ended(travel: Travel) -> None:
    """The next `up` ends components that lost their supervisor, and starts new ones."""
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
    """The second waits for the first, and finds the environment up."""
    travel.build()

    starts = [travel.start("up", "preprod") for _ in range(2)]
    outputs = [process.communicate(timeout=DEADLINE_S)[0] for process in starts]

    assert [process.returncode for process in starts] == [0, 0]
    assert sorted("already up" in output for output in outputs) == [False, True]
    assert len(travel.processes()) == len(PARTS)  # supervisord and two components; the chassis is part of them


def test_other_telemetry_settings_reach_the_components(travel: Travel) -> None:
    """Another OTEL_ variable restarts the components with it, and keeps their data."""
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
    """It exits with 2 and a message, without a traceback."""
    _, stderr = travel.run(*arguments, code=2)

    assert stderr


def test_wrong_ports_are_a_usage_error(travel: Travel) -> None:
    """The message names the variable and its value."""
    travel.variables["TRAVEL_PREPROD_PORTS"] = "ninety"

    _, stderr = travel.run("status", "preprod", code=2)
    travel.variables["TRAVEL_PREPROD_PORTS"] = "300"

    assert "TRAVEL_PREPROD_PORTS is 'ninety'" in stderr
