"""Reads from a persona's source which endpoints it requests, to find a misspelt one before anything is sent.

It follows the persona's tasks, `visit`, `on_start`, and every method of the persona that they call. It does not guess
what the source does not show (a computed name).
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

_VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request", "rest"})


@dataclass(slots=True)
class RequestedEndpoints:
    """`unknown` lists the places of requests whose names are computed at run time."""

    endpoints: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)


def endpoints_of(persona: type[Any], *, is_open: bool) -> RequestedEndpoints:
    """The endpoints that `persona` requests in a visit of an open loop, or in the tasks of a closed one."""
    requested = RequestedEndpoints()
    entry_points = ["visit"] if is_open else ["on_start", "on_stop"]
    pending = [each for each in entry_points if hasattr(persona, each)]
    functions: list[Callable[..., object]] = [] if is_open else [
        task for task in getattr(persona, "tasks", []) if inspect.isfunction(task)]
    if not is_open and any(not inspect.isfunction(task) for task in getattr(persona, "tasks", [])):
        requested.unknown.add(f"{persona.__name__} has a task set")
    visited: set[object] = set()
    while pending or functions:
        function = functions.pop() if functions else getattr(persona, pending.pop())
        if function in visited or not inspect.isfunction(function) or _is_of_locust(function):
            continue
        visited.add(function)
        tree = _tree_of(function)
        if tree is None:
            requested.unknown.add(function.__qualname__)
            continue
        pending += [name for name in _methods_called(tree, persona) if name not in pending]
        functions += _supers_called(tree, function, persona)
        _collect(tree, function, requested)
    return requested


def _collect(tree: ast.AST, function: Callable[..., object], requested: RequestedEndpoints) -> None:
    for call in _calls(tree):
        if not (isinstance(call.func, ast.Attribute) and call.func.attr in _VERBS and _is_client(call.func.value)):
            continue
        name = next((each.value for each in call.keywords if each.arg == "name"), None)
        if name is None and call.args:
            name = call.args[-1 if call.func.attr == "request" else 0]  # Locust names a request after its path
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            requested.endpoints.add(name.value)
        else:
            requested.unknown.add(f"{function.__qualname__}, line {call.lineno} of it")


def _methods_called(tree: ast.AST, persona: type[Any]) -> Iterator[str]:
    for node in ast.walk(tree):
        if (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"
                and inspect.isfunction(getattr(persona, node.attr, None))):
            yield node.attr


def _supers_called(tree: ast.AST, function: Callable[..., object],
                   persona: type[Any]) -> list[Callable[..., object]]:
    """For `super().on_start()`: the method of the next class that defines it."""
    mro = list(persona.__mro__)
    owner = next((each for each in mro if function in vars(each).values()), persona)
    next_classes = mro[mro.index(owner) + 1:]
    names = {call.func.attr for call in _calls(tree) if isinstance(call.func, ast.Attribute)
             and isinstance(call.func.value, ast.Call) and isinstance(call.func.value.func, ast.Name)
             and call.func.value.func.id == "super"}
    return [method for name in names
            if (method := next((vars(each)[name] for each in next_classes if name in vars(each)), None)) is not None]


def _is_client(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "client"


def _is_of_locust(function: Callable[..., object]) -> bool:
    return function.__module__.partition(".")[0] == "locust"


def _calls(tree: ast.AST) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def _tree_of(function: Callable[..., object]) -> ast.AST | None:
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return None
