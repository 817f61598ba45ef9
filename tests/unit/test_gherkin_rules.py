"""Features, steps and pages follow the writing rules of the suite (see docs/tags.md for tags).

These tests only read the files. They send nothing to a system.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from behave.model import Step
from behave.runner_util import load_step_modules
from behave.step_registry import registry
from gherkin.parser import Parser
from gherkin.pickles.compiler import Compiler

ROOT = Path(__file__).resolve().parents[2]
FEATURES = sorted(ROOT.glob("features/**/*.feature"))
STEP_FILES = sorted(ROOT.glob("steps/*_steps.py"))
LIBRARY = sorted(ROOT.glob("gonogo/steps/*.py"))
PARTIES_AND_PAGES = sorted(ROOT.glob("steps/*/*.py"))

FEWEST_STEPS, MOST_STEPS = 3, 6
MOST_STATEMENTS = 4
OF_MACHINES = re.compile(
    r"\b(click\w*|button\w*|fields?|forms?|URLs?|selectors?|JSON|HTTP|API|status codes?|checkbox\w*|drop-?downs?"
    r"|CSS|XPath|DOM|HTML|database|endpoint)\b",
    re.IGNORECASE,
)
KINDS = ("Given", "When", "Then")
BEHAVE_KINDS = (*KINDS, "Step")


@dataclass(frozen=True, slots=True)
class Told:
    """A scenario as its reader sees it; `steps` are (kind, text) and include those of the background."""

    where: str
    name: str
    tags: frozenset[str]
    steps: tuple[tuple[str, str], ...]
    ruled: bool


def parse(path: Path) -> Any:
    return Parser().parse(path.read_text(encoding="utf-8")) | {"uri": str(path.relative_to(ROOT))}


def pickles(path: Path) -> list[Any]:
    """The scenarios of a file; an outline is one scenario per row, with its values filled in."""
    return Compiler().compile(parse(path))


def told_in(path: Path) -> Iterator[Told]:
    feature = parse(path)["feature"]
    yield from _told(path, feature, frozenset(_tags(feature)), (), ruled=False)


def _told(path: Path, parent: Any, tags: frozenset[str], before: tuple[tuple[str, str], ...], *,
          ruled: bool) -> Iterator[Told]:
    for child in parent["children"]:
        if "background" in child:
            before += _steps(child["background"])
        elif "rule" in child:
            yield from _told(path, child["rule"], tags | set(_tags(child["rule"])), before, ruled=True)
        else:
            scenario = child["scenario"]
            where = f"{path.relative_to(ROOT)}:{scenario['location']['line']}"
            yield Told(where, scenario["name"], tags | set(_tags(scenario)), before + _steps(scenario), ruled)


def _tags(node: Any) -> list[str]:
    examples = [tag for table in node.get("examples", ()) for tag in table["tags"]]
    return [tag["name"] for tag in [*node["tags"], *examples]]


def _steps(node: Any) -> tuple[tuple[str, str], ...]:
    kinds: list[str] = []
    for step in node["steps"]:
        keyword = step["keyword"].strip()
        kinds.append(kinds[-1] if keyword in ("And", "But", "*") else keyword)
    return tuple(zip(kinds, [step["text"] for step in node["steps"]], strict=True))


SCENARIOS = [told for path in FEATURES for told in told_in(path)]
scenarios = pytest.mark.parametrize("told", SCENARIOS, ids=lambda told: told.where)
features = pytest.mark.parametrize("path", FEATURES, ids=lambda path: path.stem)


def test_suite_has_enough_scenarios() -> None:
    """Without scenarios, every rule below would pass."""
    assert len(SCENARIOS) >= 34


@features
def test_feature_describes_its_purpose(path: Path) -> None:
    """The description is long enough to name the people and, after "if" or "without", what they lose."""
    description = parse(path)["feature"]["description"]
    assert len(description.split()) >= 15, "who cares, and what breaks if it fails?"


@features
def test_scenario_names_are_unique_in_a_feature(path: Path) -> None:
    """Reports identify scenarios by name. An outline counts once."""
    names = [told.name for told in told_in(path)]
    assert sorted(names) == sorted(set(names))


@scenarios
def test_tags_are_documented(told: Told) -> None:
    """The list of tags is closed: each tag is a row of docs/tags.md."""
    rows = re.findall(r"^\| `@([^`]+)` \|", (ROOT / "docs/tags.md").read_text(encoding="utf-8"), re.MULTILINE)
    known = re.compile("|".join(re.escape(row).replace("NAME", r"[\w-]+") for row in rows))
    assert not [tag for tag in told.tags if not known.fullmatch(tag.removeprefix("@"))]


@scenarios
def test_scenario_belongs_to_a_rule(told: Told) -> None:
    """The rule states what the scenario is an example of."""
    assert told.ruled


@scenarios
def test_scenario_has_three_to_six_steps_with_one_when(told: Told) -> None:
    """The steps are in the order Given, When, Then: a state, one event, its outcome."""
    kinds = [kind for kind, _ in told.steps]
    assert FEWEST_STEPS <= len(kinds) <= MOST_STEPS
    assert kinds.count("When") == 1
    assert kinds == sorted(kinds, key=KINDS.index)
    assert kinds[-1] == "Then"


@scenarios
def test_scenario_avoids_technical_terms_and_the_first_person(told: Told) -> None:
    """A reader who has never seen the page understands the scenario. No step is in the first person."""
    words = " ".join([told.name, *(text for _, text in told.steps)])
    assert not re.search(r"\b(I|[Ww]e|[Mm]y (?!bookings))\b", words)
    assert not OF_MACHINES.search(re.sub(r'The page "<page>"|page "<page>"', "", words))


@features
def test_platform_features_change_nothing(path: Path) -> None:
    """Platform features also run in production, so each of their scenarios is @read-only."""
    if path.parent.name == "platform":
        assert all("@read-only" in told.tags for told in told_in(path))


def definitions(path: Path) -> Iterator[tuple[str, ast.FunctionDef]]:
    """(Given, When, Then or Step, the function) for each step definition of a module."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            names = [each.func.id for each in node.decorator_list
                     if isinstance(each, ast.Call) and isinstance(each.func, ast.Name)]
            yield from ((name.title(), node) for name in names[:1] if name.title() in BEHAVE_KINDS)


