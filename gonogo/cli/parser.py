"""The arguments of every command. Nothing else is imported here: `gonogo --help` must cost next to nothing."""

from __future__ import annotations

import argparse
from pathlib import Path

from gonogo import __version__

EXIT_CODES = "exit codes: 0 GO (or PARTIAL), 1 NO-GO, 2 usage or configuration, 3 INCONCLUSIVE, 130 interrupted"

_EXAMPLES = f"""\
examples:
  gonogo run --env preprod                       the gate: every stage that the environment asks for
  gonogo run --env preprod --only behaviour      one stage; ends PARTIAL where nothing is wrong
  gonogo run --env preprod --tags "@must and not @serial"
  gonogo run --env preprod --only load --profile spike
  gonogo run --url https://shop.example.com      the smallest gate, without any file: a site's pages in a browser
  gonogo check                                   is all that a run is made of right?

{EXIT_CODES}
"""

_PREVIEW_EXAMPLES = """\
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

_EXPORT_EXAMPLES = """\
examples:
  gonogo baseline export baseline.json                      the only environment that has a baseline
  gonogo baseline export --env preprod baseline.json
  gonogo baseline export --env preprod - > baseline.json

The file is the same for the same baseline. Keep it where build agents find it again, as a pipeline's artifact or in
its cache, and import it before the next gate.
"""

_BASELINE_IMPORT_EXAMPLES = """\
examples:
  gonogo baseline import baseline.json                      before `gonogo run`, on an agent that knows no earlier run
  GONOGO_HISTORY=postgresql+psycopg://ci@db/gonogo gonogo baseline import baseline.json

A file that is damaged, or that another program wrote, is refused with exit code 2, and changes nothing. A run that was
promoted later stays the baseline.
"""

_Commands = argparse._SubParsersAction  # what argparse returns has no public name


def make_parser() -> argparse.ArgumentParser:
    """The parser; `arguments.module` names the module of `gonogo.cli` that executes the command."""
    parser = argparse.ArgumentParser(
        prog="gonogo", epilog=_EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Tries a release in PreProd as its users and its load would meet it: GO, NO-GO or INCONCLUSIVE.")
    parser.add_argument("--version", action="version", version=f"gonogo {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_run(commands)
    _add_check(commands)
    _add_schema(commands)
    _add_load(commands)
    _add_tap(commands)
    _add_promoted(commands)
    _add_baseline(commands)
    _add_wire(commands)
    _add(commands, "plugins", "plugins", summary="list stages, reports, trace backends, clues and probes",
         description="What is installed under gonogo's entry points, who brought it, and what cannot be used.")
    return parser


def _add(commands: _Commands[argparse.ArgumentParser], name: str, module: str, *, summary: str, description: str = "",
         examples: str = "") -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=summary, description=description or f"{summary[0].upper()}{summary[1:]}.", epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--debug", action="store_true", help="show tracebacks of errors")
    parser.set_defaults(module=module)
    return parser


def _add_run(commands: _Commands[argparse.ArgumentParser]) -> None:
    run = _add(commands, "run", "run", summary="try a release and answer", examples=_EXAMPLES)
    run.add_argument("--env", metavar="ENV", help="an environment of environments.yml")
    run.add_argument("--url", metavar="URL",
                     help="in place of --env: open this page and what it links to within its site; it reads only, "
                          "needs no file, and ends PARTIAL where nothing is wrong")
    run.add_argument("--pages", metavar="N", help="with --url: open so many pages at most (default: 20)")
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


def _add_check(commands: _Commands[argparse.ArgumentParser]) -> None:
    check = _add(commands, "check", "check", summary="check all that a run is made of, and start nothing",
                 description="environments.yml, exceptions.yml, release.yml, features and their steps, load profiles.")
    check.add_argument("--env", metavar="ENV", help="with its variables; without it, every environment in turn")


def _add_schema(commands: _Commands[argparse.ArgumentParser]) -> None:
    schema = _add(commands, "schema", "schema",
                  summary="print the JSON Schema of environments.yml, exceptions.yml or verdict.json")
    schema.add_argument("document", nargs="?", choices=("environments", "exceptions", "verdict"),
                        default="environments", help="which of them (default: environments)")


def _add_load(commands: _Commands[argparse.ArgumentParser]) -> None:
    load = commands.add_parser("load", help="load profiles").add_subparsers(required=True, metavar="COMMAND")
    preview = _add(load, "preview", "load_preview", summary="draw what load profiles would send, and send nothing",
                   examples=_PREVIEW_EXAMPLES)
    preview.add_argument("--env", required=True, metavar="ENV", help="an environment of environments.yml")
    preview.add_argument("--profile", action="append", default=[], metavar="NAME",
                         help="this profile alone; may be repeated (default: every one of the environment)")


def _add_tap(commands: _Commands[argparse.ArgumentParser]) -> None:
    tap = _add(commands, "tap", "tap", summary="carry calls between components, and record them",
               examples=_TAP_EXAMPLE)
    tap.add_argument("--route", action="append", required=True, metavar="SPEC",
                     help="caller=NAME,callee=NAME,listen=[HOST:]PORT,to=URL; one for each pair, may be repeated")
    tap.add_argument("--out", type=Path, required=True, metavar="FILE", help="the record: one HAR entry a line")


def _add_promoted(commands: _Commands[argparse.ArgumentParser]) -> None:
    promoted = _add(commands, "promoted", "promoted", summary="keep the run that was deployed as the baseline",
                    description="Later runs are compared with the run that was promoted last.")
    promoted.add_argument("run", nargs="?", metavar="RUN",
                          help="a run's id or folder, which must be GO (default: runs/latest)")


def _add_baseline(commands: _Commands[argparse.ArgumentParser]) -> None:
    baseline = commands.add_parser("baseline", help="what runs are compared with, as a file")
    actions = baseline.add_subparsers(title="commands", required=True, metavar="COMMAND")
    export = _add(actions, "export", "baseline_export", summary="write the baseline of an environment to a file",
                  examples=_EXPORT_EXAMPLES)
    export.add_argument("--env", metavar="ENV", help="whose baseline (default: the only environment that has one)")
    export.add_argument("file", metavar="FILE|-", help="where to write it; - is stdout")
    imported = _add(actions, "import", "baseline_import", summary="take a baseline from a file into the history",
                    examples=_BASELINE_IMPORT_EXAMPLES)
    imported.add_argument("file", type=Path, metavar="FILE", help="what `gonogo baseline export` wrote")


def _add_wire(commands: _Commands[argparse.ArgumentParser]) -> None:
    wire = commands.add_parser("wire", help="recordings of other tools")
    imported = _add(wire.add_subparsers(title="commands", required=True, metavar="COMMAND"), "import", "wire_import",
                    summary="read HAR files, and tell what they say", examples=_IMPORT_EXAMPLES)
    imported.add_argument("files", nargs="+", type=Path, metavar="FILE.har", help="what another tool recorded")
    imported.add_argument("--env", metavar="ENV",
                          help="an environment of environments.yml: its addresses, its OpenAPI documents, its secrets")
    imported.add_argument("--caller", default="browser", metavar="NAME",
                          help="who sent what names no sender (default: browser)")
    imported.add_argument("--compare", type=Path, metavar="OTHER.har",
                          help="an earlier recording: what is not as it was there?")
    imported.add_argument("--out", type=Path, metavar="FILE", help="write all exchanges there, masked and bounded")
