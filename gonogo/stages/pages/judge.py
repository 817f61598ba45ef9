"""Judges a site's pages from their record. Pure.

A problem that many pages share (a script of the header that throws) is one finding with the number of pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from gonogo.config.base import Policy
from gonogo.config.model import Pages
from gonogo.model.findings import EndpointSubject, Finding, Severity, StageSubject
from gonogo.model.not_checked import (
    NotChecked,
    PageElsewhere,
    PageNeedsSignIn,
    PagesNotOpened,
    PagesWithoutAccessibility,
    RequestsWithheld,
)
from gonogo.model.pages import BrokenAsset, OpenedPage, PageEnding, SiteEvidence, Violation
from gonogo.model.rules.gate import ErrorReported
from gonogo.model.rules.pages import (
    AssetBroken,
    OfPage,
    PageEmpty,
    PageError,
    PageFailed,
    PageInaccessible,
    PageNotChecked,
    PagesLeft,
    PageUnfinished,
    SiteElsewhere,
)
from gonogo.model.stages import JudgedStage, StageFigures, StageResult
from gonogo.records.pages import PAGES_FILE

STAGE = "pages"
_NEEDS_SIGN_IN = 401
_TOO_MANY = 429
_STOPPING_IMPACTS = ("serious", "critical")
# Something answered, and no browser can make anything of it.
_ANSWERED_BADLY = ("net::ERR_TOO_MANY_REDIRECTS", "net::ERR_INVALID_REDIRECT", "net::ERR_INVALID_HTTP_RESPONSE")
_OPENED = (PageEnding.LOADED, PageEnding.UNFINISHED, PageEnding.UNRESPONSIVE, PageEnding.FILE)


@dataclass(slots=True)
class _Shared:
    """Findings that may be of many pages, by what they are about; the first page that has one gives it its place."""

    found: dict[tuple[object, ...], Finding] = field(default_factory=dict)

    def add(self, finding: Finding, *key: object) -> None:
        known = self.found.get((finding.rule, *key))
        if known is None:
            self.found[finding.rule, *key] = finding
        elif isinstance(known.parameters, OfPage):
            self.found[finding.rule, *key] = replace(
                known, parameters=replace(known.parameters, pages=known.parameters.pages + 1),
                severity=_worse(known.severity, finding.severity))


def judge_result(result: StageResult, pages: Pages) -> JudgedStage:
    """Findings, figures, and what was not checked; no evidence is judged by the rules for any stage."""
    site = result.evidence
    if not isinstance(site, SiteEvidence):
        return JudgedStage()
    findings = judge_pages(site, pages.accessibility)
    good = passed(site, findings)
    return JudgedStage(
        findings, StageFigures(result.planned, result.executed, good, result.executed - good,
                               duration_s=result.duration_s, unit="pages"),
        list(pages_not_checked(site, pages.accessibility, pages.max_pages)))


def judge_pages(site: SiteEvidence, accessibility: Policy, folder: str = STAGE) -> list[Finding]:
    """All findings, in the order of the pages. `folder` is where record and pictures lie, in the run folder."""
    findings = list(_of_record(site))
    if site.pages:
        findings += _of_front(site.pages[0])
        for page in site.pages[1:]:
            findings += _of_answer(page)
        findings += _of_contents(site, accessibility)
    return [replace(finding, evidence=tuple(f"{folder}/{name}" for name in finding.evidence or (PAGES_FILE,)))
            for finding in findings]


def pages_not_checked(site: SiteEvidence, accessibility: Policy, max_pages: int) -> Iterator[NotChecked]:
    if site.stopped_by == "pages":
        yield PagesNotOpened(site.left, max_pages)
    for page in site.pages[1:]:
        if page.status == _NEEDS_SIGN_IN:
            yield PageNeedsSignIn(page.url)
        elif page.ending is PageEnding.ELSEWHERE:
            yield PageElsewhere(page.url, page.leads_to)
    withheld = dict.fromkeys(request for page in site.pages for request in page.withheld)
    if withheld:
        yield RequestsWithheld(len(withheld), next(iter(withheld)))
    if accessibility == "ignore":
        yield PagesWithoutAccessibility()


def passed(site: SiteEvidence, findings: Iterable[Finding]) -> int:
    """How many pages nothing above a warning was found on."""
    against = {finding.parameters.url for finding in findings if finding.severity is not Severity.WARN
               and isinstance(finding.parameters, OfPage | PageFailed | PageUnfinished | PageNotChecked)}
    return sum(page.url not in against for page in site.pages)


def _of_record(site: SiteEvidence) -> Iterator[Finding]:
    """What the record itself lacks: whatever is not in it is not known to be good."""
    stage = StageSubject(STAGE)
    if site.fault:
        yield Finding(STAGE, "pages-fault", Severity.INCONCLUSIVE, stage, ErrorReported(site.fault))
    elif not site.closed:
        yield Finding(STAGE, "record-not-closed", Severity.INCONCLUSIVE, stage)
    recorded = [page.url for page in site.pages]
    for url in site.begun if not site.fault else ():
        if url not in recorded and not (site.stopped_by == "requests" and url == site.begun[-1]):
            yield Finding(STAGE, "page-not-recorded", Severity.INCONCLUSIVE, _page(url), PageNotChecked(url, ""))
    if site.stopped_by in ("time", "requests"):
        yield Finding(STAGE, "pages-left", Severity.INCONCLUSIVE, stage,
                      PagesLeft(site.left, len(site.pages), site.stopped_by))


def _of_front(page: OpenedPage) -> Iterator[Finding]:
    """Of the page that users come to: where it does not answer, nothing was learnt about the release."""
    failed = PageFailed(page.url, page.status, page.cause)
    if page.ending is PageEnding.NO_ANSWER and page.cause not in _ANSWERED_BADLY:
        yield Finding(STAGE, "site-not-answering", Severity.INCONCLUSIVE, _page(page.url), failed)
    elif page.ending is PageEnding.ELSEWHERE:
        yield Finding(STAGE, "site-elsewhere", Severity.INCONCLUSIVE, _page(page.url),
                      SiteElsewhere(page.url, page.leads_to))
    elif page.ending is PageEnding.FILE and (page.status or 0) < 400:
        yield Finding(STAGE, "page-failed", Severity.BLOCK, _page(page.url),
                      replace(failed, cause="it is a download, or has no content"))
    elif page.status in (_NEEDS_SIGN_IN, _TOO_MANY):
        yield Finding(STAGE, "site-refuses", Severity.INCONCLUSIVE, _page(page.url), failed, evidence=_picture(page))
    else:
        yield from _of_answer(page)


def _of_answer(page: OpenedPage) -> Iterator[Finding]:
    subject, status = _page(page.url), page.status
    failed = PageFailed(page.url, status, page.cause, page.linked_from)
    if page.ending is PageEnding.NO_ANSWER:
        yield Finding(STAGE, "page-failed", Severity.BLOCK, subject, failed)
    elif page.ending is PageEnding.ELSEWHERE or status == _NEEDS_SIGN_IN or (page.check_error and status is None):
        return
    elif status == _TOO_MANY:
        yield Finding(STAGE, "site-refuses", Severity.INCONCLUSIVE, subject, failed, evidence=_picture(page))
    elif status is None or status >= 400:
        yield Finding(STAGE, "page-failed", Severity.BLOCK, subject, failed, evidence=_picture(page))


def _of_contents(site: SiteEvidence, accessibility: Policy) -> Iterator[Finding]:
    """What is wrong with pages that answered well."""
    shared = _Shared()
    for page in site.pages:
        if page.ending not in _OPENED or (page.status or 0) >= 400:
            continue
        for finding, *key in (*_of_loading(page, site.load_s), *_of_scripts(page), *_of_assets(page),
                              *_of_accessibility(page, accessibility)):
            shared.add(finding, *key)
    yield from shared.found.values()


_Keyed = tuple[Finding, object]


def _of_loading(page: OpenedPage, load_s: float) -> Iterator[_Keyed]:
    if page.ending in (PageEnding.UNFINISHED, PageEnding.UNRESPONSIVE):
        parameters = PageUnfinished(page.url, load_s, page.ending is PageEnding.UNFINISHED, page.pending)
        yield Finding(STAGE, "page-unfinished", Severity.BLOCK, _page(page.url), parameters,
                      evidence=_picture(page)), page.url
    if page.characters == 0:
        yield Finding(STAGE, "page-empty", _own_doing(page), _page(page.url), PageEmpty(page.url),
                      evidence=_picture(page)), page.url


def _of_scripts(page: OpenedPage) -> Iterator[_Keyed]:
    for error in page.errors:
        parameters = PageError(page.url, error=error, withheld=bool(page.withheld))
        yield Finding(STAGE, "page-error", _own_doing(page), _page(page.url), parameters,
                      evidence=_picture(page)), error


def _of_assets(page: OpenedPage) -> Iterator[_Keyed]:
    for asset in page.assets:
        parameters = AssetBroken(page.url, asset=asset.url, kind=asset.kind, status=asset.status, cause=asset.cause)
        yield Finding(STAGE, "asset-broken", _severity_of(asset), _page(page.url), parameters,
                      evidence=_picture(page)), asset.url


def _of_accessibility(page: OpenedPage, policy: Policy) -> Iterator[_Keyed]:
    if page.check_error:
        yield Finding(STAGE, "page-not-checked", Severity.INCONCLUSIVE, _page(page.url),
                      PageNotChecked(page.url, page.check_error)), page.url
    for violation in page.violations if policy != "ignore" else ():
        parameters = PageInaccessible(page.url, violated=violation.rule, impact=violation.impact, help=violation.help,
                                      elements=violation.elements, example=violation.example)
        yield Finding(STAGE, "page-inaccessible", _severity_of_violation(violation, policy), _page(page.url),
                      parameters, evidence=_picture(page)), violation.rule


def _own_doing(page: OpenedPage) -> Severity:
    """What a page lacks or throws once a request of it was withheld may come of that."""
    return Severity.INCONCLUSIVE if page.withheld else Severity.BLOCK


def _severity_of(asset: BrokenAsset) -> Severity:
    """Another host that cannot be reached from here may be reached by users."""
    return Severity.BLOCK if asset.own or asset.status is not None else Severity.INCONCLUSIVE


def _severity_of_violation(violation: Violation, policy: Policy) -> Severity:
    stops = policy == "block" and violation.impact in _STOPPING_IMPACTS
    return Severity.BLOCK if stops else Severity.WARN


_WORST_FIRST: Sequence[Severity] = tuple(Severity)


def _worse(one: Severity, other: Severity) -> Severity:
    return min(one, other, key=_WORST_FIRST.index)


def _page(url: str) -> EndpointSubject:
    parts = urlsplit(url)
    return EndpointSubject(f"GET {parts.path or '/'}" + (f"?{parts.query}" if parts.query else ""))


def _picture(page: OpenedPage) -> tuple[str, ...]:
    return (page.screenshot,) if page.screenshot else ()
