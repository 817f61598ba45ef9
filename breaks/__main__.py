"""`python -m breaks [ID…]`: try breaks, print a line for each, then the totals. Exit code 0: all as expected.

An interrupted catalogue continues where it stopped: an outcome is kept as long as what it depends on is unchanged.
`--keep DIR` keeps the evidence of the trials too, and `--rejudge DIR` judges them again from it.
"""
# ruff: noqa: T201

from __future__ import annotations

import argparse
import json
import queue
import signal
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from breaks.baseline import LEARN, Baseline, baseline_in
from breaks.catalogue import OWN_CATALOGUE, Break, CatalogueError, read_catalogue
from breaks.evidence import keep_evidence, kept_ids, run_folders
from breaks.rejudging import Task, rejudged
from breaks.totals import NOTHING, table, totals
from breaks.trial import Outcome, keep, kept, try_break
from breaks.workshop import ROOT, Bench, Workshop, WorkshopError, free_hundreds
from gonogo.core.errors import EvidenceError, GonogoError
from gonogo.gate.kept_run import KINDS, kinds_of

_EXAMPLES = """\
examples:
  python -m breaks                                    the whole catalogue
  python -m breaks leading-space-in-passenger-name    one break
  python -m breaks --catalogue ../ours --json out.json
  python -m breaks --keep evidence                    keep what each trial was judged from
  python -m breaks --rejudge evidence --without traces
  python -m breaks --rejudge evidence --without baseline --without traces --without taps,traces
                                                      a table of what each kind of evidence adds
"""


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    if arguments.rejudge:
        return _judge_again(arguments)
    if arguments.without:
        return _usage("--without needs --rejudge DIR.")
    signal.signal(signal.SIGTERM, _end_in_order)
    try:
        entries = read_catalogue(arguments.catalogue, arguments.ids)
        with _alone_in(arguments.work):
            outcomes = _try_all(entries, arguments)
    except (CatalogueError, WorkshopError, EvidenceError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted: what was tried is kept, and the next run goes on from there.", file=sys.stderr)
        return 130
    _write(arguments.json, [outcome.as_json() for outcome in outcomes])
    print(totals(outcomes))
    return 0 if all(outcome.caught for outcome in outcomes) else 1


def _judge_again(arguments: argparse.Namespace) -> int:
    """Judge kept trials again, once for each --without. Exit code 2 if one of them cannot be judged."""
    try:
        given = [kinds_of([text]) for text in arguments.without]
        folder = arguments.rejudge.absolute()
        trials = [folder / name for name in kept_ids(folder, arguments.ids)]
    except (CatalogueError, GonogoError) as error:
        print(error, file=sys.stderr)
        return 2
    rounds: dict[tuple[str, ...], list[Outcome]] = {}
    for leave_out in dict.fromkeys([(), *given] if len(given) > 1 else given or [()]):
        print(f"without {', '.join(leave_out) or NOTHING}:")
        outcomes = rounds[leave_out] = []
        for outcome in rejudged([Task(trial, leave_out) for trial in trials], max(arguments.jobs, 1)):
            outcomes.append(outcome)
            print(f"{len(outcomes):>3}/{len(trials)}  {outcome.line}", flush=True)
        print(totals(outcomes))
    if len(rounds) > 1:
        print(table(rounds))
    _write(arguments.json, [{**outcome.as_json(), "without": list(leave_out)}
                            for leave_out, outcomes in rounds.items() for outcome in outcomes])
    every = [outcome for outcomes in rounds.values() for outcome in outcomes]
    if not all(outcome.is_judged for outcome in every):
        return 2
    return 0 if all(outcome.caught for outcome in every) else 1


def _usage(what: str) -> int:
    print(what, file=sys.stderr)
    return 2


def _write(path: Path | None, outcomes: Sequence[dict[str, object]]) -> None:
    if path:
        path.write_text(json.dumps(outcomes, indent=2) + "\n", encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m breaks", description=__doc__, epilog=_EXAMPLES,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ids", nargs="*", metavar="ID", help="these breaks alone")
    parser.add_argument("--catalogue", type=Path, default=OWN_CATALOGUE, metavar="DIR",
                        help="folder of the breaks (default: this one's own)")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="breaks tried at once (default: 1)")
    parser.add_argument("--learn", type=int, default=LEARN, metavar="N",
                        help="runs of the unaltered system's scenarios, which show what varies (default: %(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the outcomes as JSON too")
    parser.add_argument("--work", type=Path, default=ROOT / ".breaks", metavar="DIR",
                        help="where the altered systems and their runs are kept (default: .breaks)")
    parser.add_argument("--fresh", action="store_true",
                        help="try again what an earlier run has tried already (otherwise its outcome holds as long as "
                             "neither the break nor the gate, suite or system has changed)")
    parser.add_argument("--keep", type=Path, metavar="DIR",
                        help="keep the evidence of each trial in DIR, so that it can be judged again")
    parser.add_argument("--rejudge", type=Path, metavar="DIR",
                        help="judge the trials that are kept in DIR again, with the gate as it is now; starts nothing")
    parser.add_argument("--without", action="append", default=[], metavar="KIND[,KIND…]",
                        help=f"with --rejudge: as if this evidence had never been collected ({', '.join(KINDS)}); "
                             "repeated, it is done for each, and ends with a table")
    return parser


