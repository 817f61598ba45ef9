"""What `context.world.data` draws: the same for a scenario in every process, different within it and between scenarios."""

from __future__ import annotations

import subprocess
import sys
import unicodedata
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from gonogo.core.errors import ConfigError
from gonogo.model.identity import ScenarioId
from gonogo.records.drawn import MAX_VALUES
from gonogo.scenarios.drawing import addresses, emails, people, texts
from gonogo.scenarios.drawing.amounts import DECIMALS
from gonogo.scenarios.drawing.draw import Draw

ROOT = Path(__file__).parents[2]
KEY = ScenarioId("shop.feature", "A rule", "Ana pays").key
SCENARIOS = [ScenarioId("shop.feature", "A rule", f"scenario {number}").key for number in range(60)]
GOLDEN = ["Ίρις Παπαδόπουλος", "ana-unique@example.com", "'s-Gravenhekje 1-hs, 's-Hertogenbosch, 1011 TG, NL",
          "1000.000 JOD", "2028-02-29", "false", "E", "GEHCFAB"]
YEAR = (date(2028, 1, 1), date(2028, 12, 31))


def drawn_by(data: Draw) -> list[str]:
    """One value of each kind."""
    person = data.person("Ana")
    return [person.full_name, data.email(person), str(data.address("Ana")), str(data.money()), str(data.date(*YEAR)),
            data.text(), data.one("ABCDEFGH"), "".join(data.some("ABCDEFGH", at_least=3))]


@pytest.mark.parametrize("draw", [
    pytest.param(lambda data: data.person(scripts=("Latin",), max_length=1, without="OUÅYI"), id="no name that is legal"),
    pytest.param(lambda data: data.person(scripts=("Klingon",)), id="unknown script"),
    pytest.param(lambda data: data.email("Ana", forms=("quoted",)), id="unknown form of address"),
    pytest.param(lambda data: data.address(countries=("XX",)), id="unknown country"),
    pytest.param(lambda data: data.money("DOGE"), id="unknown currency"),
    pytest.param(lambda data: data.money("EUR", at_least=2, at_most=1), id="amounts the wrong way round"),
    pytest.param(lambda data: data.money("JPY", at_least="0.1", at_most="0.9"), id="no amount in between"),
    pytest.param(lambda data: data.money(at_least="dear"), id="no number"),
    pytest.param(lambda data: data.money(at_most="Infinity"), id="no finite number"),
    pytest.param(lambda data: data.date(YEAR[1], YEAR[0]), id="days the wrong way round"),
    pytest.param(lambda data: [data.date(YEAR[0], YEAR[0]) for _ in range(2)], id="two of one day"),
    pytest.param(lambda data: data.text(min_length=1000), id="no text so long"),
    pytest.param(lambda data: data.one([]), id="one of none"),
    pytest.param(lambda data: data.some("AB", at_least=3), id="three of two"),
    pytest.param(lambda data: data.some("AB", at_least=-1), id="less than none"),
])
def test_what_cannot_be_drawn_is_an_error_with_a_fix(draw) -> None:
    """No legal value is left, or an argument names something unknown: never a value that the suite excluded."""
    with pytest.raises(ConfigError) as raised:
        draw(Draw(KEY))
    assert raised.value.fix


def test_values_are_those_of_every_version() -> None:
    """These change only with the pools. If this test fails, runs are not comparable with their baselines: say so in
    the changelog.
    """
    assert drawn_by(Draw(KEY, "unique")) == GOLDEN


def test_values_do_not_depend_on_the_hash_seed() -> None:
    """Two processes with different hash seeds draw the same."""
    code = f"from tests.unit.test_drawing import *; print(ascii(drawn_by(Draw({KEY!r}, 'unique'))))"
    outputs = {subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, text=True, capture_output=True,
                              env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}).stdout for seed in ("1", "2")}
    assert outputs == {ascii(GOLDEN) + "\n"}


def test_an_attempt_differs_from_another_only_in_the_unique_part() -> None:
    """A retry types the same, and meets no account of the attempt before."""
    one, other = Draw(KEY), Draw(KEY)
    drawn_by(one), drawn_by(other)
    assert one.unique_part != other.unique_part
    assert one.unique_part.isalpha()
    for mine, yours in zip(one.drawn.values, other.drawn.values, strict=True):
        assert (mine.name, mine.value.replace(one.unique_part, "")) == (yours.name, yours.value.replace(other.unique_part, ""))
        assert bool(mine.unique) == (mine.value != yours.value)
    assert [each.name for each in one.drawn.values if each.unique] == ["the e-mail of Ana"]


