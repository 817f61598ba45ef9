"""A project's behave settings cannot make the gate smaller, or more lenient, than environments.yml requires."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.e2e.conftest import Project

ONE_FAILS = ("@read-only\nFeature: F\n  @must\n  Scenario: fails\n    When it runs assert False\n"
             "  @other\n  Scenario: works\n    Given it works\n")
SETTINGS = {"tags": "tags = not @must", "name": "name = works", "default tags": "default_tags = @other"}


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS.keys())
def test_scenario_that_a_setting_filters_out_is_inconclusive(project: Project, setting: str) -> None:
    """The run is not GO although behave itself would omit the failing scenario and exit with 0."""
    project.feature(ONE_FAILS)
    project.file("behave.ini", f"[behave]\n{setting}\n")
    ended = project.run()
    ended.assert_answer("INCONCLUSIVE", "scenario-left-out")
    assert "fails (features/journeys/a.feature:4)" in ended.title("scenario-left-out")


def test_file_that_a_setting_excludes_is_inconclusive(project: Project) -> None:
    project.feature()
    project.feature(ONE_FAILS, "features/journeys/b.feature")
    project.file("behave.ini", "[behave]\nexclude_re = b.feature\n")
    project.run().assert_answer("INCONCLUSIVE", "scenario-left-out")


def test_outline_without_rows_is_inconclusive(project: Project) -> None:
    project.feature("@read-only\nFeature: F\n  Scenario: works\n    Given it works\n"
                    "  Scenario Outline: pays\n    When it runs <code>\n    Examples:\n      | code |\n")
    project.run().assert_answer("INCONCLUSIVE", "scenario-left-out")


def test_retries_in_behave_ini_are_ignored(project: Project) -> None:
    """With the retries of behave's userdata the scenario would pass on its second attempt, and be flaky at most."""
    project.feature('@read-only\nFeature: F\n  Scenario: one\n    When it runs '
                    'seen = os.path.exists("seen"); open("seen", "w").close(); assert seen, "first time"\n')
    project.file("behave.ini", "[behave]\n[behave.userdata]\nretries = 3\n")
    project.run().assert_answer("NO-GO", "scenario-failed")
