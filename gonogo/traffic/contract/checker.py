"""Checks values against one prepared schema, within limits of effort and depth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jsonschema.protocols import Validator

from gonogo.model.calls import GapCause
from gonogo.traffic.contract.faults import Fault, Gap, faults_of, undocumented_members
from gonogo.traffic.contract.keywords import Effort, EffortExceeded, Schema

_TOO_DEEP = "the value is nested too deeply"


@dataclass(slots=True)
class Checker:
    """`schema` has its references resolved."""

    schema: Schema
    _validator: Validator
    _effort: Effort
    _exceeded: bool = False

    def check(self, value: Any, where: str) -> tuple[Fault | Gap, ...]:  # noqa: ANN401  any JSON
        """The faults of `value`, and what could not be checked."""
        if self._exceeded:
            return (self._too_much(where),)
        self._effort.begin()
        try:
            return faults_of(self._validator.iter_errors(value), where)
        except EffortExceeded:
            self._effort.exceeded()
            self._exceeded = True  # the next value would take as long
            return (self._too_much(where),)
        except RecursionError:
            return (Gap(where, GapCause.LIMIT, _TOO_DEEP),)

    def undocumented(self, value: object, where: str) -> tuple[str, ...]:
        """The members of `value` that the schema does not have."""
        try:
            return tuple(dict.fromkeys(undocumented_members([self.schema], value, where)))
        except RecursionError:
            return ()

    @staticmethod
    def _too_much(where: str) -> Gap:
        return Gap(where, GapCause.LIMIT, "the schema takes too many steps")
