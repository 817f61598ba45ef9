"""Messages on the entries of exceptions.yml: waived findings, and exceptions that no finding needed."""

from __future__ import annotations

from gonogo.model.exceptions import ExceptionSubject, ScenarioChoice, SeenChoice
from gonogo.model.findings import Finding, GateSubject, StageSubject, Waived
from gonogo.model.rules.exceptions import ExceptionUnused, WaivedEndedEarly
from gonogo.report.wording.findings import subject_words, words
from gonogo.report.wording.load import lost_objective


def waived_words(waived: Waived) -> str:
    """`waived until 2026-12-31 by payments: PAY-17, the bank's gateway answers late`."""
    return f"waived until {waived.expires.isoformat()} by {waived.owner}: {waived.reason}"


@words(ExceptionUnused)
def _unused(parameters: ExceptionUnused, _: Finding) -> str:
    return (f"{parameters.kind} of {parameters.excepted} for {_about(parameters.about)} ({parameters.where}) was not "
            "used: remove it if the defect is fixed")


@words(WaivedEndedEarly)
def _stopped_early(parameters: WaivedEndedEarly, _: Finding) -> str:
    return ("the profile stopped early, so the rest was not run, and the missed objective is waived: "
            f"{lost_objective(parameters.objective)}")


def _about(subject: ExceptionSubject) -> str:
    match subject:
        case ScenarioChoice(file=file, name=name):
            return f"'{name}' ({file})"
        case SeenChoice(kind=kind, name=name, key=key):
            return f"{kind} {name}: {key.replace('|', ' ').strip()}"
        case GateSubject():
            return "the gate"
        case StageSubject(stage=stage, part=part):
            return f"{stage} {part}".strip()
    return subject_words(subject)
