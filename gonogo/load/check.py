"""Reports every error in the load profiles of an environment as one JSON document; sends nothing.

    python -m gonogo.load.check --env preprod [--profile NAME …] [--out FILE]

It runs in its own process: it reads load/ as Locust does, with the options of the load stage, and chooses the profile
as a run does before its first request. The caller sets the timeout.
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

from locust.argument_parser import get_parser, parse_locustfile_paths
from locust.util.load_locustfile import load_locustfile

from gonogo.config import ENVIRONMENTS_FILE, RunPlan
from gonogo.core.errors import ConfigError, GonogoError
from gonogo.core.prestart import read_plan_line
from gonogo.load.listeners import run_options_of
from gonogo.load.profile_choice import RunOptions, choose, shape_error
from gonogo.load.profiles import DECLARED, Declaration, persona_errors
from gonogo.records.check_file import CheckDocument, problems_of, write_check
from gonogo.secrets.masking import masker_for

FOLDER = "load"


def main(argv: Sequence[str] | None = None) -> int:
    """Return exit code 0 if there is no error, else 2; write the report to stdout or to the file of `--out`."""
    parser = argparse.ArgumentParser(prog="python -m gonogo.load.check")
    parser.add_argument("--env", required=True)
    parser.add_argument("--profile", action="append", default=[], help="default: the profiles that the gate runs")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args(argv)
    with _stdout_for_report() as report:
        line = read_plan_line(os.environ)
        document = check(arguments.env, arguments.profile, Path.cwd(), None if line is None else RunPlan.unsealed(line))
        if arguments.out:
            write_check(arguments.out, document, masker_for(None, os.environ))
        else:
            report(document.as_json() + "\n")
    return 2 if document.problems else 0


def check(environment_name: str, names: Sequence[str], root: Path, plan: RunPlan | None = None) -> CheckDocument:
    """The report on the profiles `names`, by default on those that the gate runs there."""
    errors: list[GonogoError] = []
    load_files(errors, _announce)
    personas = {declared.name: _weights(declared) for declared in DECLARED}
    for declared in DECLARED:
        errors += map(_with_relative_place, persona_errors(declared))
    if not errors:  # files that were not read cannot be checked
        errors += _profile_errors(environment_name, names, root, plan)
    return CheckDocument(schema=1, problems=problems_of(errors), personas=personas)


def _announce(where: str) -> None:
    """Name the file on stderr, which shows where loading hangs."""
    sys.stderr.write(f"reading {where}\n")
    sys.stderr.flush()


def load_files(errors: list[GonogoError], on_file: Callable[[str], None] = lambda where: None) -> None:
    """Load each file by itself, so that an error in one does not hide an error in another."""
    user_classes: set[str] = set()
    for path in _profile_files(errors):
        where = os.path.relpath(path)
        on_file(where)
        before = list(sys.path)
        with _as_errors(where, errors):
            users, shapes = load_locustfile(path)
            user_classes |= set(users)
            errors += [shape_error(shape, where) for shape in shapes[:1]]
        sys.path[:] = before
    if not user_classes and not errors:
        errors.append(ConfigError(f"No file of {FOLDER}/ has a persona that can be run.", where=FOLDER,
                                  fix="define or import a class derived from Persona that is not `abstract`."))


def _profile_files(errors: list[GonogoError]) -> list[str]:
    """The files that Locust would execute, in its order."""
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            return list(parse_locustfile_paths([f"{FOLDER}/"]))
    except SystemExit:
        errors.append(ConfigError(f"There is no load profile in {FOLDER}/.", where=f"{FOLDER}/",
                                  fix="add a file whose name has no leading `_`, or remove `load` from `stages`."))
        return []


def _profile_errors(environment_name: str, names: Sequence[str], root: Path,
                    plan: RunPlan | None) -> Iterator[GonogoError]:
    """The errors with which the load stage would refuse the profiles, each error once."""
    errors: list[GonogoError] = []
    with _as_errors(f"{ENVIRONMENTS_FILE}: {environment_name} → load", errors):
        load = (plan or RunPlan.make(environment_name, root, os.environ)).environment.load
        for name in names or (load.run if load else ()):
            with _as_errors(f"{ENVIRONMENTS_FILE}: {environment_name} → load → {name}", errors):
                choose(DECLARED, _locust_options(environment_name, name), root, os.environ, plan)
    yield from {str(error): error for error in errors}.values()


def _locust_options(environment_name: str, name: str) -> RunOptions:
    """The options that Locust gets from its command line, settings files and variables if the load stage starts it."""
    if not DECLARED:  # without a profile file, Locust does not know our options
        return RunOptions(environment=environment_name, profile=name)
    output = io.StringIO()
    try:
        with contextlib.redirect_stderr(output):
            options = get_parser().parse_args(
                ["-f", f"{FOLDER}/", "--headless", "--env", environment_name, "--profile", name])
    except SystemExit as error:
        if isinstance(error.__cause__, GonogoError):
            raise error.__cause__ from None
        raise ConfigError(f"Locust rejects its options: {' '.join(output.getvalue().split())[-300:]}",
                          where="locust.conf, ~/.locust.conf, pyproject.toml or LOCUST_… variables",
                          fix="remove the setting that the message names.") from error
    return replace(run_options_of(options), environment=environment_name, profile=name)


def _weights(declared: Declaration) -> dict[str, int]:
    return {str(getattr(persona, "__name__", persona)): weight if isinstance(weight, int) else 0
            for persona, weight in declared.personas.items()}


@contextlib.contextmanager
def _as_errors(where: str, errors: list[GonogoError]) -> Iterator[None]:
    """Append any exception to `errors`, with the place where it was raised."""
    try:
        yield
    except GonogoError as error:
        error.where = _relative(error.where)
        errors.append(error)
    except KeyboardInterrupt:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001  sys.exit(0) would end Locust with success
        error_text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        errors.append(ConfigError(f"{where} cannot be loaded: {error_text}.", where=_place_of(error) or where,
                                  fix="fix the error at this line; a profile file must only define personas and "
                                      "profiles."))


def _place_of(error: BaseException) -> str:
    """The innermost line of the suite in the error's traceback; "" if there is none."""
    root = str(Path.cwd()) + os.sep
    if isinstance(error, SyntaxError) and error.filename:
        return f"{_relative(error.filename)}:{error.lineno}"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__)
              if frame.filename.startswith(root) and frame.filename != __file__
              and "site-packages" not in frame.filename]
    return f"{_relative(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""


def _with_relative_place(error: ConfigError) -> ConfigError:
    error.where = _relative(error.where)
    return error


def _relative(where: str) -> str:
    """`where`, relative to the current folder."""
    return where.removeprefix(str(Path.cwd()) + os.sep)


@contextlib.contextmanager
def _stdout_for_report() -> Iterator[Callable[[str], Any]]:
    """Redirect the output of imported files to stderr, so that stdout has only the report."""
    sys.stdout.flush()
    stdout = os.dup(1)
    os.dup2(2, 1)
    try:
        with os.fdopen(os.dup(stdout), "w", encoding="utf-8") as report:
            yield report.write
    finally:
        sys.stdout.flush()
        os.dup2(stdout, 1)
        os.close(stdout)


if __name__ == "__main__":
    sys.exit(main())