DEFINITIONS = [(path, kind, function) for path in [*STEP_FILES, *LIBRARY] for kind, function in definitions(path)]
all_definitions = pytest.mark.parametrize(
    ("path", "kind", "function"), DEFINITIONS,
    ids=[f"{path.stem}.{function.name}" for path, _, function in DEFINITIONS])


@all_definitions
def test_step_is_given_when_or_then(path: Path, kind: str, function: ast.FunctionDef) -> None:
    """`@step` would allow the same sentence as an event and as an outcome."""
    assert kind in KINDS


@all_definitions
def test_step_has_at_most_three_statements_and_no_control_flow(path: Path, kind: str, function: ast.FunctionDef) -> None:
    """Pages and services branch, loop, catch and wait; steps do not."""
    assert len(_body(function)) < MOST_STATEMENTS
    choices = (ast.If, ast.IfExp, ast.For, ast.While, ast.Try, ast.With, ast.Lambda)
    assert not [node for node in ast.walk(function) if isinstance(node, choices)]


@all_definitions
def test_step_contains_no_locator_url_or_sleep(path: Path, kind: str, function: ast.FunctionDef) -> None:
    """Only the page object knows the elements and the address of a page."""
    called = {node.attr for node in ast.walk(function) if isinstance(node, ast.Attribute)}
    assert not {name for name in called if re.match(r"get_by_|locator$|goto$|sleep$|wait_for_timeout$|query_", name)}
    inside = [node.value for statement in _body(function) for node in ast.walk(statement)
              if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    assert not [text for text in inside if re.match(r"/|https?:|[.#]\w", text) and text != "/version"]


@all_definitions
def test_then_step_asserts(path: Path, kind: str, function: ast.FunctionDef) -> None:
    """It contains an assert, or calls a function named assert_…, which the next test checks."""
    if kind == "Then":
        assert any(isinstance(node, ast.Assert) for node in ast.walk(function)) or any(
            name.startswith("assert_") for name in _calls(function))


def test_functions_named_assert_do_assert() -> None:
    """Each contains an assert, an `expect` or a raised AssertionError, or calls a function that does."""
    functions = [node for path in [*PARTIES_AND_PAGES, *LIBRARY]
                 for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                 if isinstance(node, ast.FunctionDef)]
    asserting = {"expect", "AssertionError"}  # `expect` is Playwright's
    for _ in functions:
        asserting |= {each.name for each in functions
                      if any(isinstance(node, ast.Assert) for node in ast.walk(each)) or asserting & _calls(each)}
    assert not [each.name for each in functions if re.match("_?assert_", each.name) and each.name not in asserting]


@pytest.mark.parametrize("path", STEP_FILES, ids=lambda path: path.stem)
def test_step_file_imports_no_other_step_file(path: Path) -> None:
    """behave runs each step file once. Shared code is in steps/journey, steps/pages and steps/parties."""
    imported = [name for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else
                             [each.name for each in node.names] if isinstance(node, ast.Import) else [])]
    assert not [module for module in imported if module.endswith("_steps")]
    assert "time" not in imported


def test_every_step_is_defined_and_every_definition_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """The steps load twice in one process without error, as in the parent process of a run and in its tests."""
    monkeypatch.syspath_prepend(str(ROOT))
    for _ in range(2):
        load_step_modules([str(ROOT / "steps")])
    used = set()
    for path in FEATURES:
        for pickle in pickles(path):
            for step in pickle["steps"]:
                definition = registry.find_step_definition(
                    Step(str(path), 1, step["type"], _KIND[step["type"]], step["text"]))
                assert definition is not None, f"{path.name}: {step['text']}"
                used.add(definition)
    everything = {each for kind in _KIND.values() for each in registry.steps[kind]}
    of_suite = {each for each in everything if Path(each.location.filename).name.endswith("_steps.py")}
    assert of_suite
    assert not [each.pattern for each in of_suite - used]


_KIND = {"Context": "given", "Action": "when", "Outcome": "then"}


def _body(function: ast.FunctionDef) -> list[ast.stmt]:
    documented = ast.get_docstring(function) is not None
    return function.body[1:] if documented else function.body


def _calls(function: ast.FunctionDef) -> set[str]:
    called = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    return {each.attr if isinstance(each, ast.Attribute) else each.id for each in called
            if isinstance(each, ast.Attribute | ast.Name)}
