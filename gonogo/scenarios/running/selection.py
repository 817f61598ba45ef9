"""Turns any error in a suite into a ConfigError, and selects its scenarios as jobs.

It executes no scenario.
"""

# behave is not typed
# mypy: disallow-untyped-calls=False

from __future__ import annotations

import contextlib
import os
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path

from behave.configuration import Configuration
from behave.exception import ConfigError as BehaveConfigError
from behave.exception import InvalidFileLocationError, InvalidFilenameError
from behave.model import Feature, Scenario
from behave.parser import ParserError
from behave.step_registry import AmbiguousStep

from gonogo.core.errors import ConfigError, GonogoError, RefusedError
from gonogo.core.extras import extra_of, install_line
from gonogo.scenarios.running.gherkin_files import GherkinFiles
from gonogo.scenarios.running.plan import Job

READ_ONLY_TAG = "read-only"
_MAX_LISTED = 5


@contextlib.contextmanager
def suite_errors() -> Iterator[None]:
    """Convert any exception from loading features, steps and environment.py into a ConfigError."""
    try:
        yield
    except GonogoError:
        raise
    except ParserError as error:
        raise ConfigError(f"A feature does not parse: {error}", where=_place_in_feature(error),
                          fix="fix the syntax error at this line.") from error
    except AmbiguousStep as error:
        raise ConfigError(f"Two steps match the same text: {error}", fix="reword one of them.") from error
    except (BehaveConfigError, FileNotFoundError, InvalidFileLocationError, InvalidFilenameError) as error:
        raise ConfigError(f"The suite cannot be read: {error}",
                          fix="give paths of features that exist, in a folder with steps/ and environment.py."
                          ) from error
    except (Exception, SystemExit) as error:
        extra = extra_of(error.name or "") if isinstance(error, ModuleNotFoundError) else None
        if extra:
            raise ConfigError(f"The suite cannot be loaded: {error}.", where=place_of(error),
                              fix=install_line(extra)) from error
        # sys.exit(0) in a step file would end behave with success
        raise ConfigError(f"The suite cannot be loaded: {type(error).__name__}: {error}", where=place_of(error),
                          fix="fix the error at this line; `behave --dry-run` loads the suite and runs no scenario."
                          ) from error


def selected(features: Iterable[Feature], config: Configuration, files: GherkinFiles) -> list[tuple[Job, Scenario]]:
    """The scenarios that tags, names and lines select, in file order. Raises ConfigError for invalid Gherkin."""
    scenarios = [scenario for feature in features for scenario in feature.walk_scenarios()
                 if scenario.should_run(config)]
    return [(_job(place, scenario, files), scenario) for place, scenario in enumerate(scenarios)]


def refuse_writes(jobs: Iterable[Job], environment: str) -> None:
    """Check that all jobs have the tag for reading only. Raises RefusedError; call it if writes are not permitted."""
    writing = [f"{job.name} ({job.uri}:{job.line})" for job in jobs if READ_ONLY_TAG not in job.tags]
    if writing:
        more = f" and {len(writing) - _MAX_LISTED} more" if len(writing) > _MAX_LISTED else ""
        scenarios = f"{len(writing)} selected scenario{'s' if len(writing) != 1 else ''}"
        raise RefusedError(
            f"The environment '{environment}' does not permit writes, and {scenarios} may write: "
            f"{'; '.join(writing[:_MAX_LISTED])}{more}.", where=f"environments.yml: {environment} → permits → writes",
            fix=f"select read-only scenarios with --tags=@{READ_ONLY_TAG}.")


def _job(place: int, scenario: Scenario, files: GherkinFiles) -> Job:
    parsed = files.scenario_at(Path(scenario.filename).as_posix(), scenario.line)
    return Job(place, parsed.id, line=scenario.line, name=scenario.name,
               feature=scenario.feature.name if scenario.feature else "",
               tags=frozenset(map(str, scenario.effective_tags)), steps=len(list(scenario.all_steps)))


def _place_in_feature(error: ParserError) -> str:
    """The file and line of the error, or the file alone; "" if behave gives neither."""
    place = os.path.relpath(error.filename) if error.filename else ""
    return f"{place}:{error.line}" if place and error.line else place


def place_of(error: BaseException) -> str:
    """Where an error was raised, "" if that is not known."""
    if isinstance(error, SyntaxError):
        return f"{error.filename}:{error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
