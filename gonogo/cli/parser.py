"""The arguments of every command. It imports nothing else, so that `gonogo --help` is fast."""

from __future__ import annotations

import argparse
from pathlib import Path

from gonogo import __version__

EXIT_CODES = "exit codes: 0 GO (or PARTIAL), 1 NO-GO, 2 usage or configuration, 3 INCONCLUSIVE, 130 interrupted"

_EXAMPLES = f"""\
examples:
  gonogo run --env preprod                       the gate: every stage of the environment
  gonogo run --env preprod --only behaviour      one stage; PARTIAL if it finds no problem
  gonogo run --env preprod --tags "@must and not @serial"
  gonogo run --env preprod --only load --profile spike
  gonogo run --env preprod --only probe          awkward requests to the API, compared with the baseline
  gonogo run --url https://shop.example.com      needs no files: opens a site's pages in a browser
  gonogo check                                   check the project's files; starts nothing

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

Configure web to reach customers at http://127.0.0.1:8350. With `wire: {tap: tap.ndjson}` in environments.yml,
the gate reads what the tap records during a run.
"""

_IMPORT_EXAMPLES = """\
examples:
  gonogo wire import shop.har                               callers, callees, calls and their statuses
  gonogo wire import shop.har --env preprod                 by component, checked against OpenAPI documents
  gonogo wire import partner.har --env preprod --caller partner
  gonogo wire import today.har --compare yesterday.har      differences from an earlier recording
  gonogo wire import *.har --out all.har                    merge recordings into one, secrets masked

Reads any HAR 1.2 file: from a browser's developer tools, mitmproxy, Charles, Fiddler or Playwright. The output is a
report, not a verdict. The exit code is 0 if every file was read, 2 if a file is not valid HAR or has no exchange.
"""

_EXPORT_EXAMPLES = """\
examples:
  gonogo baseline export baseline.json                      if only one environment has a baseline
  gonogo baseline export --env preprod baseline.json
  gonogo baseline export --env preprod - > baseline.json

Equal baselines give identical files. Keep the file as a pipeline artifact or in the pipeline's cache, and import it
before the next gate.
"""

_BASELINE_IMPORT_EXAMPLES = """\
examples:
  gonogo baseline import baseline.json                      before `gonogo run`, on an agent without a history
  GONOGO_HISTORY=postgresql+psycopg://ci@db/gonogo gonogo baseline import baseline.json

A file that is damaged, or that another program wrote, is rejected with exit code 2; nothing changes. If the history
has a run that was promoted later, that run stays the baseline.
"""

_REJUDGE = """\
Judges a run again from the evidence in its folder, with the rules of this version and today's environments.yml and
exceptions.yml. The baseline is the run that it was compared with, from the history. Nothing is started or sent; the
run folder, the history and what is promoted stay as they are.
"""

_REJUDGE_EXAMPLES = f"""\
examples:
  gonogo rejudge                                  the newest run, with what environments.yml says now
  gonogo rejudge 20261129-114806-cfda
  gonogo rejudge --without traces                 what the verdict would be without any trace

{EXIT_CODES}
"""

_CLEAN = """\
A gate that was killed (SIGKILL, out of memory) could not stop the environment that it had started. This command ends
what such gates of this user left on this machine: processes, temporary files, and environments, each by its own
`provision: down`. The next `gonogo run` against such an environment does the same. Running gates are not touched.
"""

_CLEAN_EXAMPLES = """\
examples:
  gonogo clean                                   also as the last step of a pipeline that can be cancelled
"""

_APPROVE = """\
Approves what people and partners see since this release, instead of asserting it in a scenario: writes entries of the
kind approval to exceptions.yml, bound to the text that was and the text that is. Review the file and commit it with
the change. Without --why, the command lists what can be approved and writes nothing.
"""

_APPROVE_EXAMPLES = """\
examples:
  gonogo approve                                            list what the newest run found
  gonogo approve 20261129-205800-7843 2 5 --why 'SHOP-12: fares include taxes'
  gonogo approve runs/latest --why 'SHOP-14: new footer'    all of them
  gonogo approve --prune                                    remove approvals that the baseline holds already
"""

_Commands = argparse._SubParsersAction  # argparse has no public name for this class


