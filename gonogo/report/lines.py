"""The findings of a verdict as lines, worst first. Many findings of one rule become fewer lines with a count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from gonogo.core.text import printable
from gonogo.model.findings import Finding, Severity
from gonogo.report.wording import line_of
from gonogo.report.wording.scenarios import scenarios_not_run

_MAX_ALIKE = {"contract-broken": 10, "shape-changed": 10}  # lines shown of these rules; verdict.json has all
# A run that stops early has many of these for one reason: above this number they become one line.
_TOGETHER = {"scenario-not-executed": 3, "scenario-left-out": 3}

Line = tuple[Severity, str, str]  # severity, text, the evidence to look at first ("" for none)


def finding_lines(findings: Sequence[Finding]) -> Iterator[Line]:
    """One line per finding; grouped findings stand at the place of the first."""
    for group in _of_one_rule(findings):
        stage, rule, severity = group[0].stage, group[0].rule, group[0].severity
        if len(group) > _TOGETHER.get(rule, len(group)):
            yield severity, printable(f"{stage}: {rule}: {scenarios_not_run(group)} (all are in verdict.json)"), ""
            continue
        most = _MAX_ALIKE.get(rule, len(group))
        for finding in group[:most]:
            yield severity, line_of(finding), finding.evidence[0] if finding.evidence else ""
        if len(group) > most:
            yield severity, printable(f"{stage}: {rule}: {len(group) - most} more in verdict.json"), ""


def _of_one_rule(findings: Iterable[Finding]) -> Iterator[list[Finding]]:
    """One group for each rule in `_TOGETHER` or `_MAX_ALIKE`; every other finding is a group of one."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for number, finding in enumerate(findings):
        many = (finding.rule in _TOGETHER or finding.rule in _MAX_ALIKE) and not finding.waived
        key = (finding.stage, finding.rule, finding.severity, -1 if many else number)
        groups.setdefault(key, []).append(finding)
    yield from groups.values()
