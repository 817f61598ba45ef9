"""`gonogo run` and `gonogo check` find each mistake in the files of a run before anything is started.

The command that starts the environment would leave a file: neither that file nor a run folder exists.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from gonogo.config import RunPlan, locate_environment, release_in
from gonogo.core.errors import ConfigError, ConfigErrors
from gonogo.core.runtime import Runtime
from gonogo.gate.checks import check_stages
from gonogo.plugins import installed_stages
from gonogo.stages.load.check import check_profiles
from gonogo.stages.suite_check import check_suite

if TYPE_CHECKING:
    from tests.e2e.conftest import Project

PERSONA = """
from locust import task
from gonogo.load.suite import Persona, profile

class Visitor(Persona):
    @task
    def go(self):
        self.client.get("/ok", name="/ok")
"""
DECLARES = "profile('visit', personas={Visitor: 1})\n"

# Case → its file, the text of it, a part of the message, the location.
LOAD = {
    "a module that is not there": ("load/visit.py", "import nosuchmodule\n", "No module named 'nosuchmodule'", "load/visit.py:1"),
    "a syntax error": ("load/visit.py", "def (:\n", "SyntaxError", "load/visit.py:1"),
    "an error at import": ("load/visit.py", PERSONA + "1 / 0\n", "ZeroDivisionError", "load/visit.py:9"),
    "a file that exits": ("load/visit.py", "import sys\nsys.exit(0)\n", "SystemExit", "load/visit.py:2"),
    "a file that exits without clean-up": ("load/visit.py", "import os\nos._exit(0)\n", "and left no report", "load/"),
    "a file that kills the process": ("load/visit.py", "import os\nos.kill(os.getpid(), 9)\n", "and left no report", "load/"),
    "no profile": ("load/visit.py", PERSONA, "No file declares the load profile 'visit'", "environments.yml"),
    "another profile": ("load/visit.py", PERSONA + "profile('vist', personas={Visitor: 1})\n", "No file declares the load profile 'visit'", "environments.yml"),
    "no persona": ("load/visit.py", PERSONA + "profile('visit', personas={})\n", "The load profile 'visit' has no persona", "load/visit.py:9"),
    "a persona without weight": ("load/visit.py", PERSONA + "profile('visit', personas={Visitor: 0})\n", "The weight of Visitor must be an integer of 1 or more, got 0", "load/visit.py:9"),
    "a weight that is not a number": ("load/visit.py", PERSONA + "profile('visit', personas={Visitor: 'x'})\n", "The weight of Visitor must be an integer of 1 or more, got 'x'", "load/visit.py:9"),
    "an abstract persona alone": ("load/visit.py", PERSONA.replace("    @task", "    abstract = True\n    @task") + DECLARES,
                                  "The persona Visitor of 'visit' is abstract", "load/visit.py:10"),
    "a persona that is not a user class": ("load/visit.py", PERSONA + "profile('visit', personas={dict: 1})\n", "dict of 'visit' is not a user class", "load/visit.py:9"),
    "an endpoint without objective": ("load/visit.py", PERSONA.replace('name="/ok"', 'name="/okay"') + DECLARES, "'/ok', which has objectives", "environments.yml"),
    "a load shape that would be ignored": ("load/visit.py", PERSONA + DECLARES + "from locust import LoadTestShape\nclass Wave(LoadTestShape):\n    def tick(self):\n        return None\n",
                                           "The load shape Wave would be ignored", "load/visit.py"),
    "no file": ("load/readme.txt", "later", "There is no load profile in load/", "load/"),
    "helpers alone": ("load/_visit.py", PERSONA + DECLARES, "There is no load profile in load/", "load/"),
    "a second file with another mistake": ("load/other.py", "import nosuchmodule\n", "No module named 'nosuchmodule'", "load/other.py:1"),
    "an option of Locust that overrides the profile": ("locust.conf", "users = 3\ntags = some\n", "--tags would override the profile", ""),
    "an option that Locust does not know": ("locust.conf", "run-time = never\n", "Locust rejects its options", "locust.conf"),
}
SUITE = {
    "a feature that does not parse": ("features/journeys/b.feature", "Feature: F\n  Scenario: S\n    Given it works\n    Nonsense\n", "does not parse", "b.feature"),
    "a step that is not defined": ("features/journeys/b.feature", "@read-only\nFeature: F\n  Scenario: S\n    Given it workz\n",
                                   "No step is defined for 'Given it workz'", "features/journeys/b.feature:4"),
    "two definitions of one step": ("steps/more_steps.py", 'from behave import given\n\n@given("it works")\ndef again(context):\n    pass\n', "Two steps match", ""),
    "a module that is not there": ("steps/more_steps.py", "import nosuchmodule\n", "No module named 'nosuchmodule'", "steps/more_steps.py:1"),
    "a file of steps that exits": ("steps/more_steps.py", "import sys\nsys.exit(0)\n", "SystemExit", "steps/more_steps.py:2"),
    "a file of steps that exits without clean-up": ("steps/more_steps.py", "import os\nos._exit(0)\n", "and left no report", "features/, steps/"),
    "hooks that cannot be loaded": ("environment.py", "import nosuchmodule\n", "No module named 'nosuchmodule'", "environment.py:1"),
    "a scenario that may write": ("features/journeys/b.feature", "Feature: F\n  Scenario: S\n    Given it works\n", "does not permit writes", "permits"),
    "a platform feature that does not parse": ("features/platform/b.feature", "Nonsense\n", "does not parse", "b.feature"),
}
RELEASE = {
    "a typo in release.yml": ("release.yml", "schema: 1\nimagse: {}\n", "Unknown key 'imagse'", "release.yml:2"),
    "an image that is not a digest": ("release.yml", "schema: 1\nimages: {shop: latest}\n", "'latest' of 'shop'", "release.yml:2"),
    "an empty release.yml": ("release.yml", "", "is invalid", "release.yml:1"),
    "a build date that does not exist": ("release.yml", "schema: 1\nbuilt: 2024-13-45\n", "'2024-13-45' is not a valid value", "release.yml:2"),
    "a release.yml that is not YAML": ("release.yml", "schema: [1\n", "is not valid YAML", "release.yml:2"),
}
EVERY = {**{f"load: {name}": case for name, case in LOAD.items()}, **{f"suite: {name}": case for name, case in SUITE.items()},
         **{f"release: {name}": case for name, case in RELEASE.items()}}


def plan(project: Project) -> RunPlan:
    return RunPlan.make("preprod", project.root, {})


def healthy(project: Project, load: bool) -> None:
    settings = project.load("visit") if load else {}
    project.provisioned(**{**settings, "stages": ["load"] if load else ["platform", "behaviour"]})
    project.feature()
    if load:
        project.file("load/visit.py", PERSONA + DECLARES)


def started(project: Project) -> bool:
    return any((project.root / name).exists() for name in ("server.pid", "downed", "runs"))


THROUGH_THE_GATE = ("load: an error at import", "load: a file that exits without clean-up",
                    "load: an endpoint without objective", "suite: a step that is not defined",
                    "suite: a scenario that may write", "suite: a platform feature that does not parse",
                    "release: a typo in release.yml")


def with_mistake(project: Project, name: str) -> None:
    healthy(project, load=name.startswith("load"))
    if name.endswith(("no file", "helpers alone")):
        (project.root / "load/visit.py").unlink()
    path, text, *_ = EVERY[name]
    project.file(path, text)


def assert_reported(message: str, name: str) -> None:
    _, _, said, where = EVERY[name]
    assert said in message
    assert not where or any(where in line for line in message.splitlines() if line.startswith("  at "))
    assert "fix: " in message
    assert "Traceback" not in message


@pytest.mark.parametrize("name", THROUGH_THE_GATE)
def test_mistake_is_found_before_anything_is_started(project: Project, name: str) -> None:
    with_mistake(project, name)
    ended = project.run()
    assert (ended.code, ended.stdout) == (2, ""), ended.stderr
    assert_reported(ended.stderr, name)
    assert not started(project)


@pytest.mark.parametrize(("arguments", "load", "said"), [
    (("--learn", "2", "--only", "behaviour"), False, "--learn needs a run of the whole gate"),
    (("--learn", "2"), True, "preprod has no stage with scenarios"), (("--learn", "11"), False, "from 1 to 10")])
def test_learning_that_cannot_be_is_refused_before_anything_is_started(
        project: Project, arguments: tuple[str, ...], load: bool, said: str) -> None:
    healthy(project, load=load)
    ended = project.run(*arguments)
    assert (ended.code, ended.stdout) == (2, ""), ended.stderr
    assert said in ended.stderr
    assert "fix: " in ended.stderr
    assert not started(project)


@pytest.mark.parametrize("name", [name for name in EVERY if name not in THROUGH_THE_GATE])
def test_mistake_is_reported_with_its_place_and_a_fix(project: Project, name: str) -> None:
    """By the checks that the gate calls before it starts anything."""
    with_mistake(project, name)
    runtime = Runtime(project.root, os.environ, sys.stdout, sys.stderr)
    located = locate_environment("preprod", runtime.root, runtime.environ)
    with pytest.raises(ConfigError) as caught:
        release_in(project.root, None)
        check_stages(located, located.environment.stages, installed_stages(), runtime)
    assert_reported(str(caught.value), name)


@pytest.mark.parametrize("name", ["load: a syntax error", "suite: a step that is not defined", "release: a typo in release.yml"])
def test_check_finds_the_mistake_too(project: Project, name: str) -> None:
    path, text, said, _ = EVERY[name]
    healthy(project, load=name.startswith("load"))
    right = project.run(command="check")
    assert (right.code, right.stdout) == (0, "environments.yml, features and load profiles are valid for preprod\n"), right.stderr
    project.file(path, text)
    wrong = project.run(command="check")
    assert (wrong.code, wrong.stdout) == (2, "")
    assert said in wrong.stderr
    assert not started(project)


def test_every_mistake_is_reported_at_once(project: Project) -> None:
    """Mistakes in two profiles, in a feature and in release.yml are reported together."""
    healthy(project, load=True)
    project.provisioned(**{**project.load("visit"), "stages": ["behaviour", "load"]})
    project.file("load/visit.py", "import nosuchmodule\n")
    project.file("load/other.py", "import nosuchpackage\n")
    project.file("release.yml", "schema: 1\nimagse: {}\n")
    project.feature("@read-only\nFeature: F\n  Scenario: S\n    Given it workz\n")
    ended = project.run()
    assert ended.code == 2
    for said in ("nosuchmodule", "nosuchpackage", "Unknown key 'imagse'", "No step is defined for 'Given it workz'"):
        assert said in ended.stderr
    assert not started(project)


def test_mistake_outside_the_selection_stops_nothing(project: Project) -> None:
    """The behaviour stage alone needs no load profile, and steps of unselected scenarios may be undefined."""
    project.environment(**{**project.load("visit"), "stages": ["behaviour", "load"]})
    project.file("load/visit.py", "import nosuchmodule\n")
    project.feature("@read-only\nFeature: F\n  @some\n  Scenario: one\n    Given it works\n  Scenario: two\n    Given it is undefined\n")
    project.run("--only", "behaviour", "--tags", "@some").assert_answer("PARTIAL")


def test_journeys_under_load_are_checked_too(project: Project) -> None:
    """An undefined step in a journey is found even if load is the only stage."""
    healthy(project, load=True)
    project.provisioned(**project.load("visit", journeys={"lcp_ms": 2500}))
    project.feature("@read-only\nFeature: F\n  @under-load\n  Scenario: S\n    Given it workz\n")
    ended = project.run()
    assert (ended.code, ended.stdout) == (2, "")
    assert "No step is defined for 'Given it workz'" in ended.stderr
    assert not started(project)


def test_steps_that_hooks_define_are_not_reported(project: Project) -> None:
    """Only a run executes hooks, so the check does not report the steps that they define as undefined."""
    project.feature("@read-only\nFeature: F\n  Scenario: one\n    Given it is late\n")
    project.file("environment.py", (
        "from gonogo.suite import after_all, after_scenario, after_step, before_scenario\nfrom gonogo.suite import before_all as begin\n"
        "from behave import given\n\ndef before_all(context):\n    begin(context)\n\n    @given('it is late')\n"
        "    def late(context):\n        pass\n"))
    project.run().assert_answer("GO")


@pytest.mark.parametrize(("path", "check"), [
    ("load/visit.py", lambda project: check_profiles(plan(project), ["visit"], root=project.root, environ={}, budget_s=5)),
    ("steps/more_steps.py", lambda project: check_suite(plan(project), ["behaviour"], root=project.root, environ={}, budget_s=5)),
])
def test_file_that_hangs_at_import_is_a_mistake(project: Project, path: str, check: Callable[[Project], object]) -> None:
    """The check ends after its time limit and leaves no process; if the file is a load profile, it is named."""
    healthy(project, load=path.startswith("load"))
    project.file(path, "import subprocess, sys, time\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\ntime.sleep(600)\n")
    with pytest.raises(ConfigError) as caught:
        check(project)
    assert "could not be checked: the process did not end within 5 s" in caught.value.what
    assert not path.startswith("load") or "reading load/visit.py" in caught.value.what
    project.assert_nothing_left(within_s=5)


def test_report_that_a_profile_forges_is_rejected(project: Project) -> None:
    """The output of a file is not the report, and a broken report is an error although the exit code is 0."""
    healthy(project, load=True)
    forged = ("import os, sys\nprint('{\"schema\": 1, \"problems\": []}', flush=True)\n"
              "open(sys.argv[sys.argv.index('--out') + 1], 'w').write('{\"schema\": 1')\nos._exit(0)\n")
    project.file("load/visit.py", forged)
    with pytest.raises(ConfigError, match="left no report"):
        check_profiles(plan(project), ["visit"], root=project.root, environ={})


def test_personas_of_the_profiles_are_reported(project: Project) -> None:
    """The output of a file does not disturb the report; a stage without features has no report."""
    healthy(project, load=True)
    project.file("load/visit.py", "print('hello')\n" + PERSONA + DECLARES)
    found = check_profiles(plan(project), ["visit"], root=project.root, environ={})
    assert found.personas == {"visit": {"Visitor": 1}}
    suite = check_suite(plan(project), ["behaviour"], root=project.root, environ={})
    assert suite is not None
    assert suite.scenarios == 2
    assert check_suite(plan(project), ["platform"], root=project.root, environ={}) is None


def test_secrets_and_control_characters_of_a_file_are_not_shown(project: Project) -> None:
    healthy(project, load=True)
    project.file("load/visit.py", "import os\nraise ValueError('\\x1b[31m' + os.environ['API_PASSWORD'])\n")
    with pytest.raises(ConfigErrors) as caught:
        check_profiles(plan(project), ["visit"], root=project.root, environ={"API_PASSWORD": "hunter2hunter2"})
    assert "ValueError" in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_check_module_prints_one_document(project: Project) -> None:
    """`python -m gonogo.load.check` prints its report to stdout and other output to stderr; a mistake exits with 2."""
    healthy(project, load=True)
    command = [sys.executable, "-m", "gonogo.load.check", "--env", "preprod"]
    project.file("load/visit.py", "print('hello')\n" + PERSONA + DECLARES)
    right = subprocess.run(command, cwd=project.root, capture_output=True, text=True, check=False, env=os.environ)
    assert (right.returncode, json.loads(right.stdout)) == (
        0, {"schema": 1, "problems": [], "personas": {"visit": {"Visitor": 1}}, "scenarios": 0})
    assert "hello" in right.stderr
    project.file("load/visit.py", "import nosuchmodule\n")
    wrong = subprocess.run(command, cwd=project.root, capture_output=True, text=True, check=False, env=os.environ)
    [problem] = json.loads(wrong.stdout)["problems"]
    assert (wrong.returncode, problem["where"]) == (2, "load/visit.py:1")
