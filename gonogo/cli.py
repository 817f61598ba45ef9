"""The command line: argv → exit code. The only module that touches the process: environment, signals, exit."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from gonogo import __version__
from gonogo.asked import request_of
from gonogo.config import ENVIRONMENTS_FILE, environment_names, load_environment
from gonogo.config.schema import environments_schema
from gonogo.errors import GonogoError
from gonogo.evidence.calls import BROWSER
from gonogo.exit_codes import ExitCode
from gonogo.gate import run_gate
from gonogo.outside import Interrupted, Outside
from gonogo.promotion import mark_promoted
from gonogo.recordings import ImportRequest, import_recordings
from gonogo.report.terminal import TerminalWatcher, print_verdict
from gonogo.stages.journeys_stage import refuse_missing_journeys
from gonogo.wire.tap.command import tap_command
from gonogo.wire.tap.routes import routes_of

_EXAMPLES = """\
examples:
  gonogo run --env preprod                       the gate: every stage that the environment asks for
  gonogo run --env preprod --only behaviour      one stage; ends PARTIAL where nothing is wrong
  gonogo run --env preprod --tags "@must and not @serial"
  gonogo run --env preprod --only load --profile spike
  gonogo check                                   is environments.yml right?

exit codes: 0 GO (or PARTIAL), 1 NO-GO, 2 usage or configuration, 3 INCONCLUSIVE, 130 interrupted
"""


_PREVIEW_EXAMPLE = """\
examples:
  gonogo load preview --env preprod                    every profile of the environment
  gonogo load preview --env preprod --profile spike
"""


_TAP_EXAMPLE = """\
example:
  gonogo tap --out tap.ndjson --route caller=web,callee=customers,listen=8350,to=http://127.0.0.1:8302

web is then told that customers is at http://127.0.0.1:8350; `wire: {tap: tap.ndjson}` in environments.yml
has the gate read what was recorded during a run.
"""


_IMPORT_EXAMPLES = """\
examples:
  gonogo wire import shop.har                               who called what, and how it was answered
  gonogo wire import shop.har --env preprod                 by component, and against their OpenAPI documents
  gonogo wire import partner.har --env preprod --caller partner
  gonogo wire import today.har --compare yesterday.har      what does not look as it did
  gonogo wire import *.har --out all.har                    all of them in one, with secrets masked

Any HAR 1.2 will do: of a browser's developer tools, mitmproxy, Charles, Fiddler, Playwright. What is printed is no
verdict: the exit code is 0 where something was read, 2 where a file is none, or holds nothing.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code. A user's mistake is told in three lines, never as a traceback."""
    arguments = _parser().parse_args(argv)
    outside = Outside(root=Path.cwd(), environ=os.environ, stdout=sys.stdout, stderr=sys.stderr)
    try:
        return int(arguments.command(arguments, outside))
    except GonogoError as error:
        print(error, file=sys.stderr)  # noqa: T201
        if arguments.debug:
            traceback.print_exc()
        return int(error.exit_code)
    except (Interrupted, KeyboardInterrupt):
        return int(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has left; there is nobody to tell
        return int(ExitCode.INCONCLUSIVE)
    except Exception:  # noqa: BLE001  Python's own exit code would say NO-GO
        traceback.print_exc()
        print("gonogo itself failed: this is a fault of its own, and says nothing about the release",  # noqa: T201
              file=sys.stderr)
        return int(ExitCode.INCONCLUSIVE)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gonogo", epilog=_EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Tries a release in PreProd as its users and its load would meet it: GO, NO-GO or INCONCLUSIVE.")
    parser.add_argument("--version", action="version", version=f"gonogo {__version__}")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--debug", action="store_true", help="show tracebacks of errors")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    run = commands.add_parser("run", parents=[common], help="try a release and answer", epilog=_EXAMPLES,
                              formatter_class=argparse.RawDescriptionHelpFormatter)
    run.add_argument("--env", required=True, metavar="ENV", help="an environment of environments.yml")
    run.add_argument("--only", nargs="+", action="extend", default=[], metavar="STAGE",
                     help="a part of the gate: these stages alone")
    run.add_argument("--tags", action="append", default=[], metavar="EXPR",
                     help="a part of the gate: these scenarios alone, without load")
    run.add_argument("--profile", action="append", default=[], metavar="NAME",
                     help="a part of the gate: these load profiles in place of those that the environment runs")
    run.add_argument("--release", type=Path, metavar="FILE", help="what is to be promoted (default: release.yml)")
    run.add_argument("--jobs", default="auto", metavar="N|auto",
                     help="browsers at once (default: auto, two more than there are cores)")
    run.add_argument("--max-failures", metavar="N",
                     help="begin no further scenario once N have failed: NO-GO sooner, with less of why")
    run.add_argument("--out", type=Path, metavar="DIR", help="where run folders are made (default: runs/)")
    run.add_argument("--keep-going", action="store_true",
                     help="run the load stage also where the scenarios already stop the release")
    run.set_defaults(command=_run)

    check = commands.add_parser("check", parents=[common], help="check environments.yml")
    check.add_argument("--env", metavar="ENV", help="with its variables; without it, every environment in turn")
    check.set_defaults(command=_check)

    schema = commands.add_parser("schema", parents=[common], help="print the JSON Schema of environments.yml")
    schema.set_defaults(command=_schema)

    load = commands.add_parser("load", help="load profiles").add_subparsers(required=True, metavar="COMMAND")
    preview = load.add_parser("preview", parents=[common], epilog=_PREVIEW_EXAMPLE,
                              help="draw what load profiles would send, and send nothing",
                              formatter_class=argparse.RawDescriptionHelpFormatter)
    preview.add_argument("--env", required=True, metavar="ENV", help="an environment of environments.yml")
    preview.add_argument("--profile", action="append", default=[], metavar="NAME",
                         help="this profile alone; may be repeated (default: every one of the environment)")
    preview.set_defaults(command=_preview)

    tap = commands.add_parser("tap", parents=[common], epilog=_TAP_EXAMPLE,
                              help="carry calls between components, and record them",
                              formatter_class=argparse.RawDescriptionHelpFormatter)
    tap.add_argument("--route", action="append", required=True, metavar="SPEC",
                     help="caller=NAME,callee=NAME,listen=[HOST:]PORT,to=URL; one for each pair, may be repeated")
    tap.add_argument("--out", type=Path, required=True, metavar="FILE", help="the record: one HAR entry a line")
    tap.set_defaults(command=_tap)

    promoted = commands.add_parser("promoted", parents=[common], help="keep the run that was deployed as the baseline",
                                   description="Later runs compare their load with the run that was promoted last.")
    promoted.add_argument("run", nargs="?", metavar="RUN",
                          help="a run's id or folder, which must be GO (default: runs/latest)")
    promoted.set_defaults(command=_promoted)

    wire = commands.add_parser("wire", help="recordings of other tools")
    imported = wire.add_subparsers(title="commands", required=True, metavar="COMMAND").add_parser(
        "import", parents=[common], epilog=_IMPORT_EXAMPLES, help="read HAR files, and tell what they say",
        formatter_class=argparse.RawDescriptionHelpFormatter)
    imported.add_argument("files", nargs="+", type=Path, metavar="FILE.har", help="what another tool recorded")
    imported.add_argument("--env", metavar="ENV",
                          help="an environment of environments.yml: its addresses, its OpenAPI documents, its secrets")
    imported.add_argument("--caller", default=BROWSER, metavar="NAME",
                          help="who sent what names no sender (default: browser)")
    imported.add_argument("--compare", type=Path, metavar="OTHER.har",
                          help="an earlier recording: what is not as it was there?")
    imported.add_argument("--out", type=Path, metavar="FILE", help="write all exchanges there, masked and bounded")
    imported.set_defaults(command=_import)
    return parser


