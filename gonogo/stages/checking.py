"""Checks a part of the suite in a child process before the run; only its report counts."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from gonogo.config import RunPlan
from gonogo.core.errors import ConfigError, ConfigErrors, EvidenceError
from gonogo.core.text import printable
from gonogo.model.stages import Ending, ProcessEnd
from gonogo.records.check_file import CheckDocument, read_check
from gonogo.secrets.masking import masker_for
from gonogo.stages.child import Child

CHECK_BUDGET_S = 60.0


def run_check(what: str, command: Callable[[Path], Sequence[str]], *, root: Path, plan: RunPlan,
              environ: Mapping[str, str], where: str, budget_s: float = CHECK_BUDGET_S) -> CheckDocument:
    """Run `command` with the `plan` and return its report. `command` is a function of the report's path.

    `what` is the subject of errors ("The load profiles"), `where` its folder. Raises ConfigError for mistakes in the
    report, and if the child does not end or leaves no report: what cannot be checked is not valid.
    """
    masker = masker_for(plan.environment, environ)

    def shown(text: str) -> str:
        return printable(masker.text(text))

    def not_checked(why: str, end: ProcessEnd) -> ConfigError:
        output = f": {shown(end.detail)}" if end.detail else ""
        return ConfigError(f"{what} could not be checked: {why}{output}.", where=where, fix=(
            "remove code that waits or exits from these files; on import they may only define things."))

    with tempfile.TemporaryDirectory(prefix="gonogo-check-") as folder:
        report = Path(folder) / "report.json"
        with Child(command(report), cwd=root, environ=environ, plan=plan,
                   log=Path(folder) / "check.log", run_folder=Path(folder), masker=masker) as child:
            child.wait(budget_s)
        end = child.end
        if end.ending is Ending.NOT_STARTED:
            raise not_checked("the process does not start", end)
        if end.ending is Ending.TIMED_OUT:
            raise not_checked(f"the process did not end within {budget_s:g} s", end)
        try:
            document = read_check(report)
        except EvidenceError as error:
            raise not_checked(f"the process ended with exit code {end.exit_code} and left no report", end) from error
        if document.problems:
            raise ConfigErrors([ConfigError(shown(each.what), where=shown(each.where), fix=shown(each.fix))
                                for each in document.problems])
        if end.exit_code:
            raise not_checked(f"the process ended with exit code {end.exit_code}", end)
        return document
