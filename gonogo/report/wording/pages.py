"""Messages on the pages of a site."""

from __future__ import annotations

from gonogo.model.findings import Finding
from gonogo.model.not_checked import (
    NotChecked,
    PageElsewhere,
    PageNeedsSignIn,
    PagesNotOpened,
    PagesWithoutAccessibility,
    RequestsWithheld,
)
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
from gonogo.report.wording.findings import words
from gonogo.report.wording.text import counted

_UNAUTHORIZED = 401
_KINDS = {"frame": "the frame", "data": "the request"}


@words(PageFailed)
def _failed(parameters: PageFailed, finding: Finding) -> str:
    if finding.rule == "site-refuses":
        why = "it needs a sign-in" if parameters.status == _UNAUTHORIZED else "it limits the request rate"
        return f"{parameters.url} answered {parameters.status}: {why}"
    answered = "did not answer" if parameters.status is None else f"answered {parameters.status}"
    cause = f": {parameters.cause}" if parameters.cause else ""
    linked = f" (linked from {parameters.linked_from})" if parameters.linked_from else ""
    return f"{parameters.url} {answered}{cause}{linked}"


@words(PageUnfinished)
def _unfinished(parameters: PageUnfinished, _: Finding) -> str:
    if not parameters.responsive:
        return f"{parameters.url}: its scripts blocked the browser until the gate stopped it"
    waiting = f", waiting for {', '.join(parameters.pending)}" if parameters.pending else ""
    return f"{parameters.url} was still loading after {parameters.limit_s:g} s{waiting}"


@words(PageEmpty)
def _empty(parameters: PageEmpty, _: Finding) -> str:
    return f"{parameters.url} shows no text"


@words(PageError)
def _error(parameters: PageError, _: Finding) -> str:
    withheld = "; the gate did not send one of its requests, which may be the cause" if parameters.withheld else ""
    return f"{_on(parameters)}: uncaught {parameters.error}{withheld}"


@words(AssetBroken)
def _asset(parameters: AssetBroken, _: Finding) -> str:
    answered = f"answered {parameters.status}" if parameters.status is not None else ""
    problem = ": ".join(filter(None, [answered, parameters.cause]))
    return f"{_on(parameters)}: {_KINDS.get(parameters.kind, parameters.kind)} {parameters.asset}: {problem}"


@words(PageInaccessible)
def _inaccessible(parameters: PageInaccessible, _: Finding) -> str:
    return (f"{_on(parameters)}: {parameters.violated} ({parameters.impact}): {parameters.help}: "
            f"{counted(parameters.elements, 'element')}, such as {parameters.example}")


@words(PageNotChecked)
def _not_checked(parameters: PageNotChecked, finding: Finding) -> str:
    if finding.rule == "page-not-recorded":
        return f"{parameters.url} was planned but not recorded"
    return f"{parameters.url} could not be checked: {parameters.cause}"


@words(SiteElsewhere)
def _elsewhere(parameters: SiteElsewhere, _: Finding) -> str:
    return f"{parameters.url} leads to another site, {parameters.leads_to}; check that site by its own address"


@words(PagesLeft)
def _left(parameters: PagesLeft, _: Finding) -> str:
    limit = "time" if parameters.cause == "time" else "request"
    return (f"{counted(parameters.left, 'link')} {'was' if parameters.left == 1 else 'were'} not opened: the {limit} "
            f"limit was reached after {counted(parameters.opened, 'page')}")


def pages_not_checked_words(item: NotChecked) -> str | None:
    """`pages: …` for what the pages stage did not check; None for other items."""
    match item:
        case PagesNotOpened(left, opened):
            return f"pages: {counted(left, 'link')} not opened: the limit of {counted(opened, 'page')} was reached"
        case PageNeedsSignIn(url):
            return f"pages: {url} needs a sign-in"
        case PageElsewhere(url, leads_to):
            return f"pages: {url} leads to another site, {leads_to}"
        case RequestsWithheld(count, example):
            return (f"pages: {counted(count, 'request')} that could change data {'was' if count == 1 else 'were'} not "
                    f"sent: {example}")
        case PagesWithoutAccessibility():
            return "pages: accessibility is switched off (`pages: accessibility: ignore`)"
    return None


def _on(parameters: OfPage) -> str:
    more = parameters.pages - 1
    return parameters.url + (f" and {counted(more, 'more page')}" if more else "")
