"""The verdict on a site's pages, judged from their record alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gonogo.core.errors import EvidenceError
from gonogo.model.findings import Finding, Severity
from gonogo.model.pages import BrokenAsset, OpenedPage, PageEnding, SiteEvidence, Violation
from gonogo.model.site import Site, page_address
from gonogo.records.pages import BegunLine, EndLine, PageLine, SiteLine, pages_writer, read_pages
from gonogo.report.wording import line_of, not_checked_words
from gonogo.stages.pages.judge import judge_pages, pages_not_checked, passed
from tests.masks import masker

URL = "http://shop/"
GOOD = OpenedPage(URL, PageEnding.LOADED, status=200, characters=40)
ABOUT = replace(GOOD, url="http://shop/about", linked_from=URL)
IMAGE = BrokenAsset("http://shop/logo.png", "image", own=True, status=404)
CONTRAST = Violation("color-contrast", "serious", "Elements must meet contrast thresholds", 2, "<p>")


def site(*pages: OpenedPage, closed: bool = True) -> SiteEvidence:
    return SiteEvidence(URL, 15.0, tuple(page.url for page in pages), pages, closed=closed)


def found(evidence: SiteEvidence, accessibility: str = "block") -> list[tuple[str, Severity]]:
    return [(each.rule, each.severity) for each in judge_pages(evidence, accessibility)]  # type: ignore[arg-type]


@pytest.mark.parametrize(("pages", "expected"), [
    pytest.param([replace(GOOD, ending=PageEnding.NO_ANSWER, status=None, cause="net::ERR_CONNECTION_REFUSED")],
                 [("site-not-answering", Severity.INCONCLUSIVE)], id="a site that does not answer"),
    pytest.param([replace(GOOD, ending=PageEnding.NO_ANSWER, status=None, cause="net::ERR_TOO_MANY_REDIRECTS")],
                 [("page-failed", Severity.BLOCK)], id="a front page that redirects endlessly"),
    pytest.param([replace(GOOD, ending=PageEnding.ELSEWHERE, leads_to="https://other/")],
                 [("site-elsewhere", Severity.INCONCLUSIVE)], id="a front page that leads to another site"),
    pytest.param([replace(GOOD, ending=PageEnding.FILE)], [("page-failed", Severity.BLOCK)],
                 id="a front page that is a download"),
    pytest.param([replace(GOOD, status=500)], [("page-failed", Severity.BLOCK)], id="a front page with status 500"),
    pytest.param([replace(GOOD, status=404)], [("page-failed", Severity.BLOCK)], id="a front page with status 404"),
    pytest.param([replace(GOOD, status=401)], [("site-refuses", Severity.INCONCLUSIVE)], id="a front page that needs a sign-in"),
    pytest.param([replace(GOOD, status=429)], [("site-refuses", Severity.INCONCLUSIVE)], id="a rate limit on the front page"),
    pytest.param([GOOD, replace(ABOUT, status=429)], [("site-refuses", Severity.INCONCLUSIVE)],
                 id="a rate limit on a later page"),
    pytest.param([replace(GOOD, status=None)], [("page-failed", Severity.BLOCK)], id="no status at all"),
    pytest.param([replace(GOOD, characters=0)], [("page-empty", Severity.BLOCK)], id="an empty front page"),
    pytest.param([replace(GOOD, characters=0, withheld=("POST /graphql",))], [("page-empty", Severity.INCONCLUSIVE)],
                 id="an empty page with a withheld request"),
    pytest.param([GOOD, replace(ABOUT, status=503)], [("page-failed", Severity.BLOCK)], id="a page with status 503"),
    pytest.param([GOOD, replace(ABOUT, ending=PageEnding.NO_ANSWER, status=None)], [("page-failed", Severity.BLOCK)],
                 id="a page that does not answer"),
    pytest.param([replace(GOOD, ending=PageEnding.UNFINISHED)], [("page-unfinished", Severity.BLOCK)],
                 id="a page that never finishes loading"),
    pytest.param([replace(GOOD, ending=PageEnding.UNRESPONSIVE, characters=None)],
                 [("page-unfinished", Severity.BLOCK)], id="a page whose scripts never end"),
    pytest.param([replace(GOOD, errors=("Error: boom",))], [("page-error", Severity.BLOCK)], id="an uncaught error"),
    pytest.param([replace(GOOD, errors=("Error: boom",), withheld=("POST /api",))],
                 [("page-error", Severity.INCONCLUSIVE)], id="an error that a withheld request may have caused"),
    pytest.param([replace(GOOD, assets=(IMAGE,))], [("asset-broken", Severity.BLOCK)], id="a broken image"),
    pytest.param([replace(GOOD, assets=(replace(IMAGE, own=False),))], [("asset-broken", Severity.BLOCK)],
                 id="an asset that another host reports as missing"),
    pytest.param([replace(GOOD, assets=(replace(IMAGE, own=False, status=None),))],
                 [("asset-broken", Severity.INCONCLUSIVE)], id="an asset on another host that cannot be reached"),
    pytest.param([replace(GOOD, violations=(CONTRAST,))], [("page-inaccessible", Severity.BLOCK)],
                 id="a serious violation"),
    pytest.param([replace(GOOD, violations=(replace(CONTRAST, impact="moderate"),))],
                 [("page-inaccessible", Severity.WARN)], id="a moderate violation"),
    pytest.param([replace(GOOD, check_error="accessibility: axe failed")],
                 [("page-not-checked", Severity.INCONCLUSIVE)], id="a check that failed"),
    pytest.param([replace(GOOD, status=None, check_error="browser: crashed")],
                 [("page-not-checked", Severity.INCONCLUSIVE)], id="a tab that crashed"),
    pytest.param([GOOD, replace(ABOUT, status=401), replace(ABOUT, url="http://shop/out", ending=PageEnding.ELSEWHERE),
                  replace(ABOUT, url="http://shop/a.pdf", ending=PageEnding.FILE, characters=None)], [],
                 id="a sign-in, a link to another site and a download are not faults"),
    pytest.param([GOOD, ABOUT], [], id="two good pages"),
])
def test_pages(pages: list[OpenedPage], expected: list[tuple[str, Severity]]) -> None:
    """Each fault has its rule, and a severity that shows who has to act."""
    assert found(site(*pages)) == expected


def test_incomplete_record_is_inconclusive() -> None:
    """A child process that died leaves a page that was begun but not recorded, and a record without an end."""
    evidence = replace(site(GOOD, closed=False), begun=(URL, ABOUT.url))
    assert found(evidence) == [("record-not-closed", Severity.INCONCLUSIVE),
                               ("page-not-recorded", Severity.INCONCLUSIVE)]
    assert found(SiteEvidence(URL)) == [("record-not-closed", Severity.INCONCLUSIVE)]
    assert found(SiteEvidence(URL, begun=(URL,), closed=True, fault="There is no browser.")) == [
        ("pages-fault", Severity.INCONCLUSIVE)]


@pytest.mark.parametrize("bound", ["time", "requests"])
def test_time_or_request_limit_reached_early_is_inconclusive(bound: str) -> None:
    """Fewer pages than requested are too little evidence; as many as requested are enough."""
    evidence = replace(site(GOOD), left=7, stopped_by=bound)
    assert found(evidence) == [("pages-left", Severity.INCONCLUSIVE)]
    assert found(replace(evidence, stopped_by="pages")) == []


def test_page_stopped_by_the_request_limit_is_not_a_second_finding() -> None:
    assert found(replace(site(GOOD), begun=(URL, ABOUT.url), left=1, stopped_by="requests")) == [
        ("pages-left", Severity.INCONCLUSIVE)]


def test_problem_shared_by_pages_is_one_finding() -> None:
    """If a script of the header throws on each page, the finding counts the pages and has the worst severity."""
    bad = {"errors": ("Error: boom",), "assets": (IMAGE,), "violations": (CONTRAST,)}
    pages = [replace(GOOD, **bad, withheld=("POST /api",)), replace(ABOUT, **bad)]  # type: ignore[arg-type]
    findings = judge_pages(site(*pages), "block")
    assert [(each.rule, each.severity, each.parameters.pages) for each in findings] == [  # type: ignore[attr-defined]
        (rule, Severity.BLOCK, 2) for rule in ("page-error", "asset-broken", "page-inaccessible")]
    assert "http://shop/ and 1 more page: image http://shop/logo.png: answered 404" in line_of(findings[1])


@pytest.mark.parametrize(("policy", "expected"), [("warn", [Severity.WARN]), ("ignore", [])])
def test_accessibility_policy_decides_the_severity(policy: str, expected: list[Severity]) -> None:
    assert [severity for _, severity in found(site(replace(GOOD, violations=(CONTRAST,))), policy)] == expected


def test_screenshot_is_evidence_in_the_folder_of_the_stage() -> None:
    [finding] = judge_pages(site(replace(GOOD, status=500, screenshot="page-1.png")), "block")
    assert finding.evidence == ("pages/page-1.png",)


def test_count_of_pages_without_a_fault() -> None:
    """A page with only warnings counts as passed."""
    moderate = replace(CONTRAST, impact="moderate")
    evidence = site(replace(GOOD, errors=("x",)), replace(ABOUT, violations=(moderate,)),
                    replace(ABOUT, url="http://shop/b", status=500))
    assert passed(evidence, judge_pages(evidence, "block")) == 1


def test_what_is_not_checked_is_listed() -> None:
    """The list has links that were not opened, pages behind a sign-in or on another site, and withheld requests."""
    evidence = replace(
        site(replace(GOOD, withheld=("POST http://shop/api",)), replace(ABOUT, status=401),
             replace(ABOUT, url="http://shop/out", ending=PageEnding.ELSEWHERE, leads_to="https://other/")),
        left=3, stopped_by="pages")
    assert [not_checked_words(item) for item in pages_not_checked(evidence, "ignore", 3)] == [
        "pages: 3 links not opened: the limit of 3 pages was reached",
        "pages: http://shop/about needs a sign-in",
        "pages: http://shop/out leads to another site, https://other/",
        "pages: 1 request that could change data was not sent: POST http://shop/api",
        "pages: accessibility is switched off (`pages: accessibility: ignore`)"]


@pytest.mark.parametrize(("url", "other", "held"), [
    ("http://shop/", "http://shop/a?b#c", True), ("http://shop", "http://SHOP:80/", True),
    ("http://shop/", "https://shop/", True), ("https://shop/", "http://shop/", False),
    ("http://shop:8080/", "http://shop/", False), ("http://shop/", "http://www.shop/", False),
    ("http://shop/", "https://shop:8443/", False), ("http://shop/", "mailto:ana@shop", False),
    ("http://shop/", "javascript:void(0)", False), ("http://shop/", "http://[", False), ("http://shop/", "", False),
    ("http://shop/", "http://ana:x@shop/", False), ("http://shop:8080/", "https://shop/", False), ("http://shop/", "http://shop:99999/", False),
])
def test_site_is_one_origin_and_its_https_variant(url: str, other: str, *, held: bool) -> None:
    assert Site.of(url).holds(other) is held


def test_links_to_one_page_have_one_address() -> None:
    assert {page_address(url) for url in ("http://shop", "http://shop/", "http://shop/#top")} == {"http://shop/"}


def test_record_is_read_back_unchanged(tmp_path: Path) -> None:
    """Texts may contain characters that some readers treat as a line break. A line that was cut off is left out."""
    page = replace(GOOD, errors=("a\u2028b\nc",), assets=(IMAGE,), violations=(CONTRAST,))
    path = tmp_path / "pages.ndjson"
    with pages_writer(path, masker()) as writer:
        for line in (SiteLine(schema=1, url=URL, load_s=15.0), BegunLine(url=URL), PageLine(page=page),
                     EndLine(left=2, stopped_by="pages")):
            writer.write(line)
    assert read_pages(path) == replace(site(page), left=2, stopped_by="pages")
    path.write_text(path.read_text(encoding="utf-8")[:-20], encoding="utf-8")
    assert read_pages(path) == site(page, closed=False)


@pytest.mark.parametrize("text", [
    '{"kind":"page"}\n', "no json\n", '{"kind":"begun","url":"/"}\n', '{"kind":"end","left":-1}\n',
    '{"kind":"site","schema":1,"url":"/","load_s":1}\n{"kind":"end"}\n{"kind":"end"}\n',
    '{"kind":"site","schema":1,"url":"/","load_s":1}\n{"kind":"end"}\n{"kind":"begun","url":"/"}\n',
    '{"kind":"site","schema":2,"url":"/","load_s":1}\n'])
def test_damaged_record_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "pages.ndjson"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(EvidenceError, match="damaged"):
        read_pages(path)


def test_empty_record_has_no_pages(tmp_path: Path) -> None:
    path = tmp_path / "pages.ndjson"
    path.write_text("", encoding="utf-8")
    assert found(read_pages(path)) == [("record-not-closed", Severity.INCONCLUSIVE)]


def test_titles_name_address_and_cause() -> None:
    """Each title can be understood without its evidence."""
    pages = [GOOD, replace(ABOUT, ending=PageEnding.NO_ANSWER, status=None, cause="net::ERR_EMPTY_RESPONSE"),
             replace(ABOUT, url="http://shop/slow", ending=PageEnding.UNFINISHED, pending=("http://shop/x.js",)),
             replace(ABOUT, url="http://shop/spins", ending=PageEnding.UNRESPONSIVE, characters=None),
             replace(ABOUT, url="http://shop/bad", errors=("Error: boom\x1b[0m",), violations=(CONTRAST,))]
    lines: list[str] = [line_of(finding) for finding in _of(pages)]
    assert lines == [
        "pages: page-failed: http://shop/about did not answer: net::ERR_EMPTY_RESPONSE (linked from http://shop/)",
        "pages: page-unfinished: http://shop/slow was still loading after 15 s, waiting for http://shop/x.js",
        "pages: page-unfinished: http://shop/spins: its scripts blocked the browser until the gate stopped it",
        "pages: page-error: http://shop/bad: uncaught Error: boom [0m",
        "pages: page-inaccessible: http://shop/bad: color-contrast (serious): Elements must meet contrast thresholds: "
        "2 elements, such as <p>"]


def _of(pages: list[OpenedPage]) -> list[Finding]:
    return judge_pages(site(*pages), "block")
