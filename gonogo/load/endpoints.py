"""Reads from a persona's source which endpoints it requests, to find a misspelt one before anything is sent.

It follows the persona's tasks, `visit`, `on_start`, and every method of the persona that they call. It does not guess
what the source does not show: a computed or changed name, a client under another name or in other hands.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

_VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request"})
_REST = "rest"  # of the persona itself: Locust's way to request JSON
# Members of a client that change no name and send nothing.
_HARMLESS = frozenset({"auth", "base_url", "cookiejar", "cookies", "headers", "proxies", "timeout", "verify"})


@dataclass(slots=True)
class RequestedEndpoints:
    """`unknown` lists the places of requests whose names only a run shows."""

    endpoints: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)


def endpoints_of(persona: type[Any], *, is_open: bool) -> RequestedEndpoints:
    """The endpoints that `persona` requests in a visit of an open loop, or in the tasks of a closed one."""
    requested = RequestedEndpoints()
    entry_points = ["__init__", "visit"] if is_open else ["__init__", "on_start", "on_stop"]
    pending = [each for each in entry_points if hasattr(persona, each)]
    if any("client" in vars(each) for each in persona.__mro__ if not _is_of_locust(each)):
        requested.unknown.add(f"{persona.__name__} has a client of its own")
    functions: list[Callable[..., object]] = [] if is_open else [
        task for task in getattr(persona, "tasks", []) if inspect.isfunction(task)]
    if not is_open and any(not inspect.isfunction(task) for task in getattr(persona, "tasks", [])):
        requested.unknown.add(f"{persona.__name__} has a task set")
    visited: set[object] = set()
    while pending or functions:
        function = functions.pop() if functions else _function_of(persona, pending.pop())
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
    understood: set[ast.AST] = set()
    for call in _calls(tree):
        if not isinstance(call.func, ast.Attribute) or not _sends(call.func):
            continue
        understood.add(call.func.value)
        name = _name_of_request(call)
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            requested.endpoints.add(name.value)
        else:
            requested.unknown.add(_place(call, function))
    requested.unknown |= {_place(node, function) for node in _other_uses(tree, function, understood)}


def _sends(member: ast.Attribute) -> bool:
    return _is_client(member.value) if member.attr in _VERBS else member.attr == _REST


def _name_of_request(call: ast.Call) -> ast.expr | None:
    """The name, or the path, after which Locust names a request without one."""
    member = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    path_at = 1 if member in ("request", _REST) else 0  # after the method
    names = ("url", "name") if path_at else ("url",)
    values: dict[str | None, ast.expr] = dict(zip(names, call.args[path_at:], strict=False))
    values |= {each.arg: each.value for each in call.keywords}
    return None if None in values else values.get("name", values.get("url"))  # None: `**options`


def _other_uses(tree: ast.AST, function: Callable[..., object], understood: set[ast.AST]) -> Iterator[ast.AST]:
    """The places where the client, the persona itself or Locust's events are used in another way."""
    parents = {child: parent for parent in ast.walk(tree) for child in ast.iter_child_nodes(parent)}
    persona = next(iter(inspect.signature(function).parameters), "")
    for node in ast.walk(tree):
        parent = parents.get(node)
        member = parent.attr if isinstance(parent, ast.Attribute) else ""
        if _is_client(node):
            is_other = node not in understood and member not in _HARMLESS
        elif isinstance(node, ast.Name):
            is_other = (node.id == persona and not member) or node.id == "events"
        else:
            is_other = isinstance(node, ast.Attribute) and node.attr == "events"
        if is_other:
            yield node


def _place(node: ast.AST, function: Callable[..., object]) -> str:
    return f"{function.__qualname__}, line {getattr(node, 'lineno', 0)} of it"


def _methods_called(tree: ast.AST, persona: type[Any]) -> Iterator[str]:
    for node in ast.walk(tree):
        if (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"
                and inspect.isfunction(_function_of(persona, node.attr))):
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


def _function_of(persona: type[Any], name: str) -> Any:  # noqa: ANN401  any member
    """The member `name`; of a property, the function that makes its value."""
    member = getattr(persona, name, None)
    return member.fget if isinstance(member, property) else member


def _is_client(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "client"


def _is_of_locust(item: Callable[..., object] | type[Any]) -> bool:
    return item.__module__.partition(".")[0] in ("locust", "builtins")


def _calls(tree: ast.AST) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def _tree_of(function: Callable[..., object]) -> ast.AST | None:
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return None