def _try_all(entries: Sequence[Break], arguments: argparse.Namespace) -> list[Outcome]:
    work, jobs = arguments.work.absolute(), max(arguments.jobs, 1)
    keep_in = arguments.keep and arguments.keep.absolute()
    work.mkdir(parents=True, exist_ok=True)
    with _benches(work, jobs) as benches:
        with _taken(benches) as bench:
            baseline = baseline_in(work, bench, max(arguments.learn, 1))
        return _tried(entries, jobs, work, baseline, benches, fresh=arguments.fresh, keep_in=keep_in)


def _tried(entries: Sequence[Break], jobs: int, work: Path, baseline: Baseline, benches: queue.SimpleQueue[Bench], *,
           fresh: bool, keep_in: Path | None) -> list[Outcome]:
    def attempt(entry: Break) -> Outcome:
        folder, key = work / entry.id, baseline.key(entry)
        earlier = None if fresh or (keep_in and not run_folders(folder)) else kept(folder, key)
        if earlier is not None:
            outcome = earlier
        else:
            with _taken(benches) as bench:
                outcome = try_break(entry, Workshop(folder, bench), baseline)
            keep(outcome, folder, key)
        if keep_in:
            keep_evidence(outcome, entry, folder, baseline, keep_in)
        return outcome

    outcomes: dict[str, Outcome] = {}
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        try:
            for done in as_completed([pool.submit(attempt, entry) for entry in entries]):
                outcome = done.result()
                outcomes[outcome.id] = outcome
                print(f"{len(outcomes):>3}/{len(entries)}  {outcome.line}", flush=True)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)  # leaving the block waits for the trials under way
            raise
    return [outcomes[entry.id] for entry in entries]


@contextmanager
def _alone_in(work: Path) -> Iterator[None]:
    """Lock `work`: two runs in one folder would start and stop each other's environments."""
    work.mkdir(parents=True, exist_ok=True)
    lock = FileLock(work / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise WorkshopError(f"Another run is trying breaks in {work}.\n"
                            "  fix: wait for it, end it with SIGTERM, or choose another folder with --work.") from None
    try:
        yield
    finally:
        lock.release()


def _end_in_order(number: int, frame: object) -> None:
    """Interrupt the children, as Ctrl-C in a terminal does: gates under way shut down, and so do their environments."""
    for child in psutil.Process().children():
        child.send_signal(signal.SIGINT)
    raise KeyboardInterrupt


@contextmanager
def _benches(work: Path, count: int) -> Iterator[queue.SimpleQueue[Bench]]:
    """A queue of `count` benches; their environments are stopped when the block ends."""
    benches: queue.SimpleQueue[Bench] = queue.SimpleQueue()
    for number, hundred in enumerate(free_hundreds(count), start=1):
        benches.put(Bench(work / f"bench-{number}", hundred))
    try:
        yield benches
    finally:
        while not benches.empty():
            try:
                benches.get().clear()
            except WorkshopError as error:  # the other benches must be cleared too
                print(error, file=sys.stderr)


@contextmanager
def _taken(benches: queue.SimpleQueue[Bench]) -> Iterator[Bench]:
    bench = benches.get()
    try:
        yield bench
    finally:
        benches.put(bench)


if __name__ == "__main__":
    sys.exit(main())
