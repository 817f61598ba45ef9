"""Which steps can not fail: a table of cases, refusals first."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from gonogo.scenarios.running.assertions import problem_of

ALWAYS = {  # of any type of step
    "a tuple": "    assert (context.value == 2, 'the value')",
    "a tuple beside a true assertion": "    assert context.value == 1\n    for _ in (1,):\n        assert (context, 'x')",
    "a constant": "    assert 'the value is 2'",
    "a generator": "    assert context.value == 2\n    yield",
}
OF_A_THEN = {
    "pass": "    pass",
    "a docstring": "    '''It is checked elsewhere.'''",
    "an ellipsis": "    ...",
    "a comparison that is returned": "    return context.value == 2",
    "a constant that is bound": "    expected = 2",
}
CAN_FAIL = {
    "an assertion": "    assert context.value == 1",
    "a call": "    str(context.value)",
    "a call in what is returned": "    return str(context.value) == '1'",
    "an error on a condition": "    if context.value != 1:\n        raise AssertionError",
    "a member that is read": "    context.value",
    "an assertion on a local value": "    errors = ()\n    assert not errors",
}


@pytest.fixture
def step(tmp_path: Path) -> Callable[..., Callable[..., object]]:
    """A step function of this body, in a file of its own: pytest would change the assertions of this one."""
    def make(body: str, signature: str = "def step(context):") -> Callable[..., object]:
        path = tmp_path / "steps.py"
        path.write_text(f"{signature}\n{body}\n")
        spec = importlib.util.spec_from_file_location("steps_of_test", path)
        module = importlib.util.module_from_spec(spec)
        with warnings.catch_warnings(action="ignore", category=SyntaxWarning):
            spec.loader.exec_module(module)
        return module.step

    return make


@pytest.mark.parametrize(("kind", "body"), [
    *((kind, body) for kind in ("given", "when", "then") for body in ALWAYS.values()),
    *(("then", body) for body in OF_A_THEN.values())])
def test_steps_that_prove_nothing(step, kind: str, body: str) -> None:
    assert problem_of(step(body), kind)


def test_a_coroutine_that_is_not_awaited_proves_nothing(step) -> None:
    assert problem_of(step("    assert context.value == 2", "async def step(context):"), "then")


@pytest.mark.parametrize(("kind", "body"), [
    *(("then", body) for body in CAN_FAIL.values()), *(("when", body) for body in OF_A_THEN.values())])
def test_steps_that_can_fail(step, kind: str, body: str) -> None:
    """A When may do nothing; only a Then must prove something."""
    assert problem_of(step(body), kind) == ""


def test_a_function_without_source_is_not_judged() -> None:
    assert problem_of(len, "then") == ""