def make_parser() -> argparse.ArgumentParser:
    """The parser; `arguments.module` names the module of `gonogo.cli` that executes the command."""
    parser = argparse.ArgumentParser(
        prog="gonogo", epilog=_EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Tests a release in PreProd with browser scenarios and load. Answers GO, NO-GO or INCONCLUSIVE.")
    parser.add_argument("--version", action="version", version=f"gonogo {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_run(commands)
    _add_check(commands)
    _add_schema(commands)
    _add_load(commands)
    _add_tap(commands)
    _add_promoted(commands)
    _add_approve(commands)
    _add_rejudge(commands)
    _add_baseline(commands)
    _add_wire(commands)
    _add(commands, "clean", "clean", summary="end what killed runs left: processes, files, environments",
         description=_CLEAN, examples=_CLEAN_EXAMPLES)
    _add(commands, "plugins", "plugins", summary="list stages, reports, trace backends, clues and probes",
         description="Lists what is registered under gonogo's entry points, its distribution, and what cannot be used.")
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
    run = _add(commands, "run", "run", summary="test a release and print the verdict", examples=_EXAMPLES)
    run.add_argument("--env", metavar="ENV", help="an environment of environments.yml")
    run.add_argument("--url", metavar="URL",
                     help="instead of --env: open this page and the pages of the same site that it links to; sends no "
                          "writes, needs no files; PARTIAL if it finds no problem")
    run.add_argument("--pages", metavar="N", help="with --url: maximum number of pages to open (default: 20)")
    run.add_argument("--only", nargs="+", action="extend", default=[], metavar="STAGE",
                     help="run only these stages; the verdict is PARTIAL at best")
    run.add_argument("--tags", action="append", default=[], metavar="EXPR",
                     help="run only scenarios that match this tag expression, without load; PARTIAL at best")
    run.add_argument("--profile", action="append", default=[], metavar="NAME",
                     help="run this load profile instead of those of the environment; may be repeated; PARTIAL at best")
    run.add_argument("--release", type=Path, metavar="FILE", help="the release to test (default: release.yml)")
    run.add_argument("--jobs", default="auto", metavar="N|auto",
                     help="number of parallel browsers (default: auto, the number of cores plus two)")
    run.add_argument("--max-failures", metavar="N",
                     help="start no further scenario after N failures: a faster NO-GO with less evidence")
    run.add_argument("--out", type=Path, metavar="DIR", help="folder for run folders (default: runs/)")
    run.add_argument("--wait", default="0", metavar="SECONDS",
                     help="wait for another gate of yours on this machine that uses the environment; without it, the "
                          "second gate is refused")
    run.add_argument("--learn", default="1", metavar="N",
                     help="after a GO, run the scenarios until they ran N times, to know what varies: for a first "
                          "baseline, 2 (default: 1)")
    run.add_argument("--keep-going", action="store_true",
                     help="run the load and the probe stage even if scenarios already block the release")


def _add_check(commands: _Commands[argparse.ArgumentParser]) -> None:
    check = _add(commands, "check", "check", summary="check the project's files; starts nothing",
                 description="Checks environments.yml, exceptions.yml, release.yml, features, steps and load profiles.")
    check.add_argument("--env", metavar="ENV", help="check this environment only (default: every environment)")


def _add_schema(commands: _Commands[argparse.ArgumentParser]) -> None:
    schema = _add(commands, "schema", "schema",
                  summary="print the JSON Schema of environments.yml, exceptions.yml or verdict.json")
    schema.add_argument("document", nargs="?", choices=("environments", "exceptions", "verdict"),
                        default="environments", help="the document to describe (default: environments)")


def _add_load(commands: _Commands[argparse.ArgumentParser]) -> None:
    load = commands.add_parser("load", help="load profiles").add_subparsers(required=True, metavar="COMMAND")
    preview = _add(load, "preview", "load_preview", summary="draw the load of load profiles; sends nothing",
                   examples=_PREVIEW_EXAMPLES)
    preview.add_argument("--env", required=True, metavar="ENV", help="an environment of environments.yml")
    preview.add_argument("--profile", action="append", default=[], metavar="NAME",
                         help="draw only this profile; may be repeated (default: every profile)")


def _add_tap(commands: _Commands[argparse.ArgumentParser]) -> None:
    tap = _add(commands, "tap", "tap", summary="forward calls between components and record them",
               examples=_TAP_EXAMPLE)
    tap.add_argument("--route", action="append", required=True, metavar="SPEC",
                     help="caller=NAME,callee=NAME,listen=[HOST:]PORT,to=URL; repeat it for each pair")
    tap.add_argument("--out", type=Path, required=True, metavar="FILE", help="the record: one HAR entry per line")


def _add_promoted(commands: _Commands[argparse.ArgumentParser]) -> None:
    promoted = _add(commands, "promoted", "promoted", summary="make the run that was deployed the baseline",
                    description=(
                        "Records that a run was deployed. Later runs are compared with the last promoted run."))
    promoted.add_argument("run", nargs="?", metavar="RUN",
                          help="id or folder of a run that ended in GO (default: runs/latest)")


def _add_approve(commands: _Commands[argparse.ArgumentParser]) -> None:
    approve = _add(commands, "approve", "approve", summary="approve what people see since a release",
                   description=_APPROVE, examples=_APPROVE_EXAMPLES)
    approve.add_argument("run", nargs="?", metavar="RUN", help="id or folder of a run (default: runs/latest)")
    approve.add_argument("finding", nargs="*", metavar="FINDING", help="numbers as listed (default: all)")
    approve.add_argument("--why", metavar="TEXT", help="the reason, with its issue number if there is one")
    approve.add_argument("--owner", default="", metavar="NAME", help="who is responsible (default: git's user.email)")
    approve.add_argument("--days", default="30", metavar="N", help="days until it expires (default: 30)")
    approve.add_argument("--prune", action="store_true", help="remove approvals of what the baseline holds already")


def _add_rejudge(commands: _Commands[argparse.ArgumentParser]) -> None:
    rejudge = _add(commands, "rejudge", "rejudge", summary="judge a run again from its folder; starts nothing",
                   description=_REJUDGE, examples=_REJUDGE_EXAMPLES)
    rejudge.add_argument("run", nargs="?", metavar="RUN", help="id or folder of a run (default: runs/latest)")
    rejudge.add_argument("--without", action="append", default=[], metavar="KIND[,KIND…]",
                         help="judge as if these kinds of evidence had never been collected: baseline, traces, taps, "
                              "openapi, logs, outside, rules, probe")
    rejudge.add_argument("--baseline", type=Path, metavar="DIR",
                         help="with --without: folder of the run that this one was compared with (default: beside RUN)")
    rejudge.add_argument("--json", type=Path, metavar="FILE", help="write the verdict to this file too")


def _add_baseline(commands: _Commands[argparse.ArgumentParser]) -> None:
    baseline = commands.add_parser("baseline", help="export and import baselines")
    actions = baseline.add_subparsers(title="commands", required=True, metavar="COMMAND")
    export = _add(actions, "export", "baseline_export", summary="write the baseline of an environment to a file",
                  examples=_EXPORT_EXAMPLES)
    export.add_argument("--env", metavar="ENV",
                        help="environment of the baseline (default: the only one that has a baseline)")
    export.add_argument("file", metavar="FILE|-", help="file to write; - is stdout")
    imported = _add(actions, "import", "baseline_import", summary="import a baseline from a file into the history",
                    examples=_BASELINE_IMPORT_EXAMPLES)
    imported.add_argument("file", type=Path, metavar="FILE", help="a file written by `gonogo baseline export`")


def _add_wire(commands: _Commands[argparse.ArgumentParser]) -> None:
    wire = commands.add_parser("wire", help="import recordings of other tools")
    imported = _add(wire.add_subparsers(title="commands", required=True, metavar="COMMAND"), "import", "wire_import",
                    summary="summarise, compare and merge HAR files", examples=_IMPORT_EXAMPLES)
    imported.add_argument("files", nargs="+", type=Path, metavar="FILE.har", help="a recording of another tool")
    imported.add_argument("--env", metavar="ENV",
                          help="use the addresses, OpenAPI documents and secrets of this environment")
    imported.add_argument("--caller", default="browser", metavar="NAME",
                          help="the caller of requests that have none recorded (default: browser)")
    imported.add_argument("--compare", type=Path, metavar="OTHER.har",
                          help="an earlier recording to compare with")
    imported.add_argument("--out", type=Path, metavar="FILE",
                          help="write all exchanges to this file, with secrets masked")