def test_a_value_does_not_depend_on_what_was_drawn_before() -> None:
    """A step that is added to a scenario changes no other value of it, unless both want the same."""
    alone, later = Draw(KEY), Draw(KEY)
    for _ in range(3):
        later.text(), later.address(), later.money(), later.email("Ben")
    assert drawn_by(alone)[0] == drawn_by(later)[0]


def test_people_of_a_scenario_share_no_name() -> None:
    """Up to a party of twelve neither given names nor family names repeat, also of Latin letters alone; never do full
    names, however many there are.
    """
    for key in SCENARIOS[:20]:
        for scripts in ((), ("Latin",)):
            data = Draw(key)
            party = [data.person(str(number), scripts=scripts) for number in range(12)]
            assert len({each.given_names for each in party}) == len({each.family_name for each in party}) == 12
    data = Draw(KEY)
    assert len({data.person(str(number)).full_name for number in range(500)}) == 500


def test_people_of_a_scenario_have_names_of_different_kinds() -> None:
    """Two people of Latin letters are not both plain, or both with an apostrophe."""
    kinds = {each.text: each.kind for each in people.FAMILY}
    for key in SCENARIOS:
        data = Draw(key)
        assert len({kinds[data.person(str(number), scripts=("Latin",)).family_name] for number in range(4)}) == 4


def test_the_other_values_of_a_scenario_differ() -> None:
    """Addresses, e-mail addresses, amounts, dates and texts of a scenario differ from each other."""
    for draw in (Draw.text, Draw.address, lambda data: data.money("JPY", at_least=1, at_most=12),
                 lambda data: data.date(date(2028, 2, 26), date(2028, 3, 8))):
        data = Draw(KEY)
        assert len({str(draw(data)) for _ in range(12)}) == 12
    data = Draw(KEY)
    assert len({data.email(name) for name in ("Zoe", "Zoë", "ZOË", "לוי", "王", "Zoe-")}) == 6


def test_scenarios_differ() -> None:
    """Of sixty scenarios no two draw the same data, and of each kind most values occur in few of them."""
    drawn = [tuple(drawn_by(Draw(key, "unique"))) for key in SCENARIOS]
    assert len(set(drawn)) == len(SCENARIOS)
    assert all(len(set(values)) >= 8 for values in zip(*drawn, strict=True))


def test_the_same_name_is_the_same_value() -> None:
    """A step that names a person again gets the same person, and the record has the value once."""
    data = Draw(KEY)
    assert data.person("Ana") is data.person("Ana", scripts=("Latin",))
    assert data.email("Ana") == data.email(data.person("Ana"))
    assert data.money(name="the fare") == data.money(name="the fare")
    assert [each.name for each in data.drawn.values] == [
        "the given names of Ana", "the family name of Ana", "the e-mail of Ana", "the fare"]


@pytest.mark.parametrize("key", SCENARIOS[:20])
def test_a_system_gets_only_what_it_takes(key: str) -> None:
    """Scripts, lengths, characters, forms, countries, currencies and ranges hold."""
    data = Draw(key)
    for number in range(8):
        person = data.person(str(number), scripts=("Latin", "Greek"), max_length=20, min_length=2, without="ĦħŊŋ'’")
        assert person.script in ("Latin", "Greek")
        assert all(2 <= len(name) <= 20 and not set(name) & set("ĦħŊŋ'’") for name in (person.given_names, person.family_name))
        assert data.email(person, forms=("dot",), domain="mail.example").startswith(f"{number}.")
        text = data.text(scripts=("Latin",), max_length=12, without="<&")
        assert len(text) <= 12 and not set(text) & set("<&")
        money = data.money(("EUR", "KWD"), at_least="9.5", at_most=1200)
        assert money.currency in ("EUR", "KWD") and Decimal("9.5") <= money.amount <= 1200
        assert money.minor == money.amount * 10 ** money.decimals
        assert date(2028, 2, 1) <= data.date(date(2028, 2, 1), date(2028, 3, 5)) <= date(2028, 3, 5)
    assert data.address(countries=("JP", "HK")).country in ("JP", "HK")
    assert 2 <= len(data.some(range(5), at_least=2, at_most=3)) <= 3


