"""`python -m breaks [ID…]`: try breaks, print a line for each, then the totals. Exit code 0: all as expected.

An interrupted catalogue continues where it stopped: an outcome is kept as long as what it depends on is unchanged.
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

from breaks.baseline import Baseline, baseline_in
from breaks.catalogue import OWN_CATALOGUE, Break, CatalogueError, read_catalogue
from breaks.trial import Outcome, keep, kept, try_break
from breaks.workshop import ROOT, Bench, Workshop, WorkshopError, free_hundreds

_EXAMPLES = """\
examples:
  python -m breaks                                    the whole catalogue
  python -m breaks leading-space-in-passenger-name    one break
  python -m breaks --catalogue ../ours --json out.json
"""


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    signal.signal(signal.SIGTERM, _end_in_order)
    try:
        entries = read_catalogue(arguments.catalogue, arguments.ids)
        with _alone_in(arguments.work):
            outcomes = _try_all(entries, max(arguments.jobs, 1), arguments.work, fresh=arguments.fresh)
    except (CatalogueError, WorkshopError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted: what was tried is kept, and the next run goes on from there.", file=sys.stderr)
        return 130
    if arguments.json:
        arguments.json.write_text(json.dumps([outcome.as_json() for outcome in outcomes], indent=2) + "\n",
                                  encoding="utf-8")
    print(_totals(outcomes))
    return 0 if all(outcome.caught for outcome in outcomes) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m breaks", description=__doc__, epilog=_EXAMPLES,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ids", nargs="*", metavar="ID", help="these breaks alone")
    parser.add_argument("--catalogue", type=Path, default=OWN_CATALOGUE, metavar="DIR",
                        help="folder of the breaks (default: this one's own)")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="breaks tried at once (default: 1)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the outcomes as JSON too")
    parser.add_argument("--work", type=Path, default=ROOT / ".breaks", metavar="DIR",
                        help="where the altered systems and their runs are kept (default: .breaks)")
    parser.add_argument("--fresh", action="store_true",
                        help="try again what an earlier run has tried already (otherwise its outcome holds as long as "
                             "neither the break nor the gate, suite or system has changed)")
    return parser


def _try_all(entries: Sequence[Break], jobs: int, work: Path, *, fresh: bool) -> list[Outcome]:
    work = work.absolute()
    work.mkdir(parents=True, exist_ok=True)
    with _benches(work, jobs) as benches:
        with _taken(benches) as bench:
            baseline = baseline_in(work, bench)
        return _tried(entries, jobs, work, baseline, benches, fresh=fresh)


def _tried(entries: Sequence[Break], jobs: int, work: Path, baseline: Baseline, benches: queue.SimpleQueue[Bench], *,
           fresh: bool) -> list[Outcome]:
    def attempt(entry: Break) -> Outcome:
        folder, key = work / entry.id, baseline.key(entry)
        earlier = None if fresh else kept(folder, key)
        if earlier is not None:
            return earlier
        with _taken(benches) as bench:
            outcome = try_break(entry, Workshop(folder, bench), baseline)
        keep(outcome, folder, key)
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


def _totals(outcomes: Sequence[Outcome]) -> str:
    broken = [outcome for outcome in outcomes if outcome.expected != "GO"]
    healthy = [outcome for outcome in outcomes if outcome.expected == "GO"]
    parts = [f"{sum(outcome.caught for outcome in broken)} of {len(broken)} breaks caught",
             f"{sum(outcome.named and outcome.caught for outcome in broken)} named right"]
    if healthy:
        parts.append(f"{sum(outcome.caught for outcome in healthy)} of {len(healthy)} healthy changes let through")
    return ", ".join(parts)


if __name__ == "__main__":
    sys.exit(main())
