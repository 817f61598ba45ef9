"""Words on the pages of a site."""

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
        why = "it needs a sign-in" if parameters.status == _UNAUTHORIZED else "it limits how many requests it takes"
        return f"{parameters.url} answered {parameters.status}: {why}"
    answered = "did not answer" if parameters.status is None else f"answered {parameters.status}"
    cause = f": {parameters.cause}" if parameters.cause else ""
    linked = f" (linked from {parameters.linked_from})" if parameters.linked_from else ""
    return f"{parameters.url} {answered}{cause}{linked}"


@words(PageUnfinished)
def _unfinished(parameters: PageUnfinished, _: Finding) -> str:
    if not parameters.responsive:
        return f"{parameters.url}: its scripts blocked the browser until it was ended"
    waiting = f", waiting for {', '.join(parameters.pending)}" if parameters.pending else ""
    return f"{parameters.url} was still loading after {parameters.limit_s:g} s{waiting}"


@words(PageEmpty)
def _empty(parameters: PageEmpty, _: Finding) -> str:
    return f"{parameters.url} shows no text"


@words(PageError)
def _error(parameters: PageError, _: Finding) -> str:
    withheld = "; a request of this page was not sent, which may be the cause" if parameters.withheld else ""
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
        return f"{parameters.url} was to be opened, and there is no record of it"
    return f"{parameters.url} could not be checked: {parameters.cause}"


@words(SiteElsewhere)
def _elsewhere(parameters: SiteElsewhere, _: Finding) -> str:
    return f"{parameters.url} leads to another site, {parameters.leads_to}; use that address to check it"


@words(PagesLeft)
def _left(parameters: PagesLeft, _: Finding) -> str:
    bound = "the time was over" if parameters.cause == "time" else "the bound on requests was reached"
    return (f"{bound} after {counted(parameters.opened, 'page')}; {counted(parameters.left, 'link')} "
            f"{'was' if parameters.left == 1 else 'were'} not opened")


def pages_not_checked_words(item: NotChecked) -> str | None:
    """`pages: …` for what the pages stage did not check; None for other items."""
    match item:
        case PagesNotOpened(left, opened):
            return f"pages: {counted(left, 'more link')}, beyond the {counted(opened, 'page')} that were to be opened"
        case PageNeedsSignIn(url):
            return f"pages: {url} needs a sign-in"
        case PageElsewhere(url, leads_to):
            return f"pages: {url} leads to another site, {leads_to}"
        case RequestsWithheld(count, example):
            return (f"pages: {counted(count, 'request')} of pages could have changed data and "
                    f"{'was' if count == 1 else 'were'} not sent: {example}")
        case PagesWithoutAccessibility():
            return "pages: accessibility is left out by `pages: accessibility: ignore`"
    return None


def _on(parameters: OfPage) -> str:
    more = parameters.pages - 1
    return parameters.url + (f" and {counted(more, 'more page')}" if more else "")
