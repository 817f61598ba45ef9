"""Finds steps that can not fail: an assertion that is always true, or a Then without one."""

from __future__ import annotations

import ast
import functools
import inspect
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

_CHECKS = (ast.Raise, ast.Call, ast.Await, ast.Subscript, ast.Attribute, ast.BinOp)  # each of them can raise an error


class AssertsNothing(Exception):
    """A step passed although nothing in it could have failed."""


def problem_of(function: Callable[..., object], step_type: str) -> str:
    """Why the function of a step ("given", "when" or "then") proves nothing if it passes; "" if it can fail."""
    kinds = (inspect.isgeneratorfunction, inspect.isasyncgenfunction, inspect.iscoroutinefunction)
    if any(is_kind(function) for is_kind in kinds):
        return "the step is a generator or a coroutine, and nothing in it was executed"
    return _problem_of_source(inspect.unwrap(function), step_type)


@functools.cache
def _problem_of_source(function: Callable[..., object], step_type: str) -> str:
    """What is wrong with the function by its source; "" if nothing is, or if it has no source."""
    try:
        body = _body_of(function)
    except (OSError, TypeError, SyntaxError, ValueError):
        return ""
    for node in _nodes(body):
        if isinstance(node, ast.Assert) and _is_always_true(node.test):
            return f"the assertion in line {node.lineno} of the step is always true: {ast.unparse(node)[:80]}"
    if step_type == "then" and not any(_can_fail(statement) for statement in body):
        return "the step asserts nothing"
    return ""


def _body_of(function: Callable[..., object]) -> list[ast.stmt]:
    tree: Any = ast.parse(textwrap.dedent(inspect.getsource(function)))
    definition = tree.body[0]
    if not isinstance(definition, ast.FunctionDef | ast.AsyncFunctionDef):
        raise TypeError("not a function definition")
    return definition.body


def _nodes(body: list[ast.stmt]) -> Iterator[ast.AST]:
    for statement in body:
        yield from ast.walk(statement)


def _is_always_true(test: ast.expr) -> bool:
    """A non-empty tuple, as in `assert (x, "message")`, or a true constant."""
    return (isinstance(test, ast.Tuple) and bool(test.elts)) or (isinstance(test, ast.Constant) and bool(test.value))


def _can_fail(statement: ast.stmt) -> bool:
    """Whether the statement can raise an error; behave ignores what a step returns."""
    if isinstance(statement, ast.Return) and isinstance(statement.value, ast.Compare | ast.BoolOp | ast.UnaryOp):
        return any(isinstance(node, ast.Call | ast.Await) for node in ast.walk(statement))
    return any(isinstance(node, (ast.Assert, *_CHECKS)) for node in ast.walk(statement))
