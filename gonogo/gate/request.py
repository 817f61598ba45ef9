"""The arguments of `gonogo run`, checked together with all files before anything starts."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

from cucumber_tag_expressions import parse as parse_tags
from cucumber_tag_expressions.parser import TagExpressionError

from gonogo.config import EXCEPTIONS_FILE, Environment, Release, environment_names, locate_environment, release_in
from gonogo.config.inputs import SealedInputs
from gonogo.core.errors import ConfigError, Mistakes, UsageError
from gonogo.core.extras import require_extra
from gonogo.core.numbers import whole_number
from gonogo.core.runtime import Runtime
from gonogo.gate.checks import check_stages
from gonogo.gate.extensions import Extensions
from gonogo.gate.site_request import environment_of, refuse_other_options
from gonogo.records.run_folder import new_run_folder
from gonogo.stages.stage import Options

if TYPE_CHECKING:
    from gonogo.model.exceptions import RuleException


_MAX_WAIT_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class Request:
    """The checked arguments. `release` is None without a release file.

    `inputs` are None with --url, which ignores the files of the current folder. `other_urls` are those of the other
    environments. `wait_s` is how long to wait for another gate that uses the environment. `profiles` are those of
    --profile. `learns_for` is the run that has just ended in GO, and whose scenarios run again so that it is known what
    varies; "" for a usual run.
    """

    environment_name: str
    environment: Environment
    run_folder: Path
    stages: tuple[str, ...]
    release: Release | None = None
    partial: bool = False
    options: Options = field(default_factory=Options)
    keep_going: bool = False
    wait_s: float = 0.0
    inputs: SealedInputs | None = None
    other_urls: tuple[str, ...] = ()
    argv: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    exceptions: tuple[RuleException, ...] = ()
    learns_for: str = ""


def request_of(arguments: argparse.Namespace, extensions: Extensions, runtime: Runtime) -> Request:
    """Check the arguments and the files. Raises UsageError or ConfigError before anything starts."""
    if arguments.url is not None:
        return _request_of_site(arguments, runtime)
    if arguments.env is None:
        raise UsageError("Neither --env nor --url is given.", where="gonogo run",
                         fix="add --env ENV (an environment of environments.yml) or --url URL (a site).")
    if arguments.pages is not None:
        raise UsageError("--pages can only be used with --url.", where=f"--pages {arguments.pages}",
                         fix="with --env, set `pages: max_pages:` in environments.yml.")
    return _request_of_environment(arguments, extensions, runtime)


def _request_of_environment(arguments: argparse.Namespace, extensions: Extensions, runtime: Runtime) -> Request:
    release_file = arguments.release and arguments.release.absolute()
    inputs = SealedInputs.seal(runtime.root, [release_file] if release_file else [])  # before any of them is read
    located = locate_environment(arguments.env, runtime.root, runtime.environ)
    located = replace(located, environment=with_profiles(located.environment, arguments.env, arguments.profile))
    environment = located.environment
    stages = _stages_of(arguments, environment, extensions)
    for expression in arguments.tags:
        try:
            parse_tags(expression)  # type: ignore[no-untyped-call]
        except TagExpressionError as error:
            raise UsageError(f"'{expression}' is not a valid tag expression: {str(error).splitlines()[0]}",
                             where="--tags",
                             fix='write it like "@must and not @serial".') from error
    if arguments.jobs != "auto" and whole_number(arguments.jobs, minimum=1) is None:
        raise UsageError(f"--jobs must be a positive integer or 'auto', got '{arguments.jobs}'.", where="--jobs",
                         fix="write it like --jobs 4 or --jobs auto.")
    max_failures = None if arguments.max_failures is None else whole_number(arguments.max_failures, minimum=1)
    if arguments.max_failures is not None and max_failures is None:
        raise UsageError(f"--max-failures must be a positive integer, got '{arguments.max_failures}'.",
                         where="--max-failures", fix="write it like --max-failures 3.")
    wait_s = _wait_of(arguments)
    if arguments.release and not arguments.release.is_file():
        raise ConfigError(f"The release file {arguments.release} does not exist.", where="--release",
                          fix="name the release file that the build wrote.")
    mistakes = Mistakes()
    release = mistakes.collect(lambda: release_in(runtime.root, release_file))
    exceptions = mistakes.collect(lambda: exceptions_of(runtime)) or ()
    mistakes.collect(lambda: check_stages(located, stages, extensions.stages, runtime, tuple(arguments.tags)))
    mistakes.raise_any()
    for stage in stages:
        if extra := extensions.stages[stage].target.extra:
            require_extra(extra, f"The {stage} stage")
    return Request(
        environment_name=arguments.env, environment=environment, stages=stages, release=release,
        partial=bool(arguments.tags or arguments.profile) or set(stages) != set(environment.stages),
        run_folder=new_run_folder(runtime.root, out=arguments.out and arguments.out.absolute(), now=runtime.now()),
        options=Options(
            tags=tuple(arguments.tags), jobs=arguments.jobs, max_failures=max_failures),
        keep_going=arguments.keep_going, wait_s=wait_s, argv=tuple(sys.argv[1:]), exceptions=exceptions, inputs=inputs,
        other_urls=located.other_urls, profiles=tuple(arguments.profile))


def _stages_of(arguments: argparse.Namespace, environment: Environment, extensions: Extensions) -> tuple[str, ...]:
    """The stages to run, in the order of the environment's. Raises UsageError."""
    # Tags select scenarios: with tags, a stage without scenarios runs only if --only names it.
    requested = arguments.only or [stage for stage in environment.stages
                                   if not arguments.tags or extensions.stages[stage].target.selects_by_tags]
    for name in arguments.only:
        if name not in environment.stages:
            raise UsageError(f"The environment '{arguments.env}' has no stage '{name}'.", where=f"--only {name}",
                             fix=f"use one of its stages: {', '.join(environment.stages)}.")
    stages = tuple(stage for stage in environment.stages if stage in requested)
    if arguments.learn != "1" and not any(extensions.stages[stage].target.selects_by_tags for stage in stages):
        raise UsageError(f"{arguments.env} has no stage with scenarios.", where="--learn",
                         fix="remove --learn, or add such a stage to the environment: behaviour.")
    return stages


