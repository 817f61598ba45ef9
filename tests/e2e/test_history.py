"""How the real gate uses earlier runs: none, damaged ones, imported ones and promoted ones."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.e2e.conftest import Project

ODD = "UPDATE runs SET images = '{\"sha'; UPDATE traffic SET document = '[]', calls = X'ff'; " \
      "UPDATE scenario_durations SET seconds = 'long'"


def command(project: Project, *arguments: str) -> str:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GONOGO_")}
    done = subprocess.run([sys.executable, "-m", "gonogo.cli", *arguments], cwd=project.root, text=True, env=environ,
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def with_a_service(project: Project, **settings: object) -> None:
    """Write an environment that the gate probes, without scenarios: they take time."""
    project.environment(**{"services": {"shop": {"url": project.system.url, "health": "/ok"}}, "stages": ["platform"],
                           **settings})


def damage(project: Project, statements: str) -> None:
    with closing(sqlite3.connect(project.root / "runs" / "history.sqlite")) as file:
        file.executescript(statements)


def test_missing_required_baseline_is_inconclusive(make_project) -> None:
    """Every run is INCONCLUSIVE, as none of them becomes a baseline, until one is imported from another project."""
    there, here = make_project(), make_project()
    with_a_service(there)
    there.run().assert_answer("GO")
    with_a_service(here, baseline="required")
    for _ in range(2):
        ended = here.run()
        ended.assert_answer("INCONCLUSIVE", "no-baseline")
    assert ended.title("no-baseline").endswith("the history has none: no run of this environment was promoted or ended in GO")
    (here.root / "baseline.json").write_text(command(there, "baseline", "export", "-"))
    command(here, "baseline", "import", "baseline.json")
    ended = here.run()
    ended.assert_answer("GO")
    assert ended.verdict["baseline"] == {"run": (there.root / "runs" / "latest").resolve().name, "promoted": False}


def test_damaged_history_never_ends_a_run(project: Project) -> None:
    """stderr and the verdict report the damage; only an environment that requires a baseline is INCONCLUSIVE."""
    project.feature()
    with_a_service(project, stages=["platform", "behaviour"])
    project.run().assert_answer("GO")
    damage(project, ODD)
    ended = project.run()
    ended.assert_answer("GO")
    told = [line for line in ended.verdict["not_checked"] if line.startswith("history: ")]
    assert [line.split(" of run")[0] for line in told] == [
        "history: images", "history: exchanges", "history: durations of scenarios cannot be read",
        "history: calls by scenario"]
    assert all(line in ended.stderr for line in told)
    damage(project, ODD)
    with_a_service(project, baseline="required")
    project.run().assert_answer("INCONCLUSIVE", "no-baseline")
    (project.root / "runs" / "history.sqlite").write_text("no database at all" * 99)
    ended = project.run()
    ended.assert_answer("INCONCLUSIVE", "no-baseline")
    assert "this run was not recorded and cannot be promoted" in ended.stderr


def test_promoted_run_is_the_baseline_also_without_a_release_file(project: Project) -> None:
    """The history stores the images that components reported; later GO and PARTIAL runs do not replace the baseline."""
    with_a_service(project, stages=["platform", "behaviour"])
    project.feature()
    first = project.run()
    first.assert_answer("GO")
    assert first.verdict["baseline"] is None
    assert any(line.startswith("baseline: none") for line in first.verdict["not_checked"])
    promoted = first.verdict["run"]  # without an argument, `gonogo promoted` takes the newest run
    command(project, "promoted")
    image = project.system.image
    project.system.image = image.replace("a", "c")
    project.run("--only", "platform").assert_answer("PARTIAL")
    project.run().assert_answer("GO")
    ended = project.run()
    ended.assert_answer("GO")
    assert ended.verdict["baseline"] == {"run": promoted, "promoted": True}
    with closing(sqlite3.connect(project.root / "runs" / "history.sqlite")) as file:
        assert [images for (images,) in file.execute("SELECT images FROM runs ORDER BY started LIMIT 1")] == [
            f'{{"shop": "{image}"}}']
