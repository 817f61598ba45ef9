"""Each finding of the engine has a wording, and parameters that the schema of verdict.json describes."""

from __future__ import annotations

import inspect
import re
import typing
from pathlib import Path

import pytest

from gonogo.model import not_checked as not_checked_model
from gonogo.model.calls import Edge, GapCause, Unchecked, Unrecorded, UnrecordedCause
from gonogo.model.findings import ComponentSubject, Finding, GateSubject, NoParameters, PluginParameters, Severity
from gonogo.model.identity import ScenarioId
from gonogo.model.not_checked import HistoryPart, NotChecked
from gonogo.model.rules import RULES
from gonogo.model.rules.platform import Redeployed
from gonogo.model.rules.scenarios import ScenarioEnded, ScenarioNotRun
from gonogo.model.suspects import ClueEvidence
from gonogo.records.verdict_file import verdict_schema
from gonogo.report.lines import finding_lines
from gonogo.report.wording import findings as words_of_findings
from gonogo.report.wording.not_checked import not_checked_words
from gonogo.report.wording.suspects import clue_words

ROOT = Path(__file__).parents[2]
ENGINE = {path: path.read_text(encoding="utf-8") for path in (ROOT / "gonogo").rglob("*.py")}


@pytest.mark.parametrize("rule", RULES)
def test_rule_has_words(rule: str) -> None:
    """The words depend on its parameters, or on the rule itself if it has none."""
    assert (RULES[rule] in words_of_findings.BY_PARAMETERS) != (rule in words_of_findings.BY_RULE)


def test_only_existing_rules_have_words() -> None:
    """No wording remains for a rule that was removed."""
    assert set(words_of_findings.BY_RULE) == {rule for rule, kind in RULES.items() if kind is NoParameters}
    assert set(words_of_findings.BY_PARAMETERS) <= set(RULES.values())


def test_rules_are_those_that_the_engine_reports() -> None:
    """Each rule of the table is used where findings are created, and no finding has a rule that is not in the table."""
    judging = "\n".join(text for path, text in ENGINE.items() if {"verdict", "stages", "gate"} & set(path.parts))
    assert [rule for rule in RULES if f'"{rule}"' not in judging] == []
    made = set(re.findall(r'(?:Finding\(\w+(?:\.\w+)?,|Observation\(|_doubt\((?:\w+, )?|_of_gate\(|_of_component\(\w+,) "([\w-]+)"',
                          judging))
    assert made - set(RULES) == set()


def test_each_kind_of_not_checked_has_words() -> None:
    kinds = [kind for _, kind in inspect.getmembers(not_checked_model, inspect.isclass)
             if issubclass(kind, NotChecked) and kind is not NotChecked]
    samples = {str: "x", bool: True, int: 2, float: 1.5, tuple[str, ...]: ("x",), float | None: 1.5,
               HistoryPart: HistoryPart.IMAGES, Unrecorded: Unrecorded(UnrecordedCause.TAP, 2, "x"),
               Unchecked: Unchecked(Edge("a", "b", "GET", "/c"), "response.body", GapCause.BODY)}
    assert len(kinds) > 10
    for kind in kinds:
        item = kind(*(samples[hint] for hint in typing.get_type_hints(kind).values()))
        assert not_checked_words(item) != kind.__name__
        assert re.match(r"[a-z ]+: \S", not_checked_words(item)), not_checked_words(item)


def test_each_kind_of_clue_has_words() -> None:
    assert {kind for kind in clue_words.registry if kind is not object} == set(typing.get_args(ClueEvidence))


def test_template_of_a_plugin_never_breaks_a_report() -> None:
    """The template comes from the plug-in and may be invalid; then the parameters are listed."""
    values = (("page", "/a"), ("kib", 7))
    fine = PluginParameters(values, "{page} weighs {kib} KiB")
    assert words_of_findings.plugin_words(fine) == "/a weighs 7 KiB"
    for broken in ("{", "{0}", "{page.x}", "{other}", "{page!z}", "{kib:s}"):
        assert words_of_findings.plugin_words(PluginParameters(values, broken)) == "page=/a, kib=7"


def test_schema_has_the_parameters_of_each_rule() -> None:
    conditions = verdict_schema()["$defs"]["ReasonDocument"]["allOf"]
    assert {each["if"]["properties"]["rule"]["const"] for each in conditions} == set(RULES)
    assert words_of_findings.subject_words(GateSubject()) == ""


def test_scenarios_that_were_not_executed_are_one_line() -> None:
    """The line is at the place of the first; the verdict has each of them."""
    findings = [Finding("behaviour", rule, Severity.INCONCLUSIVE, ScenarioId("a.feature", "", name),
                        ScenarioNotRun(name, 3, mandatory=name == "must")) for rule, name in
                [("scenario-not-executed", "must"), ("scenario-left-out", "y"), *(
                    ("scenario-not-executed", f"s {number}") for number in range(50))]]
    lines = [line for _, line, _ in finding_lines(findings)]
    assert lines == [
        "behaviour: scenario-not-executed: 51 scenarios were planned but not executed, 1 of them mandatory: must "
        "(a.feature:3), s 0 (a.feature:3), s 1 (a.feature:3), … (all are in verdict.json)",
        "behaviour: scenario-left-out: y (a.feature:3) is in the features but was not planned: check behave's tags, "
        "name and exclude_re, and outlines without rows"]


def test_change_of_settings_alone_names_no_image() -> None:
    """Two equal digests of an image would explain nothing."""
    image, before, after = (f"sha256:{letter * 64}" for letter in "abc")
    finding = Finding("platform", "deployed-during-run", Severity.VOID, ComponentSubject("web"),
                      Redeployed(image, image, before, after))
    assert words_of_findings.words_of(finding) == (
        "web was deployed during the run: settings sha256:cccccccccccc…; was sha256:bbbbbbbbbbbb…")


def test_refused_request_says_who_refused_it() -> None:
    finding = Finding("behaviour", "request-refused", Severity.INCONCLUSIVE, ScenarioId("features/a.feature", "", "one"),
                      ScenarioEnded("one", 3, mandatory=False, message="POST http://shop/orders (writes)"))
    assert words_of_findings.words_of(finding) == (
        "one (features/a.feature:3): the environment does not permit POST http://shop/orders (writes)")
