"""What is data in a text, where it comes from, and what is wording."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from gonogo.outside.dates import with_iso_dates
from gonogo.outside.markup import text_lines
from gonogo.outside.pages import Line, lines_of
from gonogo.outside.texts import MAX_TEXT, Texts, data_of, is_opaque, shifted, wording_of

NOW = datetime(2026, 11, 29, 20, 0, tzinfo=UTC)
SOURCES = {"Ana Müller": "‹Ana: Name›", "O’Brien": "‹Bo: Surname›", "London": "", "2027-02-27": "‹Ana: Date›",
           "X7K2P9": "‹POST /b: ref›"}


@pytest.mark.parametrize(("text", "understood"), [
    ("no data at all", "no data at all"),
    ("Dear Ana Müller,", "Dear ⟦‹Ana: Name›⟧,"),
    ("Ana Müllerova", "Ana Müllerova"),
    ("O’Brien.", "⟦‹Bo: Surname›⟧."),
    ("from London, at 09:15", "from ⟦London⟧, at ⟦09:15⟧"),
    ("Booking X7K2P9", "Booking ⟦‹POST /b: ref›⟧"),
    ("Total £1,234.50 (20%)", "Total ⟦£1,234.50⟧ (⟦20%⟧)"),
    ("120,00 € and JP¥29,500", "⟦120,00 €⟧ and ⟦JP¥29,500⟧"),
    ("seat 2C on TA1007", "seat ⟦2C⟧ on ⟦TA1007⟧"),
    ("ref 123456789012", "ref ⟦‹id›⟧"),
    ("id 5f0c1d2e-1111-4222-8333-444455556666", "id ⟦‹id›⟧"),
    ("at 2026-11-29T19:58:12.5Z", "at ⟦‹now›⟧"),
    ("at 2026-11-30T19:58:00Z", "at ⟦2026-11-30T19:58:00Z⟧"),
    ("at 2025-11-29T19:58:12Z", "at ⟦2025-11-29T19:58:12Z⟧"),
    ("epoch 1795982400, count 1234567", "epoch ⟦‹now›⟧, count ⟦1234567⟧"),
    ("on 27 Feb 2027", "on ⟦‹Ana: Date›⟧"),
    ("on Sun 28 Feb 2027", "on ⟦‹Ana: Date›+1d⟧"),
    ("arrives 2027-02-27T21:05:00+08:00", "arrives ⟦‹Ana: Date›T21:05:00+08:00⟧"),
    ("search-parameters-sorted", "search-parameters-sorted"),
    ("card ***card:4f2a", "card ⟦***card:4f2a⟧"),
    ("marks ⟦ of ‹ours›", "marks [ of <ours>"),
    ("two\n  lines", "two lines"),
    ("", ""),
])
def test_text_is_understood(text: str, understood: str) -> None:
    assert Texts(SOURCES, NOW, ["en-GB"]).understood(text) == understood


def test_very_long_text_is_understood_up_to_the_bound() -> None:
    assert Texts({}, NOW).understood("a" * (MAX_TEXT - 3) + " 12 34") == "a" * (MAX_TEXT - 3) + " ⟦12⟧"


@pytest.mark.parametrize(("url", "understood"), [
    ("/bookings/X7K2P9", "/bookings/⟦‹POST /b: ref›⟧"),
    ("/bookings/5f0c1d2e9a", "/bookings/⟦‹id›⟧"),
    ("/book?date=2027-02-27&n=2", "/book?date=⟦‹Ana: Date›⟧&n=⟦2⟧"),
    ("https://shop.example:8443/a#top", "https://shop.example:8443/a#top"),
    ("mailto:help@shop.example", "mailto:help@shop.example"),
    ("http://[broken", "http://[broken"),
])
def test_address_is_understood(url: str, understood: str) -> None:
    assert Texts(SOURCES, NOW).understood_url(url) == understood


def test_data_and_wording_are_told_apart() -> None:
    understood = "departs ⟦09:15⟧ from ⟦London⟧"
    assert data_of(understood) == ("09:15", "London")
    assert wording_of(understood) == "departs □ from □"


@pytest.mark.parametrize(("text", "opaque"), [
    ("confirmed", False), ("2027-02-27", False), ("09:15", False), ("GBP", False), ("London2", False), ("12345678", False),
    ("123456789", True), ("3f2a9c1b", True), ("x7K2p9Q", True), ("1795982400", False), ("eyJhbGciOiJIUzI1NiJ9", True)])
def test_generated_id_is_opaque(text: str, opaque: bool) -> None:
    assert is_opaque(text) is opaque


@pytest.mark.parametrize(("text", "iso"), [
    ("Sat, 27 Feb 2027, 1 passenger", "2027-02-27, 1 passenger"), ("Sun, Apr 11, 2027", "2027-04-11"),
    ("Fr., 9. Apr. 2027", "2027-04-09"), ("Mo., 22. März 2027", "2027-03-22"), ("2027年2月27日(土)", "2027-02-27"),
    ("lun. 1 mars 2027", "2027-03-01"), ("12 Dec", "2026-12-12"), ("2 Jan", "2027-01-02"),
    ("Mon 27 Feb 2027", "Mon 2027-02-27"), ("31 Feb 2027", "31 Feb 2027"), ("12 NİSAN 2027", "12 NİSAN 2027"), ("12 ſep 2027", "12 ſep 2027"), ("Maya 12", "Maya 12"), ("May", "May")])
def test_date_in_words_becomes_an_iso_date(text: str, iso: str) -> None:
    """A weekday that is not the date's own stays in the text: it is wrong."""
    assert with_iso_dates(text, {"de-DE", "ja-JP", "fr-FR", "en-GB", "tr-TR"}, date(2026, 11, 29)) == iso