def _run(arguments: argparse.Namespace, outside: Outside) -> int:
    request = request_of(arguments, outside)
    _raise_on_signals()
    no_color = bool(outside.environ.get("NO_COLOR"))
    watcher = TerminalWatcher(outside.stderr, no_color=no_color)
    try:
        verdict = run_gate(request, outside, watcher)
    finally:
        watcher.close()
    print_verdict(verdict, _shown(request.run_folder, outside.root), outside.stdout, no_color=no_color)
    interrupted = any(reason.rule == "interrupted" for reason in verdict.reasons)
    return ExitCode.INTERRUPTED if interrupted else verdict.answer.exit_code


def _check(arguments: argparse.Namespace, outside: Outside) -> int:
    names = [arguments.env] if arguments.env else environment_names(outside.root)
    for name in names:
        refuse_missing_journeys(load_environment(name, outside.root, outside.environ), name, outside.root)
    outside.stdout.write(f"{ENVIRONMENTS_FILE} is right: {', '.join(names)}\n")
    return ExitCode.GO


def _schema(arguments: argparse.Namespace, outside: Outside) -> int:
    outside.stdout.write(json.dumps(environments_schema(), indent=2) + "\n")
    return ExitCode.GO


def _preview(arguments: argparse.Namespace, outside: Outside) -> int:
    """This process becomes the preview's: profile files import Locust, which patches the standard library."""
    profiles = [word for name in arguments.profile for word in ("--profile", name)]
    command = [sys.executable, "-m", "gonogo.locust_plugin.preview", "--env", arguments.env, *profiles]
    os.execve(command[0], command, dict(outside.environ))  # noqa: S606  this Python, without a shell


def _tap(arguments: argparse.Namespace, outside: Outside) -> int:
    """This process becomes the tap's, so that whoever started it has the tap itself to end."""
    command, environ = tap_command(routes_of(arguments.route), arguments.out, outside.environ)
    os.execve(command[0], command, environ)  # noqa: S606  this Python, without a shell


def _promoted(arguments: argparse.Namespace, outside: Outside) -> int:
    mark_promoted(arguments.run, outside)
    return ExitCode.GO


def _import(arguments: argparse.Namespace, outside: Outside) -> int:
    import_recordings(ImportRequest(files=tuple(arguments.files), caller=arguments.caller, earlier=arguments.compare,
                                    environment_name=arguments.env, out=arguments.out), outside)
    return ExitCode.GO


def _raise_on_signals() -> None:
    """The first SIGINT or SIGTERM ends the run in good order; more of them must not break that ending."""

    def interrupt(number: int, frame: object) -> None:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_IGN)
        raise Interrupted

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, interrupt)


def _shown(path: Path, root: Path) -> Path:
    return path.relative_to(root) if path.is_relative_to(root) else path


if __name__ == "__main__":
    sys.exit(main())
