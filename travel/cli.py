"""`travel`: build the reference system's images, and run them in its environments.

The only module that reads the process environment, prints or exits.
"""
# ruff: noqa: T201

from __future__ import annotations

import argparse
import dataclasses
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from filelock import FileLock, Timeout

from travel.environments import (
    PORT_HUNDREDS,
    PORT_OFFSETS,
    TAPPED,
    Environment,
    deployment_in,
    environment_named,
    travel_home,
)
from travel.errors import TravelError, UsageError
from travel.images import ImageStore
from travel.release import build_release, load_release
from travel.rollout import Rollout, restart
from travel.status import all_healthy, as_json, as_table, statuses_in
from travel.supervision import Supervisor, last_lines
from travel.tap import ALL, THIRD_PARTIES

LOCK_TIMEOUT_S = 120

EXAMPLES = """\
examples:
  travel build                        bake every component, write release.yml
  travel up preprod                   start it (dev 8100, test 8200, preprod 8300, prod 8400)
  TRAVEL_PREPROD_PORTS=95 travel up preprod
                                      the same on ports 9500 and up
  travel up preprod --tap             and record what its components say to each other, in preprod/tap.ndjson
  travel up preprod --tap third-parties
                                      only what they say to third parties
  travel up preprod --fresh           as if it were started anew; what has not changed goes on running
  travel status preprod --json        exit 0 where all is healthy, else 1
  travel restart preprod bookings     keeps edits of its copy and its data
  travel logs preprod bookings
  travel down preprod

Everything is kept under TRAVEL_HOME (default: .travel in this folder).
exit: 0 done, 1 it went wrong, 2 usage, 130 interrupted
"""


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    try:
        code: int = arguments.command(arguments)
    except TravelError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130
    return code


def _build(arguments: argparse.Namespace) -> int:
    release, written = build_release(arguments.source, _store(), arguments.out, _say)
    print(f"{arguments.out}: {len(release.images)} images" + ("" if written else ", unchanged"))
    return 0


def _up(arguments: argparse.Namespace) -> int:
    environment = _environment(arguments.environment)
    _stop_on_signals()
    with _locked(environment):
        present = deployment_in(environment)
        stands = present is not None and Supervisor(environment).is_running()
        tapped = present.tapped if present and stands else TAPPED.get(environment.name, "")
        environment = dataclasses.replace(environment, tapped=tapped if arguments.tap is None else arguments.tap)
        if not arguments.release.exists() and arguments.release == Path("release.yml"):
            _say(f"There is no {arguments.release} yet: building it.")
            build_release(_own_source(), _store(), arguments.release, _say)
        rollout = Rollout(environment, load_release(arguments.release), _store(), os.environ, _say,
                          fresh=arguments.fresh)
        outcome = rollout.run(arguments.timeout)
    count = f"{len(outcome.components)} components"
    if not outcome.started and not arguments.fresh:
        print(f"{environment.name} is already up at {environment.url} ({count}, {outcome.seconds:.1f} s)")
    elif outcome.whole:
        print(f"{environment.name} is up at {environment.url} ({count}, {outcome.seconds:.1f} s)")
    else:
        print(f"{environment.name} is up at {environment.url} ({count}, of which started anew: "
              f"{', '.join(outcome.started) or 'none'}; {outcome.seconds:.1f} s)")
    return 0


def _down(arguments: argparse.Namespace) -> int:
    if bool(arguments.environment) == arguments.all:
        raise UsageError("Which environment?", where="travel down", fix="name one, or give --all")
    names = list(PORT_HUNDREDS) if arguments.all else [arguments.environment]
    for name in names:
        environment = _environment(name)
        if not environment.root.is_dir():
            print(f"{name} was down already")
            continue
        with _locked(environment):
            ended = Supervisor(environment).shut_down()
        print(f"{name} is down ({ended} processes ended)" if ended else f"{name} was down already")
    return 0


def _status(arguments: argparse.Namespace) -> int:
    environment = _environment(arguments.environment)
    statuses = statuses_in(environment)
    if arguments.json:
        print(as_json(environment, statuses))
    elif not statuses:
        print(f"{environment.name} is down")
    else:
        print(as_table(statuses))
        healthy = sum(status.healthy for status in statuses)
        memory = sum(status.rss_mib for status in statuses)
        print(f"{environment.name}: {healthy} of {len(statuses)} components healthy, {memory:.0f} MiB")
    return 0 if all_healthy(statuses) else 1


