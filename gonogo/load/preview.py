"""`gonogo load preview`: plots in the terminal what a profile would send; sends nothing.

It runs in its own process and loads the profile files as Locust does, so it refuses what a run would refuse.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import plotext

from gonogo.config import load_environment
from gonogo.core.errors import ConfigErrors, GonogoError, UsageError
from gonogo.core.streams import flush_standard_streams, lasting, tolerate_poor_streams
from gonogo.core.text import printable_lines
from gonogo.load.check import FOLDER, load_files
from gonogo.load.phases import phases_of
from gonogo.load.profile_choice import Choice, RunOptions, choose
from gonogo.load.profiles import DECLARED
from gonogo.load.timetable import curve_of, expected_visits, rate_at
from gonogo.secrets.masking import masker_for

_POINTS = 400
_ROWS, _MAX_COLUMNS = 14, 100


def main(argv: Sequence[str] | None = None) -> int:
    """Return exit code 0, or that of the error."""
    parser = argparse.ArgumentParser(prog="gonogo load preview")
    parser.add_argument("--env", required=True)
    parser.add_argument("--profile", action="append", default=[])
    arguments = parser.parse_args(argv)
    tolerate_poor_streams()
    masker, stdout = masker_for(None, os.environ), lasting(sys.stdout)
    try:
        for index, text in enumerate(previews(arguments.env, arguments.profile, Path.cwd())):
            stdout.write(("\n" if index else "") + printable_lines(masker.text(text)) + "\n")
    except GonogoError as error:
        lasting(sys.stderr).write(masker.text(f"{error}\n"))
        return int(error.exit_code)
    finally:
        flush_standard_streams()
    return 0


def previews(environment: str, names: Sequence[str], root: Path) -> Iterator[str]:
    """One text for each of `names`, or for each profile of the environment. Raises GonogoError."""
    if not (root / FOLDER).is_dir():
        raise UsageError(f"There is no folder {FOLDER}/.", where=str(root),
                         fix="run this in the folder of environments.yml.")
    errors: list[GonogoError] = []
    load_files(errors)
    if errors:
        raise ConfigErrors(errors)
    load = load_environment(environment, root, os.environ).load
    for name in names or (load.profiles if load else ()):
        yield preview(choose(DECLARED, RunOptions(environment=environment, profile=name), root, os.environ))


def preview(choice: Choice) -> str:
    """The curve of one profile, its personas, its phases, and its objectives."""
    size = choice.size
    weights = sum(choice.personas.values())
    personas = ", ".join(f"{persona.__name__} {weight / weights:.0%}" for persona, weight in choice.personas.items())
    lines = [_headline(choice), _drawn(choice), f"who      {personas}", f"phases   {_phases(choice)}"]
    for endpoint, objective in size.objectives.items():
        bounds = [f"p{percent:g} ≤ {bound_ms:g} ms" for percent, bound_ms in objective.percentiles.items()]
        bounds += [f"failed ≤ {objective.error_ratio:.1%}", f"requests ≥ {objective.min_requests}"]
        lines.append(f"must     {endpoint}: {', '.join(bounds)}")
    return "\n".join(lines)


def _headline(choice: Choice) -> str:
    size, arrivals = choice.size, choice.size.arrivals
    if arrivals is None:
        return (f"{choice.name}: closed loop, {size.users} users at the peak, "
                f"{size.spawn_rate:g} more a second at most, {size.duration_s:g} s")
    visits = expected_visits(curve_of(arrivals, size.duration_s), size.duration_s)
    pacing = f"at random (seed {arrivals.seed})" if arrivals.pacing == "poisson" else "evenly spaced"
    return (f"{choice.name}: open loop, about {visits:.0f} visits, {pacing}, in {size.duration_s:g} s, "
            f"at most {arrivals.most_at_once} at once")


def _drawn(choice: Choice) -> str:
    size = choice.size
    seconds = [index * size.duration_s / _POINTS for index in range(_POINTS + 1)]
    if size.arrivals is None:
        values = [float(choice.declaration.shape(second, size)) for second in seconds]
        label = "users"
    else:
        points = curve_of(size.arrivals, size.duration_s)
        values, label = [rate_at(points, second) for second in seconds], "visits a second"
    columns = min(shutil.get_terminal_size().columns, _MAX_COLUMNS)
    plotext.clear_figure()
    plotext.theme("clear")
    plotext.plot_size(columns, _ROWS)
    plotext.ylim(0, max(values))
    plotext.plot(seconds, values, marker="braille")
    plotext.title(label)
    plotext.xlabel("seconds")
    text: str = plotext.uncolorize(plotext.build())
    return "\n".join(line.rstrip() for line in text.splitlines())


def _phases(choice: Choice) -> str:
    return ", ".join(
        f"{phase.kind} {phase.from_s:g}–{choice.size.duration_s if phase.to_s is None else phase.to_s:g} s"
        + (f" ({phase.per_s:g}/s)" if phase.per_s else "") for phase in phases_of(choice.size))


if __name__ == "__main__":
    sys.exit(main())
