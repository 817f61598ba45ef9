"""A runner that executes no scenario: it loads features and steps as a run does, and reports every error in them.

    behave -r gonogo.scenarios.running.check:CheckRunner -D env=preprod -D check_report=FILE
"""

# behave is not typed
# mypy: disallow-untyped-calls=False

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from behave.model import Feature, Scenario, Step
from behave.runner import the_step_registry  # type: ignore[attr-defined]
from behave.runner_util import parse_features

from gonogo.core.errors import ConfigError, GonogoError
from gonogo.records.check_file import CheckDocument, problems_of, write_check
from gonogo.scenarios.running.gherkin_files import GherkinFiles
from gonogo.scenarios.running.plan import Job
from gonogo.scenarios.running.runner import GonogoRunner
from gonogo.scenarios.running.selection import refuse_writes, selected, suite_errors
from gonogo.secrets.masking import masker_for

_HOOKS_FILE = "environment.py"
# Signs in an environment.py that its hooks define or load steps at run time; these cannot be checked here.
_DEFINES_STEPS = re.compile(r"add_step_definition|load_step_modules|step_registry|^\s+@(?:given|when|then|step)\(",
                            re.MULTILINE)


class CheckRunner(GonogoRunner):
    """Writes its report, and returns True if there are errors, as `behave --dry-run` does."""

    def run(self) -> bool:
        errors: list[GonogoError] = []
        chosen: list[tuple[Job, Scenario]] = []
        try:
            self._run_plan = self._received_plan()
            with suite_errors():
                self.setup_paths()
            with self.path_manager:
                chosen = self._check(errors)
        except GonogoError as error:
            errors.append(error)
        write_check(Path(self.config.userdata["check_report"]),
                    CheckDocument(schema=1, problems=problems_of(errors), scenarios=len(chosen)),
                    masker_for(None, os.environ))
        return bool(errors)

    def _check(self, errors: list[GonogoError]) -> list[tuple[Job, Scenario]]:
        """The selected scenarios; errors in them, and in the rest of the suite, are added to `errors`."""
        try:
            with suite_errors():
                self._load_steps()
        except GonogoError as error:
            errors.append(error)
        steps_known = not errors
        chosen = [each for feature in self._features(errors) for each in self._selected(feature, errors)]
        if not self._run_plan.environment.permits.writes:
            try:
                refuse_writes([job for job, _ in chosen], self._run_plan.environment_name)
            except GonogoError as error:
                errors.append(error)
        if steps_known and not self._hooks_define_steps():
            errors += self._undefined(scenario for _, scenario in chosen)
        return chosen

    def _features(self, errors: list[GonogoError]) -> Iterator[Feature]:
        """Parse file by file, so that an error in one does not hide an error in another."""
        for location in self._locations():
            try:
                with suite_errors():
                    features = parse_features([location], language=self.config.lang)
            except GonogoError as error:
                errors.append(error)
            else:
                yield from features

    def _selected(self, feature: Feature, errors: list[GonogoError]) -> list[tuple[Job, Scenario]]:
        try:
            with suite_errors():
                return selected([feature], self.config, GherkinFiles())
        except GonogoError as error:
            errors.append(error)
            return []

    def _undefined(self, scenarios: Iterable[Scenario]) -> Iterator[ConfigError]:
        """An error for each step text without a step definition, at its first place."""
        firsts: dict[tuple[str, str], Step] = {}
        for scenario in scenarios:
            for step in scenario.all_steps:
                if (step.step_type, step.name) not in firsts and the_step_registry.find_match(step) is None:
                    firsts[step.step_type, step.name] = step
        for step in firsts.values():
            close = difflib.get_close_matches(step.name, self._patterns(step.step_type), n=1)
            yield ConfigError(
                f"No step is defined for '{step.keyword} {step.name}'.", where=f"{step.filename}:{step.line}",
                fix=(f"did you mean '{close[0]}'? " if close else "")
                + "list the steps with `behave --steps-catalog`, or define a new one in steps/.")

    def _patterns(self, step_type: str) -> list[str]:
        steps = the_step_registry.steps
        return [str(each.pattern) for each in (*steps[step_type], *steps["step"])]

    def _hooks_define_steps(self) -> bool:
        path = self._root / _HOOKS_FILE
        return path.is_file() and bool(_DEFINES_STEPS.search(path.read_text(encoding="utf-8", errors="replace")))