def _restart(arguments: argparse.Namespace) -> int:
    environment = _environment(arguments.environment)
    with _locked(environment):
        seconds = restart(environment, arguments.component, arguments.timeout)
    print(f"{arguments.component} of {environment.name} is healthy again ({seconds:.1f} s)")
    return 0


def _logs(arguments: argparse.Namespace) -> int:
    log = _environment(arguments.environment).log_of(arguments.component)
    if not log.exists():
        raise TravelError(f"{arguments.component} has no log in {arguments.environment} yet.", where=str(log),
                          fix=f"start it with `travel up {arguments.environment}`")
    print(last_lines(log, arguments.lines))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="travel", description=__doc__.split("\n")[0] if __doc__ else None,
                                     epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    names = list(PORT_HUNDREDS)

    build = commands.add_parser("build", help="bake immutable images and write release.yml")
    build.add_argument("--source", type=Path, default=_own_source(), metavar="DIR",
                       help="folder of the components (default: %(default)s)")
    build.add_argument("--out", type=Path, default=Path("release.yml"), metavar="FILE",
                       help="where to write the release (default: %(default)s)")
    build.set_defaults(command=_build)

    up = commands.add_parser("up", help="bring an environment to a release, and wait until it is healthy")
    up.add_argument("environment", choices=names)
    up.add_argument("--release", type=Path, default=Path(os.environ.get("TRAVEL_RELEASE") or "release.yml"),
                    metavar="FILE", help="the release to bring up (default: TRAVEL_RELEASE, else release.yml, "
                                         "built where there is none)")
    up.add_argument("--tap", nargs="?", choices=(THIRD_PARTIES, ALL), const=ALL,
                    help="record what the components say to third parties, or to each other too "
                         "(without a value: all; default: as the environment stands, else third parties in PreProd)")
    up.add_argument("--no-tap", dest="tap", action="store_const", const="", help="record nothing of it any more")
    up.add_argument("--fresh", action="store_true",
                    help="leave nothing of what was done to it since it came up: no data, no log, no edit of a copy")
    up.set_defaults(command=_up)

    down = commands.add_parser("down", help="end an environment's processes")
    down.add_argument("environment", choices=names, nargs="?")
    down.add_argument("--all", action="store_true", help="all environments of this TRAVEL_HOME")
    down.set_defaults(command=_down)

    status = commands.add_parser("status", help="how each component is")
    status.add_argument("environment", choices=names)
    status.add_argument("--json", action="store_true")
    status.set_defaults(command=_status)

    again = commands.add_parser("restart", help="restart one component; its copy, edits and data stay")
    again.set_defaults(command=_restart)
    logs = commands.add_parser("logs", help="the end of a component's log")
    logs.add_argument("-n", "--lines", type=int, default=100, metavar="N", help="how many lines (default: %(default)s)")
    logs.set_defaults(command=_logs)
    for command in (again, logs):
        command.add_argument("environment", choices=names)
        command.add_argument("component", choices=list(PORT_OFFSETS))
    for command in (up, again):
        command.add_argument("--timeout", type=float, default=30.0, metavar="S",
                             help="seconds until all must be healthy (default: %(default)s)")
    return parser


def _own_source() -> Path:
    return Path(__file__).resolve().parent


def _store() -> ImageStore:
    return ImageStore(travel_home(os.environ, Path.cwd()) / "images")


def _environment(name: str) -> Environment:
    return environment_named(name, os.environ, Path.cwd())


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@contextmanager
def _locked(environment: Environment) -> Iterator[None]:
    """One command at a time changes an environment."""
    environment.home.mkdir(parents=True, exist_ok=True)
    lock = FileLock(environment.home / f"{environment.name}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        _say(f"Another command is at work on {environment.name}: waiting for it.")
        try:
            lock.acquire(timeout=LOCK_TIMEOUT_S)
        except Timeout as timeout:
            raise TravelError(f"Another command has held {environment.name} for {LOCK_TIMEOUT_S} s.",
                              where=lock.lock_file, fix="end that command") from timeout
    try:
        yield
    finally:
        lock.release()


def _stop_on_signals() -> None:
    """The first signal unwinds, so that what was started is stopped; further ones do not disturb that."""
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for number in signals:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in signals:
        signal.signal(number, interrupt)


if __name__ == "__main__":
    sys.exit(main())
