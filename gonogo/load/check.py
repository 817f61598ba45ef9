"""Every mistake in the load profiles of an environment, as one JSON document; nothing is sent.

    python -m gonogo.load.check --env preprod [--profile NAME …] [--out FILE]

A process of its own: it reads load/ as Locust does, with the options that the load stage gives it, and makes the
choice that a run makes before its first request. Who waits for it bounds its time.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from locust import User
from locust.argument_parser import get_parser, parse_locustfile_paths
from locust.util.load_locustfile import load_locustfile

from gonogo.config import ENVIRONMENTS_FILE, RunPlan
from gonogo.core.errors import ConfigError, GonogoError
from gonogo.core.prestart import read_plan_line
from gonogo.load.listeners import asked_of
from gonogo.load.profile_choice import RunOptions, choose
from gonogo.load.profiles import DECLARED, Declaration
from gonogo.records.check_file import CheckDocument, problems_of, write_check
from gonogo.secrets.masking import masker_for

FOLDER = "load"


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code 0 where nothing is wrong, else 2; the report says what, on stdout or in the file that is named."""
    parser = argparse.ArgumentParser(prog="python -m gonogo.load.check")
    parser.add_argument("--env", required=True)
    parser.add_argument("--profile", action="append", default=[], help="default: those that the gate runs")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args(argv)
    with _stdout_for_the_report() as report:
        line = read_plan_line(os.environ)
        document = check(arguments.env, arguments.profile, Path.cwd(), None if line is None else RunPlan.unsealed(line))
        if arguments.out:
            write_check(arguments.out, document, masker_for(None, os.environ))
        else:
            report(document.as_json() + "\n")
    return 2 if document.problems else 0


def check(environment_name: str, names: Sequence[str], root: Path, plan: RunPlan | None = None) -> CheckDocument:
    """The report on the profiles `names`, else on those that the gate runs there."""
    errors: list[GonogoError] = []
    _load_files(errors)
    personas = {declared.name: _weights(declared) for declared in DECLARED}
    for declared in DECLARED:
        errors += _odd_personas(declared)
    if not errors:  # of files that were not read, nothing can be said
        errors += _refusals(environment_name, names, root, plan)
    return CheckDocument(schema=1, problems=problems_of(errors), personas=personas)


def _load_files(errors: list[GonogoError]) -> None:
    """Each file by itself, so that a mistake in one hides none in another."""
    found: set[str] = set()
    for path in _profile_files(errors):
        where = os.path.relpath(path)
        sys.stderr.write(f"reading {where}\n")
        sys.stderr.flush()  # the last line, where this file never comes to its end
        before = list(sys.path)
        with _as_errors(where, errors):
            users, shapes = load_locustfile(path)
            found |= set(users)
            if shapes:
                errors.append(ConfigError(
                    f"The load shape {type(shapes[0]).__name__} would be ignored.", where=where,
                    fix="take it out; `users` or `arrivals` in environments.yml say how many come, and when."))
        sys.path[:] = before
    if not found and not errors:
        errors.append(ConfigError(f"No file of {FOLDER}/ has a persona that can be run.", where=FOLDER,
                                  fix="define or import a class derived from Persona that is not `abstract`."))


def _profile_files(errors: list[GonogoError]) -> list[str]:
    """Those that Locust would execute, in its order."""
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            return list(parse_locustfile_paths([f"{FOLDER}/"]))
    except SystemExit:
        errors.append(ConfigError(f"There is no load profile in {FOLDER}/.", where=f"{FOLDER}/",
                                  fix="write one, as a file whose name has no leading `_`; or leave `load` out of "
                                       "`stages`."))
        return []


def _odd_personas(declared: Declaration) -> Iterator[ConfigError]:
    """What is declared as a persona, and that Locust would not run as one."""
    for persona, weight in declared.personas.items():
        name = getattr(persona, "__name__", repr(persona))
        if not (isinstance(persona, type) and issubclass(persona, User)):
            yield ConfigError(f"The persona {name} of '{declared.name}' is no user class.", where=_here(declared.where),
                              fix="derive it from gonogo.load.suite.Persona.")
        elif persona.abstract:
            yield ConfigError(f"The persona {name} of '{declared.name}' is abstract.", where=_here(declared.where),
                              fix="name a class derived from it, or take `abstract = True` out.")
        elif isinstance(weight, bool) or not isinstance(weight, int):
            yield ConfigError(f"The weight of {name} is {weight!r}.", where=_here(declared.where),
                              fix="give it a whole number from 1.")


def _refusals(environment_name: str, names: Sequence[str], root: Path, plan: RunPlan | None) -> Iterator[GonogoError]:
    """Whatever the load stage would refuse of each profile, each mistake once."""
    errors: list[GonogoError] = []
    with _as_errors(f"{ENVIRONMENTS_FILE}: {environment_name} → load", errors):
        load = (plan or RunPlan.make(environment_name, root, os.environ)).environment.load
        for name in names or (load.run if load else ()):
            with _as_errors(f"{ENVIRONMENTS_FILE}: {environment_name} → load → {name}", errors):
                choose(DECLARED, _asked(environment_name, name), root, os.environ, plan)
    yield from {str(error): error for error in errors}.values()


def _asked(environment_name: str, name: str) -> RunOptions:
    """What Locust's command line, its settings files and its variables say, where the load stage starts it."""
    if not DECLARED:  # nothing has added our options to Locust's
        return RunOptions(environment=environment_name, profile=name)
    output = io.StringIO()
    try:
        with contextlib.redirect_stderr(output):
            options = get_parser().parse_args(
                ["-f", f"{FOLDER}/", "--headless", "--env", environment_name, "--profile", name])
    except SystemExit as error:
        raise ConfigError(f"Locust refuses its options: {' '.join(output.getvalue().split())[-300:]}",
                          where="locust.conf, ~/.locust.conf, pyproject.toml or LOCUST_… variables",
                          fix="take out the setting that it names.") from error
    return replace(asked_of(options), environment=environment_name, profile=name)


def _weights(declared: Declaration) -> dict[str, int]:
    return {str(getattr(persona, "__name__", persona)): weight if isinstance(weight, int) else 0
            for persona, weight in declared.personas.items()}


@contextlib.contextmanager
def _as_errors(where: str, errors: list[GonogoError]) -> Iterator[None]:
    """Whatever is raised becomes an error in the list, with the place where it was raised."""
    try:
        yield
    except GonogoError as error:
        error.where = _here(error.where)
        errors.append(error)
    except KeyboardInterrupt:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001  sys.exit(0) would end Locust as if all were well
        error_text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        errors.append(ConfigError(f"{where} cannot be loaded: {error_text}.", where=_place_of(error) or where,
                                  fix="correct it there; a profile file only defines personas and profiles."))


def _place_of(error: BaseException) -> str:
    """The line of the suite that is nearest to the error; "" where it is in none."""
    root = str(Path.cwd()) + os.sep
    if isinstance(error, SyntaxError) and error.filename:
        return f"{_here(error.filename)}:{error.lineno}"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__)
              if frame.filename.startswith(root) and frame.filename != __file__
              and "site-packages" not in frame.filename]
    return f"{_here(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""


def _here(where: str) -> str:
    """A place in this folder without the way to it."""
    return where.removeprefix(str(Path.cwd()) + os.sep)


@contextlib.contextmanager
def _stdout_for_the_report() -> Iterator[Callable[[str], Any]]:
    """What files print when they are imported goes to stderr: stdout has the report alone."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        with os.fdopen(os.dup(kept), "w", encoding="utf-8") as report:
            yield report.write
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)


if __name__ == "__main__":
    sys.exit(main())