def test_the_range_of_days_is_searched_for_awkward_ones() -> None:
    """Of a leap year each scenario gets a day of some note; the leap day, month ends and changes of clocks are among
    them.
    """
    drawn = {Draw(key).date(*YEAR) for key in SCENARIOS}
    assert date(2028, 2, 29) in drawn
    assert any((day + timedelta(days=1)).day == 1 for day in drawn)
    assert drawn & {date(2028, 3, 26), date(2028, 10, 29), date(2028, 3, 12), date(2028, 11, 5)}


def test_a_day_of_a_moving_range_stays() -> None:
    """A range that moves on by a day keeps the day that was drawn, as a rule."""
    first, last = YEAR
    kept = sum(Draw(key).date(first, last) == Draw(key).date(first + timedelta(days=1), last + timedelta(days=1))
               for key in SCENARIOS)
    assert kept >= len(SCENARIOS) * 0.8


def test_long_ranges_of_days_take_no_long_time() -> None:
    """All days of the calendar are a range like any other."""
    assert date.min <= Draw(KEY).date(date.min, date.max) <= date.max


def test_amounts_have_the_digits_of_their_currency() -> None:
    """0, 2 or 3 of them, also where they are zeros."""
    for currency, decimals in DECIMALS.items():
        _, _, fraction = str(Draw(KEY).money(currency).amount).partition(".")
        assert len(fraction) == decimals
    assert str(Draw(KEY).money("EUR", at_least=5, at_most=5)) == "5.00 EUR"
    assert {*DECIMALS.values()} == {0, 2, 3}


def test_pools_are_legal_and_awkward() -> None:
    """All is NFC, printable but for two spaces, and without white space at its ends; what the pools promise is there."""
    names = [each.text for each in (*people.GIVEN, *people.FAMILY)]
    parts = [part for each in addresses.ADDRESSES for part in (*each.lines, each.city, each.region, each.postal_code)]
    for text in [*names, *parts, *(each.text for each in texts.TEXTS)]:
        assert unicodedata.is_normalized("NFC", text) and text == text.strip()
        assert not {unicodedata.category(char) for char in text} & {"Cc", "Cs", "Zl", "Zp", "Co", "Cn"}
    for pool in (people.GIVEN, people.FAMILY):
        assert len({each.text for each in pool}) == len(pool)
        latin = [each.text for each in pool if each.script == "Latin"]
        assert any("'" in each for each in latin) and any("’" in each for each in latin)
        assert any("-" in each for each in latin) and any(" " in each for each in latin)
        assert any(len(each) == 1 for each in latin) and any(len(each) > 35 for each in latin)
        assert any(unicodedata.combining(char) for each in latin for char in each)
        assert {each.script for each in pool} == set(people.SCRIPTS) and len(people.SCRIPTS) >= 10
        assert all(sum(each.script == script for each in pool) >= 3 for script in people.SCRIPTS)
    assert len(addresses.COUNTRIES) >= 12


def test_a_value_that_the_suite_made_is_recorded() -> None:
    """With its unique part; a second value of the same name gets a number."""
    data = Draw(KEY, "wxyz")
    assert data.note("the holder", "ANA WXYZ", unique="WXYZ") == "ANA WXYZ"
    data.note("the holder", "ANA WXYZ", unique="WXYZ")
    for _ in range(2):
        data.note("the holder", "BEN")
    assert [(each.name, each.value, each.unique) for each in data.drawn.values] == [
        ("the holder", "ANA WXYZ", "WXYZ"), ("the holder (2)", "BEN", "")]


def test_a_scenario_that_draws_without_end_is_bounded() -> None:
    """Values past the bound are drawn, and counted as left out of the record."""
    data = Draw(KEY)
    for number in range(MAX_VALUES + 5):
        data.note(f"value {number}", "x")
    assert (len(data.drawn.values), data.drawn.left_out) == (MAX_VALUES, 5)


def test_every_method_is_documented() -> None:
    """docs/data.md has what a suite can draw, and the forms and scripts that it can name."""
    page = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    public = [name for name in vars(Draw) if not name.startswith("_") and name != "drawn"]
    assert len(public) == 9
    assert not [name for name in public if f"`{name}(" not in page]
    assert not [name for name in (*people.SCRIPTS, *emails.FORMS) if name not in page]
