"""`python -m breaks [ID…]`: try breaks, a line each, then the totals. Exit 0 only where all went as expected."""
# ruff: noqa: T201

from __future__ import annotations

import argparse
import json
import queue
import shutil
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from breaks.catalogue import OWN_CATALOGUE, Break, CatalogueError, read_catalogue
from breaks.trial import Outcome, try_break
from breaks.workshop import ROOT, Workshop, WorkshopError, free_hundreds

_EXAMPLES = """\
examples:
  python -m breaks                                    the whole catalogue
  python -m breaks leading-space-in-passenger-name    one break
  python -m breaks --catalogue ../ours --json out.json
"""


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    try:
        entries = read_catalogue(arguments.catalogue, arguments.ids)
        outcomes = _try_all(entries, arguments.jobs, arguments.work)
    except (CatalogueError, WorkshopError) as error:
        print(error, file=sys.stderr)
        return 2
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
    return parser


def _try_all(entries: Sequence[Break], jobs: int, work: Path) -> list[Outcome]:
    hundreds: queue.SimpleQueue[int] = queue.SimpleQueue()
    for hundred in free_hundreds(max(jobs, 1)):
        hundreds.put(hundred)
    baseline = _baseline(hundreds, work)

    def attempt(entry: Break) -> Outcome:
        hundred = hundreds.get()
        try:
            return try_break(entry, Workshop(work.absolute() / entry.id, hundred), baseline)
        finally:
            hundreds.put(hundred)

    outcomes: dict[str, Outcome] = {}
    with ThreadPoolExecutor(max_workers=max(jobs, 1)) as pool:
        for done in as_completed([pool.submit(attempt, entry) for entry in entries]):
            outcome = done.result()
            outcomes[outcome.id] = outcome
            print(outcome.line, flush=True)
    return [outcomes[entry.id] for entry in entries]


def _baseline(hundreds: queue.SimpleQueue[int], work: Path) -> Path:
    """The history of one GO of the unaltered system; made anew whenever its images are not those of the last."""
    work = work.absolute()
    kept, kept_release = work / "baseline.sqlite", work / "baseline.release.yml"
    hundred = hundreds.get()
    try:
        workshop = Workshop(work / "baseline", hundred)
        workshop.prepare(None)
        workshop.build()
        if kept.exists() and kept_release.exists() and _images(kept_release) == _images(workshop.release):
            return kept
        print("first the unaltered system, for comparison …", file=sys.stderr, flush=True)
        with workshop.preprod():
            run = workshop.gate([])
        verdict = json.loads((run / "verdict.json").read_text(encoding="utf-8"))
        if verdict["verdict"] != "GO":
            raise WorkshopError(f"The unaltered system ends in {verdict['verdict']}: nothing can be compared with it.\n"
                                f"  at {run}\n  mend: bring `make gate` to GO first.")
        shutil.copy(workshop.folder / "history.sqlite", kept)
        shutil.copy(workshop.release, kept_release)
        return kept
    finally:
        hundreds.put(hundred)


def _images(release: Path) -> str:
    """The part of a release file that says what runs; not when it was built."""
    return "\n".join(line for line in release.read_text(encoding="utf-8").splitlines() if "sha256:" in line)


def _totals(outcomes: Sequence[Outcome]) -> str:
    broken = [outcome for outcome in outcomes if outcome.expected != "GO"]
    healthy = [outcome for outcome in outcomes if outcome.expected == "GO"]
    parts = [f"{sum(outcome.caught for outcome in broken)} of {len(broken)} breaks caught",
             f"{sum(outcome.named and outcome.caught for outcome in broken)} named"]
    if healthy:
        parts.append(f"{sum(outcome.caught for outcome in healthy)} of {len(healthy)} healthy changes let through")
    return ", ".join(parts)


if __name__ == "__main__":
    sys.exit(main())
