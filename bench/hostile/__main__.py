"""A battery of hostile suites, systems, files and signals: what the gate should answer, and what it answers.

    python -m bench.hostile                     everything, about twenty minutes
    python -m bench.hostile "health: " "load: "  the tries whose names start like this
    python -m bench.hostile --list
    python -m bench.hostile --repeat 100 control  the healthy suites, a hundred times each

Each try runs the real gate in a new folder against a tiny system on loopback. It must give the expected answer in time,
print no traceback, use at most 300 MiB more than a healthy run, and leave nothing running, leased or on the disk. Exits
with 1 if a try differs. Not part of any gate.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor

from bench.hostile.trial import Seen, carry_out
from bench.hostile.tries import CONTROL, TRIES


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="the start of names (default: all)")
    parser.add_argument("--list", action="store_true", help="print the names")
    parser.add_argument("--repeat", type=int, default=1, help="run each so often (default: 1)")
    parser.add_argument("--jobs", type=int, default=2, help="tries at once (default: 2)")
    options = parser.parse_args()
    names = [name for name in TRIES if not options.names or name.startswith(tuple(options.names))]
    if options.list:
        _write("\n".join(names))
        return 0
    control = carry_out(TRIES[CONTROL])
    _print(CONTROL, control)
    rest = [name for name in names for _ in range(options.repeat) if name != CONTROL or options.repeat > 1]
    with ThreadPoolExecutor(options.jobs) as pool:
        results = pool.map(lambda name: carry_out(TRIES[name], healthy_mib=control.mib), rest)
        seen = [control, *(_print(name, each) for name, each in zip(rest, results, strict=True))]
    different = sum(bool(each.problems) for each in seen)
    _write(f"{len(seen)} tries: {len(seen) - different} as expected, {different} different")
    return int(different > 0)


def _print(name: str, seen: Seen) -> Seen:
    """Print the line of a try: name, expected, seen, rules, seconds, memory."""
    attempt = TRIES[name]
    rules = ", ".join(seen.rules[:3]) + (", …" if len(seen.rules) > 3 else "")
    _write(f"{'ok ' if not seen.problems else 'BAD'} {name:58} {attempt.expected:13} {seen.answer:13} "
           f"{seen.seconds:5.1f} s {seen.mib:5.0f} MiB  {rules}")
    for problem in seen.problems:
        _write(f"      {problem}")
    return seen


def _write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