def exceptions_of(runtime: Runtime) -> tuple[RuleException, ...]:
    """Return the exceptions of exceptions.yml, checked for today (UTC); () without the file."""
    path = runtime.root / EXCEPTIONS_FILE
    if not path.exists() and not path.is_symlink():
        return ()
    from gonogo.config.exceptions import load_exceptions  # noqa: PLC0415  it imports every rule; few runs have exceptions

    return load_exceptions(runtime.root, environment_names(runtime.root), runtime.now().astimezone(UTC).date())


def _request_of_site(arguments: argparse.Namespace, runtime: Runtime) -> Request:
    """Return the request of `--url`: always partial, so that it never gives a GO."""
    refuse_other_options(arguments)
    name, environment = environment_of(arguments.url, arguments.pages)
    require_extra("browser", "`gonogo run --url`")
    return Request(
        environment_name=name, environment=environment, stages=tuple(environment.stages), partial=True,
        run_folder=new_run_folder(runtime.root, out=arguments.out and arguments.out.absolute(), now=runtime.now()),
        wait_s=_wait_of(arguments), argv=tuple(sys.argv[1:]))


def _wait_of(arguments: argparse.Namespace) -> float:
    """The seconds of --wait. Raises UsageError."""
    with contextlib.suppress(ValueError):
        if 0 <= (seconds := float(arguments.wait)) <= _MAX_WAIT_S:
            return seconds
    raise UsageError(f"--wait must be a number of seconds up to {_MAX_WAIT_S}, got '{arguments.wait}'.",
                     where="--wait", fix="write it like --wait 600.")


def with_profiles(environment: Environment, environment_name: str, names: Sequence[str]) -> Environment:
    """Return the environment with the load profiles of --profile instead of its own. Raises UsageError."""
    load = environment.load
    if not names:
        return environment
    if load is None or "load" not in environment.stages:
        raise UsageError(f"The environment '{environment_name}' has no load stage.", where=f"--profile {names[0]}",
                         fix="remove --profile, or add `load` to its `stages`.")
    for name in names:
        if name not in load.profiles:
            raise UsageError(f"Unknown load profile '{name}'.", where=f"--profile {name}",
                             fix=f"use one of the profiles: {', '.join(load.profiles)}.")
    return environment.model_copy(update={"load": load.model_copy(update={"run": list(dict.fromkeys(names))})})
