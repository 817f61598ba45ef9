"""Which endpoints a persona asks for, read from its source: so that a mistyped one is found before anything is sent.

Followed are its tasks, `visit` and `on_start`, and every method of its own that they call. What cannot be told from
the source (a name that is computed) is not guessed.
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
class Requested:
    """`unknown` says where a request has a name that only running it would tell."""

    endpoints: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)


def endpoints_of(persona: type[Any], *, is_open: bool) -> Requested:
    """What `persona` asks for in a visit of an open loop, or in the tasks of a closed one."""
    asked = Requested()
    entries = ["visit"] if is_open else ["on_start", "on_stop"]
    waiting = [each for each in entries if hasattr(persona, each)]
    functions: list[Callable[..., object]] = [] if is_open else [
        task for task in getattr(persona, "tasks", []) if inspect.isfunction(task)]
    if not is_open and any(not inspect.isfunction(task) for task in getattr(persona, "tasks", [])):
        asked.unknown.add(f"{persona.__name__} has a task set")
    seen: set[object] = set()
    while waiting or functions:
        function = functions.pop() if functions else getattr(persona, waiting.pop())
        if function in seen or not inspect.isfunction(function) or _is_of_locust(function):
            continue
        seen.add(function)
        tree = _tree_of(function)
        if tree is None:
            asked.unknown.add(function.__qualname__)
            continue
        waiting += [name for name in _methods_called(tree, persona) if name not in waiting]
        functions += _supers_called(tree, function, persona)
        _gather(tree, function, asked)
    return asked


def _gather(tree: ast.AST, function: Callable[..., object], asked: Requested) -> None:
    for call in _calls(tree):
        if not (isinstance(call.func, ast.Attribute) and call.func.attr in _VERBS and _is_client(call.func.value)):
            continue
        name = next((each.value for each in call.keywords if each.arg == "name"), None)
        if name is None and call.args:
            name = call.args[-1 if call.func.attr == "request" else 0]  # Locust names a request after its path
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            asked.endpoints.add(name.value)
        else:
            asked.unknown.add(f"{function.__qualname__}, line {call.lineno} of it")


def _methods_called(tree: ast.AST, persona: type[Any]) -> Iterator[str]:
    for node in ast.walk(tree):
        if (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"
                and inspect.isfunction(getattr(persona, node.attr, None))):
            yield node.attr


def _supers_called(tree: ast.AST, function: Callable[..., object],
                   persona: type[Any]) -> list[Callable[..., object]]:
    """`super().on_start()`: the method of the next class that has one."""
    mro = list(persona.__mro__)
    owner = next((each for each in mro if function in vars(each).values()), persona)
    behind = mro[mro.index(owner) + 1:]
    names = {call.func.attr for call in _calls(tree) if isinstance(call.func, ast.Attribute)
             and isinstance(call.func.value, ast.Call) and isinstance(call.func.value.func, ast.Name)
             and call.func.value.func.id == "super"}
    return [found for name in names
            if (found := next((vars(each)[name] for each in behind if name in vars(each)), None)) is not None]


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
