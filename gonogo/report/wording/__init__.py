"""The messages of a verdict: findings, suspects and unchecked items are data elsewhere and become text here."""

from gonogo.core.text import printable
from gonogo.model.findings import EndpointSubject, Finding, StageSubject
from gonogo.report.wording import (  # each registers its messages
    invariants,
    load,
    outside,
    pages,
    probe,
    run,
    scenarios,
    secrets,
    traffic,
)
from gonogo.report.wording.exceptions import waived_words
from gonogo.report.wording.findings import words_of
from gonogo.report.wording.not_checked import not_checked_words
from gonogo.report.wording.suspects import no_suspect_line, suspect_line, suspect_why

__all__ = ["invariants", "line_of", "load", "no_suspect_line", "not_checked_words", "outside", "pages", "probe", "run",
           "scenarios", "secrets", "suspect_line", "suspect_why", "title_of", "traffic", "waived_words"]


def title_of(finding: Finding) -> str:
    """The message of a finding, after the part of the stage (a load profile) that it concerns."""
    subject = finding.subject
    part = subject.part if isinstance(subject, StageSubject | EndpointSubject) else ""
    return f"{part}: {words_of(finding)}" if part else words_of(finding)


def line_of(finding: Finding) -> str:
    """`behaviour: scenario-failed: … [web → gds]`, without the evidence, whose path depends on the output."""
    pair = f"{finding.component or '?'} → {finding.peer}" if finding.peer else finding.component
    return printable(f"{finding.stage}: {finding.rule}: {title_of(finding)}" + (f" [{pair}]" if pair else "")
                     + (f" ({waived_words(finding.waived)})" if finding.waived else ""))
