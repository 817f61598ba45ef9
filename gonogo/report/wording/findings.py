"""The registry of messages: one function for each class of parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from gonogo.model.findings import (
    ComponentSubject,
    EndpointSubject,
    Finding,
    GateSubject,
    PairSubject,
    Parameters,
    PluginParameters,
    StageSubject,
    Subject,
)
from gonogo.model.identity import ScenarioId

Words = Callable[[Any, Finding], str]
_Words = TypeVar("_Words", bound=Words)

BY_PARAMETERS: dict[type[Parameters], Words] = {}
BY_RULE: dict[str, str] = {}  # of findings without parameters; {subject} is the finding's subject


def words(*kinds: type[Parameters]) -> Callable[[_Words], _Words]:
    """Register a message function for these classes of parameters."""
    def register(function: _Words) -> _Words:
        BY_PARAMETERS.update(dict.fromkeys(kinds, function))
        return function
    return register


def words_of(finding: Finding, parameters: Parameters | None = None) -> str:
    """The message of a finding, or of parameters that are a part of it; it may contain text of the tested system."""
    chosen = finding.parameters if parameters is None else parameters
    if isinstance(chosen, PluginParameters):
        return plugin_words(chosen)
    known = BY_PARAMETERS.get(type(chosen))
    if known:
        return known(chosen, finding)
    about = "" if parameters is not None else (
        finding.subject.operation if isinstance(finding.subject, EndpointSubject) else subject_words(finding.subject))
    return BY_RULE.get(finding.rule, finding.rule).format(subject=about).strip()


def subject_words(subject: Subject) -> str:
    """The subject as text; "" for the run as a whole."""
    match subject:
        case ScenarioId(name=name):
            return name
        case StageSubject(part=part):
            return part
        case ComponentSubject(component=component):
            return component
        case PairSubject(component=component, peer=peer):
            return f"{component} → {peer}"
        case EndpointSubject(operation=operation, component=component, part=part):
            return ": ".join(filter(None, [part, f"{component} {operation}".strip()]))
        case GateSubject():
            return ""


def plugin_words(parameters: PluginParameters) -> str:
    """A plug-in's own template, filled in; its values where the template is invalid."""
    values = dict(parameters.values)
    try:
        return parameters.words.format_map(values)
    except (LookupError, ValueError, AttributeError, TypeError):
        return ", ".join(f"{name}={value}" for name, value in values.items()) or parameters.words
