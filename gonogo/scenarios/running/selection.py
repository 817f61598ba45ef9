"""What is wrong with a suite, told as one error; and which of its scenarios are selected, as jobs.

Nothing is executed here.
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
_SHOWN = 5


@contextlib.contextmanager
def suite_errors() -> Iterator[None]:
    """Whatever reading features, steps and environment.py raises becomes a ConfigError."""
    try:
        yield
    except GonogoError:
        raise
    except ParserError as error:
        raise ConfigError(f"A feature does not parse: {error}", where=_place_in_feature(error),
                          fix="correct it as the message says.") from error
    except AmbiguousStep as error:
        raise ConfigError(f"Two steps match the same text: {error}", fix="reword one of them.") from error
    except (BehaveConfigError, FileNotFoundError, InvalidFileLocationError, InvalidFilenameError) as error:
        raise ConfigError(f"The suite cannot be read: {error}",
                          fix="name features that exist, below a folder with steps/ and environment.py.") from error
    except (Exception, SystemExit) as error:
        extra = extra_of(error.name or "") if isinstance(error, ModuleNotFoundError) else None
        if extra:
            raise ConfigError(f"The suite does not load: {error}.", where=_place_of(error),
                              fix=install_line(extra)) from error
        # sys.exit(0) in a step file would end behave as if all were well
        raise ConfigError(f"The suite does not load: {type(error).__name__}: {error}", where=_place_of(error),
                          fix="correct it there; `behave --dry-run` loads the suite and runs nothing.") from error


def selected(features: Iterable[Feature], config: Configuration, files: GherkinFiles) -> list[tuple[Job, Scenario]]:
    """The scenarios that tags, names and lines select, in file order. Raises ConfigError for what is no Gherkin."""
    scenarios = [scenario for feature in features for scenario in feature.walk_scenarios()
                 if scenario.should_run(config)]
    return [(_job(place, scenario, files), scenario) for place, scenario in enumerate(scenarios)]


def refuse_writes(jobs: Iterable[Job], environment: str) -> None:
    """Where writes are not permitted, every scenario must say that it only reads. Raises RefusedError."""
    writing = [f"{job.name} ({job.uri}:{job.line})" for job in jobs if READ_ONLY_TAG not in job.tags]
    if writing:
        more = f" and {len(writing) - _SHOWN} more" if len(writing) > _SHOWN else ""
        raise RefusedError(
            f"{environment} does not permit writes, and {len(writing)} of the scenarios may write: "
            f"{'; '.join(writing[:_SHOWN])}{more}.", where=f"environments.yml: {environment} → permits → writes",
            fix=f"select those that only read with --tags=@{READ_ONLY_TAG}.")


def _job(place: int, scenario: Scenario, files: GherkinFiles) -> Job:
    standing = files.standing(Path(scenario.filename).as_posix(), scenario.line)
    return Job(place, standing.id, line=scenario.line, name=scenario.name,
               feature=scenario.feature.name if scenario.feature else "",
               tags=frozenset(map(str, scenario.effective_tags)), steps=len(list(scenario.all_steps)))


def _place_in_feature(error: ParserError) -> str:
    """The line that behave names, or the file alone; "" where it names none."""
    place = os.path.relpath(error.filename) if error.filename else ""
    return f"{place}:{error.line}" if place and error.line else place


def _place_of(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return f"{error.filename}:{error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