def test_unknown_language_is_left_out() -> None:
    assert with_iso_dates("12 Dec", {"xx-YY", "", "klingon"}, date(2026, 11, 29)) == "2026-12-12"


def test_dates_move_with_the_day_of_the_run() -> None:
    assert shifted("on ⟦2026-12-31⟧ and ⟦9999-12-31⟧", 1) == "on ⟦2027-01-01⟧ and ⟦9999-12-31⟧"


def test_lines_of_a_page() -> None:
    tree = """- banner:
  - link "Home":
    - /url: /
- main:
  - heading "Your booking: X" [level=1]
  - textbox "From": London
  - checkbox "Terms" [checked]
  - 'button "Pay: now"'
  - paragraph: "Total: £120"
  - text: it's
  - row "a b":
    - cell "a"
    - cell "b \\"c\\""
  - img
  - list:
    - listitem: One
- nonsense"""
    assert list(lines_of(tree)) == [
        Line("/url", "/"), Line("heading", "Your booking: X"), Line("heading state", "[level=1]"), Line("textbox", "From"),
        Line("textbox value", "London"), Line("checkbox", "Terms"), Line("checkbox state", "[checked]"), Line("button", "Pay: now"),
        Line("paragraph", "Total: £120"), Line("text", "it's"), Line("cell", "a"), Line("cell", 'b "c"'),
        Line("listitem", "One")]


def test_lines_of_an_html_mail() -> None:
    html = ('<html><head><title>T</title><style>p {}</style></head><body><h1>Hi <b>Ana</b></h1><p>See &amp; go '
            '<a href="https://x.example/b">here</a><br>now</p><img src="/p.png" alt="Plan"><p>open')
    assert list(text_lines(html)) == [
        ("", "Hi Ana"), (" a href", "https://x.example/b"), ("", "See & go here"), ("", "now"),
        (" img src", "/p.png"), (" img alt", "Plan"), ("", "open")]


@pytest.mark.parametrize(("text", "understood"), [
    ("price: low", "price: low"), ("RFRNPP-ticket", "⟦‹locator›⟧-ticket"), ("/pnrs/RFRNPP/ticket", "/pnrs/⟦‹locator›⟧/ticket"),
    ("XRFRNPP-ticket", "XRFRNPP-ticket"), ("gs0042-x", "⟦‹number in other letters›⟧"),
    ("ana.lopez@example.com", "⟦‹Ana: Email in other letters›⟧"), ("ANA.LOPEZ@EXAMPLE.COM", "⟦‹Ana: Email in other letters›⟧"),
    ("Ana.Lopez@example.com", "⟦‹Ana: Email›⟧"), ("green tea", "green tea")],
    ids=["a word that is a name too", "before a dash", "in a path", "in a longer word", "small letters", "an address", "capitals", "as it was typed",
         "what stands for itself"])
def test_value_in_a_word_or_in_other_letters_keeps_its_name(text: str, understood: str) -> None:
    sources = {"RFRNPP": "‹locator›", "GS0042-X": "‹number›", "Price": "‹Ana: Surname›", "Ana.Lopez@example.com": "‹Ana: Email›", "Green tea": ""}
    assert Texts(sources, datetime(2026, 11, 29, tzinfo=UTC)).understood(text) == understood


@pytest.mark.parametrize(("text", "opaque"), [
    ("PNihUdoCfcIZlcppjpvOKuaPFnfGHhq2", True), ("PNihUdoCfcIZlcppjpvO", True), ("PNihUdoCfcIZ", False),
    ("GET_ALL_THE_ORDERS_NOW", False), ("Internationalization", False), ("orders/confirmed/today", False)])
def test_token_with_hardly_a_figure_is_opaque(text: str, opaque: bool) -> None:
    assert is_opaque(text) == opaque


def test_address_of_an_answer_has_an_id_in_its_path() -> None:
    texts = Texts({}, NOW)
    assert texts.understood_url("http://bank.test/challenge/PNihUdoCfcIZlcppjpvOKuaP") == "http://bank.test/challenge/⟦‹id›⟧"
