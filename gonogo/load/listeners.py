"""Registers for Locust's first events: adds `--env` to its command line, and chooses the profile before any request.

Registered once, when the first profile file is executed.
"""

from __future__ import annotations

import atexit
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import locust
from locust.env import Environment
from locust.runners import STATE_CLEANUP, STATE_STOPPED, STATE_STOPPING, Runner, WorkerRunner
from locust.web import WebUI

from gonogo.config import RunPlan
from gonogo.core.errors import GonogoError
from gonogo.core.exit_codes import ExitCode
from gonogo.core.interpreter import refuse_optimization
from gonogo.core.network import use_proxy
from gonogo.core.prestart import must_wait, read_plan_line, wait_to_begin
from gonogo.core.streams import flush_standard_streams, tolerate_poor_streams
from gonogo.load.arrivals import ArrivalsUser
from gonogo.load.exit_codes import ExitCodes
from gonogo.load.generator import Generator
from gonogo.load.generator_health import take_precedence
from gonogo.load.load_traces import LoadTraces
from gonogo.load.profile_choice import RunOptions, choose
from gonogo.load.profiles import DECLARED, personas_of
from gonogo.load.recorder import exit_with
from gonogo.load.request_guard import guard_requests
from gonogo.load.suite_errors import SuiteErrors
from gonogo.load.traced_requests import trace_requests
from gonogo.load.unanswered import watch_requests
from gonogo.load.web_door import listen_on_loopback, refuse_foreign_pages
from gonogo.load.workers import Worker
from gonogo.secrets.masking import masker_for

# Locust's options that change the personas or their tasks: its name for the value → the option as a user writes it.
_PROFILE_OVERRIDES = {"user_classes": "Naming user classes", "tags": "--tags", "exclude_tags": "--exclude-tags",
            "equal_weights": "--equal-weights", "config_users": "--config-users", "class_picker": "--class-picker"}


_EXIT_CODES = ExitCodes()
_SUITE = SuiteErrors()


def register() -> None:
    """Register for Locust's events, and watch what the suite's own listeners do."""
    if "locust.main" in sys.modules:  # else `check` or `preview` reads the profiles
        tolerate_poor_streams()
        atexit.register(flush_standard_streams)
        _EXIT_CODES.install()
    _SUITE.watch(lambda error: exit_with(error, masker_for(None, os.environ)))
    locust.events.init_command_line_parser.add_listener(_add_argument)
    locust.events.init.add_listener(_on_init)


def _add_argument(parser: ArgumentParser, **_: object) -> None:
    listen_on_loopback(parser)
    parser.add_argument("--env", metavar="<environment>", env_var="GONOGO_ENV", include_in_web_ui=False,
                        help="Environment of environments.yml to put under load. Choose its profile with --profile or "
                             "GONOGO_PROFILE.")


def _on_init(environment: Environment, runner: Runner, web_ui: WebUI | None = None, **_: object) -> None:
    def ending() -> bool:
        return runner.state in (STATE_CLEANUP, STATE_STOPPING, STATE_STOPPED)

    options: Any = environment.parsed_options
    watch_requests(ending)
    take_precedence()
    if isinstance(runner, WorkerRunner):
        # The master sends personas and host: a worker needs neither environment nor profile.
        environment.user_classes = [ArrivalsUser, *dict.fromkeys(
            persona for declared in DECLARED for persona in declared.personas)]
        Worker(environment, runner, masker_for(None, os.environ), personas_of, ending, suite=_SUITE)
        _EXIT_CODES.run_ended()  # the master has the verdict
        return
    try:
        refuse_optimization()
        line = read_plan_line(os.environ)
        requested = replace(run_options_of(options), shape=environment.shape_class)
        choice = choose(DECLARED, requested, Path.cwd(), os.environ, None if line is None else RunPlan.unsealed(line))
    except GonogoError as error:
        exit_with(error, masker_for(None, os.environ))
    use_proxy(os.environ, *choice.environment.proxy_settings)
    guard = guard_requests(choice.reach)
    traces = LoadTraces.of(choice.environment, choice.trace_ids)
    if traces:
        trace_requests(traces)
    if must_wait(os.environ) and not wait_to_begin():
        raise SystemExit(int(ExitCode.INTERRUPTED))
    if web_ui is not None and web_ui.app is not None:
        web_ui.app.wsgi_app = refuse_foreign_pages(  # type: ignore[method-assign, assignment]
            web_ui.app.wsgi_app, web_ui.host, options.web_host_display_name)
    for option, instead in _ignored(options):
        sys.stderr.write(f"{option} is ignored: {instead}.\n")
    _EXIT_CODES.run_begins()
    Generator(choice, environment, runner, Path.cwd(), os.environ, guard=guard, traces=traces, ending=ending,
              suite=_SUITE, on_verdict=_EXIT_CODES.run_ended)


def _ignored(options: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401  an argparse namespace has no types
    """The given options of Locust that have no effect here, and what holds in their place."""
    if float(options.stop_timeout):
        yield "--stop-timeout", "the profile's `grace_s` in environments.yml is the time that requests have to end"
    if options.exit_code_on_error != 1:
        yield "--exit-code-on-error", "the exit code is that of the verdict"


def run_options_of(options: Any) -> RunOptions:  # noqa: ANN401  an argparse namespace has no types
    """Locust's options, whether they come from its command line, its settings files or its variables."""
    return RunOptions(
        environment=options.env, profile=options.profile or os.environ.get("GONOGO_PROFILE"), users=options.num_users,
        spawn_rate=options.spawn_rate, run_time_s=options.run_time, host=options.host,
        overrides=[option for name, option in _PROFILE_OVERRIDES.items() if getattr(options, name, None)])
