"""Features, steps and pages keep to the rules in which they are written (see docs/tags.md for tags).

What scenarios find out about a system is theirs; nothing here speaks to one.
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
    """A scenario as a reader of its feature meets it; `steps` are (kind, text) with those of the background."""

    where: str
    name: str
    tags: frozenset[str]
    steps: tuple[tuple[str, str], ...]
    ruled: bool


def parse(path: Path) -> Any:
    return Parser().parse(path.read_text(encoding="utf-8")) | {"uri": str(path.relative_to(ROOT))}


def pickles(path: Path) -> list[Any]:
    """Scenarios with each row of an outline filled in."""
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


def test_there_are_scenarios_enough_to_gate_with() -> None:
    """An empty suite would pass every rule below."""
    assert len(SCENARIOS) >= 34


@features
def test_a_feature_says_who_cares_and_what_breaks(path: Path) -> None:
    """The description names the people and, after "if" or "without", what they lose."""
    description = parse(path)["feature"]["description"]
    assert len(description.split()) >= 15, "who cares, and what breaks if it fails?"


@features
def test_scenarios_of_a_feature_have_names_of_their_own(path: Path) -> None:
    """A report is read by names, the rows of an outline included."""
    names = [told.name for told in told_in(path)]
    assert sorted(names) == sorted(set(names))


@scenarios
def test_tags_are_documented(told: Told) -> None:
    """The list of tags is closed: each is a row of docs/tags.md."""
    rows = re.findall(r"^\| `@([^`]+)` \|", (ROOT / "docs/tags.md").read_text(encoding="utf-8"), re.MULTILINE)
    known = re.compile("|".join(re.escape(row).replace("NAME", r"[\w-]+") for row in rows))
    assert not [tag for tag in told.tags if not known.fullmatch(tag.removeprefix("@"))]


@scenarios
def test_a_scenario_is_an_example_of_a_rule(told: Told) -> None:
    """The rule says why the example is there."""
    assert told.ruled


@scenarios
def test_a_scenario_is_three_to_six_steps_around_one_when(told: Told) -> None:
    """Given what is, when one thing happens, then what follows."""
    kinds = [kind for kind, _ in told.steps]
    assert FEWEST_STEPS <= len(kinds) <= MOST_STEPS
    assert kinds.count("When") == 1
    assert kinds == sorted(kinds, key=KINDS.index)
    assert kinds[-1] == "Then"


@scenarios
def test_a_scenario_speaks_of_people_not_of_machines(told: Told) -> None:
    """Someone who has never seen the page can read it; nobody in it is called I or we."""
    words = " ".join([told.name, *(text for _, text in told.steps)])
    assert not re.search(r"\b(I|[Ww]e|[Mm]y (?!bookings))\b", words)
    assert not OF_MACHINES.search(re.sub(r'The page "<page>"|page "<page>"', "", words))


@features
def test_platform_features_change_nothing(path: Path) -> None:
    """They are run in production too."""
    if path.parent.name == "platform":
        assert all("@read-only" in told.tags for told in told_in(path))


def definitions(path: Path) -> Iterator[tuple[str, ast.FunctionDef]]:
    """(Given, When or Then, the function) for each step definition of a module."""
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
def test_a_step_is_given_when_or_then(path: Path, kind: str, function: ast.FunctionDef) -> None:
    """`@step` would let one sentence be cause and consequence at once."""
    assert kind in KINDS


@all_definitions
def test_a_step_is_a_line_or_three_without_choice(path: Path, kind: str, function: ast.FunctionDef) -> None:
    """Choosing, repeating, catching and waiting are done by pages and services."""
    assert len(_body(function)) < MOST_STATEMENTS
    choices = (ast.If, ast.IfExp, ast.For, ast.While, ast.Try, ast.With, ast.Lambda)
    assert not [node for node in ast.walk(function) if isinstance(node, choices)]


@all_definitions
def test_a_step_knows_no_locator_url_or_clock(path: Path, kind: str, function: ast.FunctionDef) -> None:
    """What a page looks like, and where it is, is the page object's secret."""
    called = {node.attr for node in ast.walk(function) if isinstance(node, ast.Attribute)}
    assert not {name for name in called if re.match(r"get_by_|locator$|goto$|sleep$|wait_for_timeout$|query_", name)}
    inside = [node.value for statement in _body(function) for node in ast.walk(statement)
              if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    assert not [text for text in inside if re.match(r"/|https?:|[.#]\w", text) and text != "/version"]


@all_definitions
def test_a_then_asserts(path: Path, kind: str, function: ast.FunctionDef) -> None:
    """Itself, or by calling something named assert_…, which does (see the next test)."""
    if kind == "Then":
        assert any(isinstance(node, ast.Assert) for node in ast.walk(function)) or any(
            name.startswith("assert_") for name in _calls(function))


def test_whatever_is_named_assert_asserts() -> None:
    """By an assert, an `expect`, a raised AssertionError, or by calling what does one of these."""
    functions = [node for path in [*PARTIES_AND_PAGES, *LIBRARY]
                 for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                 if isinstance(node, ast.FunctionDef)]
    asserting = {"expect", "AssertionError"}  # of which the first is Playwright's
    for _ in functions:
        asserting |= {each.name for each in functions
                      if any(isinstance(node, ast.Assert) for node in ast.walk(each)) or asserting & _calls(each)}
    assert not [each.name for each in functions if re.match("_?assert_", each.name) and each.name not in asserting]


@pytest.mark.parametrize("path", STEP_FILES, ids=lambda path: path.stem)
def test_a_step_file_imports_no_other(path: Path) -> None:
    """behave runs each of them once; what they share is in steps/journey, steps/pages and steps/parties."""
    imported = [node.module or "" for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.ImportFrom)]
    assert not [module for module in imported if module.endswith("_steps")]
    assert "time" not in imported


def test_every_step_is_defined_and_every_definition_of_the_suite_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps load twice into one process without harm, as in a run's parent and its tests."""
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
