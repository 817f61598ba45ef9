"""Where Locust's events reach us first: our argument on its command line, and the choice before anything is sent."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import locust
from locust.env import Environment
from locust.runners import STATE_CLEANUP, STATE_STOPPED, STATE_STOPPING, Runner, WorkerRunner

from gonogo.config import RunPlan
from gonogo.core.errors import GonogoError
from gonogo.core.exit_codes import ExitCode
from gonogo.core.prestart import must_wait, read_plan_line, wait_to_begin
from gonogo.load.arrivals import ArrivalsUser
from gonogo.load.generator import Generator
from gonogo.load.generator_health import take_precedence
from gonogo.load.profile_choice import RunOptions, choose
from gonogo.load.profiles import DECLARED, personas_of
from gonogo.load.recorder import exit_with
from gonogo.load.unanswered import watch_requests
from gonogo.load.workers import Worker
from gonogo.secrets.masking import masker_for

# Locust's options that change who comes, or what they do. Its name for the value → how a person writes it.
_BENDING = {"user_classes": "Naming user classes", "tags": "--tags", "exclude_tags": "--exclude-tags",
            "equal_weights": "--equal-weights", "config_users": "--config-users", "class_picker": "--class-picker"}


def listen() -> None:
    """Called once, when the first profile file is executed."""
    locust.events.init_command_line_parser.add_listener(_add_argument)
    locust.events.init.add_listener(_on_init)


def _add_argument(parser: ArgumentParser, **_: object) -> None:
    parser.add_argument("--env", metavar="<environment>", env_var="GONOGO_ENV", include_in_web_ui=False,
                        help="Environment of environments.yml to put load on. Its profile is chosen with --profile, or "
                             "GONOGO_PROFILE.")


def _on_init(environment: Environment, runner: Runner, **_: object) -> None:
    def ending() -> bool:
        return runner.state in (STATE_CLEANUP, STATE_STOPPING, STATE_STOPPED)

    watch_requests(ending)
    take_precedence()
    if isinstance(runner, WorkerRunner):
        # The master says who comes, and where to: a worker needs neither environment nor profile.
        environment.user_classes = [ArrivalsUser, *{persona: None for found in DECLARED for persona in found.personas}]
        Worker(environment, runner, masker_for(None, os.environ), personas_of, ending)
        return
    try:
        line = read_plan_line(os.environ)
        choice = choose(DECLARED, asked_of(environment.parsed_options), Path.cwd(), os.environ,
                        None if line is None else RunPlan.unsealed(line))
    except GonogoError as error:
        exit_with(error, masker_for(None, os.environ))
    if must_wait(os.environ) and not wait_to_begin():
        raise SystemExit(int(ExitCode.INTERRUPTED))
    Generator(choice, environment, runner, Path.cwd(), os.environ, ending=ending)


def asked_of(options: Any) -> RunOptions:  # noqa: ANN401  an argparse namespace has no types
    """What Locust's options ask for, wherever they come from: its command line, settings files, variables."""
    return RunOptions(
        environment=options.env, profile=options.profile or os.environ.get("GONOGO_PROFILE"), users=options.num_users,
        spawn_rate=options.spawn_rate, run_time_s=options.run_time, host=options.host,
        others=[written for name, written in _BENDING.items() if getattr(options, name, None)])
