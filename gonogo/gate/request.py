"""What `gonogo run` was asked for: whatever can be wrong with it is found here, before anything is started."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from cucumber_tag_expressions import parse as parse_tags
from cucumber_tag_expressions.parser import TagExpressionError

from gonogo.config import Environment, load_environment
from gonogo.config.features import feature_paths
from gonogo.core.errors import ConfigError, UsageError
from gonogo.core.extras import require_extra
from gonogo.core.runtime import Outside
from gonogo.gate.run import Request
from gonogo.records.run_folder import new_run_folder
from gonogo.stages.load.journeys import refuse_missing_journeys


def request_of(arguments: argparse.Namespace, outside: Outside) -> Request:
    """Everything that can be wrong with the command line is found here, before anything is started."""
    environment = _with_profiles(load_environment(arguments.env, outside.root, outside.environ), arguments)
    # Tags choose scenarios: load is a part of such a run only where it is asked for by name.
    wanted = arguments.only or [stage for stage in environment.stages if not (arguments.tags and stage == "load")]
    stages = tuple(stage for stage in environment.stages if stage in wanted)
    for name in arguments.only:
        if name not in environment.stages:
            raise UsageError(f"The environment '{arguments.env}' has no stage '{name}'.", where=f"--only {name}",
                             mend=f"stages there: {', '.join(environment.stages)}.")
    for expression in arguments.tags:
        try:
            parse_tags(expression)  # type: ignore[no-untyped-call]
        except TagExpressionError as error:
            raise UsageError(f"'{expression}' is no tag expression: {str(error).splitlines()[0]}", where="--tags",
                             mend='write it like "@must and not @serial".') from error
    if arguments.jobs != "auto" and not (arguments.jobs.isdigit() and int(arguments.jobs) > 0):
        raise UsageError(f"'{arguments.jobs}' is no number of browsers.", where="--jobs",
                         mend="give a whole number from 1, or auto.")
    if arguments.max_failures and not (arguments.max_failures.isdecimal() and int(arguments.max_failures) > 0):
        raise UsageError(f"'{arguments.max_failures}' is no number of failures.", where="--max-failures",
                         mend="give a whole number from 1.")
    if arguments.release and not arguments.release.is_file():
        raise ConfigError(f"There is no {arguments.release}.", where="--release",
                          mend="name the file that the build wrote.")
    if "behaviour" in stages and not feature_paths(outside.root, "behaviour"):
        raise ConfigError("There is no feature to run.", where=str(outside.root / "features"),
                          mend="write features/journeys/*.feature, or take `behaviour` out of `stages`.")
    if "load" in stages:
        require_extra("load", "The load stage")
        refuse_missing_journeys(environment, arguments.env, outside.root)
    return Request(
        environment_name=arguments.env, environment=environment, stages=stages,
        partial=bool(arguments.tags or arguments.profile) or set(stages) != set(environment.stages),
        run_folder=new_run_folder(outside.root, out=arguments.out and arguments.out.absolute(), now=outside.now()),
        tags=tuple(arguments.tags), jobs=arguments.jobs,
        release_file=arguments.release and arguments.release.absolute(), keep_going=arguments.keep_going,
        max_failures=int(arguments.max_failures) if arguments.max_failures else None,
        argv=tuple(sys.argv[1:]))


def _with_profiles(environment: Environment, arguments: argparse.Namespace) -> Environment:
    """The environment with the load profiles that were named in place of its own choice."""
    names: Sequence[str] = arguments.profile
    load = environment.load
    if not names:
        return environment
    if load is None or "load" not in environment.stages:
        raise UsageError(f"The environment '{arguments.env}' has no load stage.", where=f"--profile {names[0]}",
                         mend="leave --profile out, or add `load` to its `stages`.")
    for name in names:
        if name not in load.profiles:
            raise UsageError(f"There is no load profile '{name}'.", where=f"--profile {name}",
                             mend=f"profiles there: {', '.join(load.profiles)}.")
    return environment.model_copy(update={"load": load.model_copy(update={"run": list(dict.fromkeys(names))})})
