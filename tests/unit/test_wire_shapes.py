"""Shapes are learnt from exchanges, merge in any order, and are compared without false alarms."""

from __future__ import annotations

import itertools
import json
import random
import uuid
from collections.abc import Callable

import pytest

from gonogo.model.calls import Difference, Edge, FacetValue, ShapeChange
from gonogo.model.exchange import Body, Exchange, Message
from gonogo.report.wording.traffic import is_words, was_words
from gonogo.traffic.shapes import Shapes, differences

JSON = (("Content-Type", "application/json"),)
MASKED = "***token:4f2a"
TODAY = 1_764_000_000


def message(body: object = None, headers: tuple[tuple[str, str], ...] = JSON) -> Message:
    if body is None:
        return Message(headers)
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    mime = next((value.partition(";")[0] for name, value in headers if name.lower() == "content-type"), "")
    return Message(headers, Body(mime, len(text), text))


def exchange(sent: object = None, answer: object = None, *, status: int = 200, url: str = "http://b/charges",
             scenario: str = "", sent_headers: tuple[tuple[str, str], ...] = JSON,
             headers: tuple[tuple[str, str], ...] = JSON) -> Exchange:
    return Exchange("POST", url, status, request=message(sent, sent_headers), response=message(answer, headers),
                    caller="payments", callee="bank", scenario=scenario)


def was(found: Difference) -> str:
    return was_words(found.changes, found.answers)


def is_now(found: Difference) -> str:
    return is_words(found.changes)


def learnt(exchanges: list[Exchange]) -> Shapes:
    shapes = Shapes()
    for each in exchanges:
        shapes.learn(each)
    return shapes


def compared(then: list[Exchange], now: list[Exchange], *ignore: str) -> tuple[Difference, ...]:
    return differences(learnt(now), learnt(then), ignore=ignore)


def of_values(then: list[object], now: list[object]) -> list[tuple[str, str, str]]:
    """The reported differences of a request field with the values `then` in the baseline and `now` in this run."""
    return [(each.where, was(each), is_now(each)) for each in compared(
        [exchange({"field": value}) for value in then], [exchange({"field": value}) for value in now])]


def numbered(count: int, make: Callable[[int], object]) -> list[object]:
    return [make(number) for number in range(count)]


def twelve_digits(number: int) -> str:
    return str(100_000_000_000 + number * 7_919)


def test_payment_ids_with_a_new_format_are_reported() -> None:
    """In the baseline they were 12 digits, now they are UUIDs."""
    then = [exchange({"merchant_reference": twelve_digits(number)}) for number in range(37)]
    now = [exchange({"merchant_reference": str(uuid.UUID(int=number**9 + 10**37))}, scenario="features/pay.feature:8")
           for number in range(12)]

    found = compared(then, now)

    assert found == (Difference(
        edge=Edge("payments", "bank", "POST", "/charges"), where="request.body.merchant_reference",
        changes=(ShapeChange("format", (FacetValue("digits", (12,)),), (FacetValue("uuid"),)),), answers="", baseline_count=37, count=12, total=12, scenarios=("features/pay.feature:8",),
        examples=found[0].examples),)
    assert len(found[0].examples) == 2


def test_space_before_a_name_is_the_only_difference() -> None:
    """The names themselves differ in length and characters, which is not reported."""
    names = ["Ana", "Yuki", "Greta", "Jean Luc", "O'Neil", "Zoë"]
    then = [exchange({"name": names[number % 6]}) for number in range(37)]
    now = [exchange({"name": " " + names[number % 6]}) for number in range(12)]

    (found,) = compared(then, now)

    assert (found.where, was(found), is_now(found)) == ("request.body.name", "without white space at its start or end", "starts with a space")
    assert (found.baseline_count, found.count, found.total) == (37, 12, 12)
    assert found.examples[0].startswith(" ")


NAMES = ["Ana", "Zoë", "Grüne Wiese", "Łódź"]
CHANGES: dict[str, tuple[Callable[[int], object], Callable[[int], object], str, str]] = {
    "leading zeros lost": (lambda n: f"{n * 37:08d}", lambda n: f"{n * 37 + 100}", "digits of length 8", "digits of length"),
    "number as text": (lambda n: n * 37, lambda n: str(n * 37), "an integer", "a string (digits"),
    "text as number": (twelve_digits, lambda n: int(twelve_digits(n)), "a string (digits of length 12)", "an integer"),
    "list became an object": (lambda n: [{"a": n}], lambda n: {"a": n}, "an array", "an object"),
    "null instead of a text": (twelve_digits, lambda n: None, "a string (digits of length 12)", "null"),
    "trailing line break": (lambda n: NAMES[n % 4], lambda n: NAMES[n % 4] + "\n", "without white space at its start or end", "ends with a line break"),
    "NFD": (lambda n: NAMES[n % 4], lambda n: "Zoe\N{COMBINING DIAERESIS}" if n % 2 else "Ana", "composed", "decomposed"),
    "mojibake": (lambda n: "Zoë", lambda n: "Zoë".encode().decode("latin-1"), "composed", "UTF-8 read as Latin-1"),
    "escaped": (lambda n: ["O'Neil", "Ana"][n % 2], lambda n: ["O&#39;Neil", "Ana"][n % 2], "without markup", "HTML-escaped"),
    "escaped twice": (lambda n: "A & B", lambda n: "A &amp;amp; B", "without markup", "HTML-escaped twice"),
    "locator in lower case": (lambda n: f"X{n:02d}QPZ", lambda n: f"x{n:02d}qpz", "locator", "letters and digits of length 6"),
    "status in capitals": (lambda n: "confirmed", lambda n: "CONFIRMED", "always confirmed", "CONFIRMED"),
    "new value of an enumeration": (lambda n: ["open", "paid"][n % 2], lambda n: ["open", "on_hold"][n % 2], "one of open, paid", "on_hold"),
    "cents instead of units": (lambda n: 80 + n * 3, lambda n: (80 + n * 3) * 100, "around", "around"),
    "ms instead of s": (lambda n: 3600, lambda n: 3_600_000, "around", "around"),
    "decimal comma": (lambda n: f"{n}.50", lambda n: f"{n},50", "number with decimal point", "number with decimal comma"),
    "rounded differently": (lambda n: n + 0.25, lambda n: n + 0.255, "2 decimal places", "3 decimal places"),
    "local time instead of UTC": (lambda n: f"2026-11-{n % 28 + 1:02d}T10:00:00Z", lambda n: f"2026-11-{n % 28 + 1:02d}T10:00:00", "UTC date-time", "local date-time"),
    "offset lost": (lambda n: f"2026-11-{n % 28 + 1:02d}T10:00:00+01:00", lambda n: f"2026-11-{n % 28 + 1:02d}T10:00:00", "date-time with offset", "local date-time"),
    "date with time": (lambda n: f"2026-11-{n % 28 + 1:02d}", lambda n: f"2026-11-{n % 28 + 1:02d}T00:00:00Z", "ISO date", "UTC date-time"),
    "epoch in ms": (lambda n: TODAY + n, lambda n: (TODAY + n) * 1000, "seconds since 1970", "milliseconds since 1970"),
    "64 bits": (lambda n: 10**6 + n, lambda n: 2**62 + n, "an exact number", "a number beyond 2^53"),
    "negative": (lambda n: n + 1, lambda n: -n - 1, "above 0", "below 0"),
    "a list that is always empty": (lambda n: [1] * (n % 3 + 1), lambda n: [], "many items", "empty"),
    "URL instead of path": (lambda n: f"/bookings/a{n}", lambda n: f"http://10.0.0.1:8304/bookings/a{n}", "path", "URL"),
    "JSON in a text": (lambda n: {"a": n}, lambda n: json.dumps({"a": n}), "an object", "a string (JSON in a text)"),
    "currency as symbol": (lambda n: ["EUR", "GBP"][n % 2], lambda n: ["€", "£"][n % 2], "currency code", "text"),
    "empty text": (twelve_digits, lambda n: "", "digits of length 12", "empty text"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_change_of_kind_is_reported_once_for_its_field(name: str) -> None:
    before, after, was_then, now = CHANGES[name]

    found = of_values(numbered(30, before), numbered(15, after))

    assert [where for where, _, _ in found][:1] == ["request.body.field"], found
    assert found[0][1].startswith(was_then), found
    assert found[0][2].startswith(now), found
    assert len([each for each in found if each[0] == "request.body.field"]) == 1


@pytest.mark.parametrize("name", CHANGES)
def test_unchanged_kinds_are_not_reported(name: str) -> None:
    before, after, _, _ = CHANGES[name]

    assert of_values(numbered(30, before), numbered(15, lambda number: before(number + 30))) == []
    assert of_values(numbered(30, after), numbered(15, lambda number: after(number + 30))) == []


def test_missing_and_renamed_members() -> None:
    then = [exchange(answer={"id": n, "currency": "EUR"}) for n in range(20)]

    assert [(each.where, was(each), is_now(each)) for each in compared(then, [exchange(answer={"id": n}) for n in range(20)])] == [
        ("response.body.currency", "always present", "missing")]
    renamed = compared(then, [exchange(answer={"id": n, "currency_code": "EUR"}) for n in range(20)])
    assert [(each.where, was(each), is_now(each)) for each in renamed] == [
        ("response.body.currency", "always present", "missing"), ("response.body.currency_code", "never present", "present")]


def test_missing_field_names_the_scenarios_that_lack_it() -> None:
    """No exchange has the field, but it must be found for each scenario whose failure it may explain."""
    then = [exchange(url="http://b/charges?currency=GBP&amount=1")] * 40
    now = [exchange(url="http://b/charges?amount=1", scenario=f"a.feature:{line}") for line in (3, 9)] * 10
    (found,) = compared(then, now)
    assert (found.where, is_now(found), found.scenarios) == (
        "request.query.currency", "missing", ("a.feature:3", "a.feature:9"))


def test_member_missing_in_some_responses_is_reported_with_its_count() -> None:
    then = [exchange(answer={"id": n, "currency": "EUR"}) for n in range(40)]
    now = [exchange(answer={"id": n, "currency": "EUR"} if n % 6 else {"id": n}) for n in range(40)]

    (found,) = compared(then, now)

    assert (found.where, is_now(found), found.baseline_count, found.count, found.total) == (
        "response.body.currency", "missing", 40, 7, 40)


def test_items_of_lists_have_one_place() -> None:
    then = [exchange({"passengers": [{"name": "Ana"}, {"name": "Zoë"}]}) for _ in range(10)]
    now = [exchange({"passengers": [{"name": "Ana "}, {"name": "Zoë "}]}) for _ in range(10)]

    assert [(each.where, is_now(each), each.total) for each in compared(then, now)] == [
        ("request.body.passengers[].name", "ends with a space", 20)]


def test_list_that_lost_its_order_names_the_member_it_was_sorted_by() -> None:
    def flights(order: Callable[[list[int]], list[int]]) -> list[Exchange]:
        found = []
        for n in range(12):
            departures = order([n % 7 + hour for hour in range(5)])
            found.append(exchange(answer={"flights": [{"no": (hour * 7) % 11, "departs": f"2026-11-02T{hour:02d}:00:00Z"}
                                                      for hour in departures]}))
        return found

    shuffled = random.Random(1)
    found = compared(flights(sorted), flights(lambda hours: shuffled.sample(hours, len(hours))))

    assert [(each.where, was(each), is_now(each)) for each in found] == [
        ("response.body.flights", "sorted by departs, ascending", "unsorted")]
    assert compared(flights(sorted), flights(sorted)) == ()


def test_accidental_order_is_not_a_difference() -> None:
    """Lists of two items may be sorted by chance."""
    pairs = [exchange(answer=[n, n + 1]) for n in range(5)]

    assert compared(pairs, [exchange(answer=[3, 2]) for _ in range(5)]) == ()


HEADERS = {
    "gone": ((("X-Request-Region", "eu"), *JSON), JSON, "response.header.X-Request-Region", "always present", "missing"),
    "charset": ((("Content-Type", "text/html; charset=utf-8"),), (("content-type", "text/html"),),
                "response.header.Content-Type", "always text/html; charset=utf-8", "text/html"),
    "encoding added": (JSON, (*JSON, ("Content-Encoding", "gzip")), "response.header.Content-Encoding", "never present", "present"),
    "cookie": ((*JSON, ("Set-Cookie", "sid=***cookie:4f2a; Path=/; HttpOnly; SameSite=Lax; Max-Age=3600")),
               (*JSON, ("set-cookie", "sid=***cookie:4f2a; path=/; httponly; samesite=Strict; max-age=3600")),
               "response.header.Set-Cookie.sid", "always HttpOnly; Path=/; SameSite=Lax; lasting", "HttpOnly; Path=/; SameSite=Strict; lasting"),
    "cors": ((*JSON, ("Access-Control-Allow-Origin", "https://a")), JSON, "response.header.Access-Control-Allow-Origin", "always present", "missing"),
    "caching": ((*JSON, ("Cache-Control", "no-store")), (*JSON, ("Cache-Control", "max-age=86400")),
                "response.header.Cache-Control", "always no-store", "max-age=86400"),
}


@pytest.mark.parametrize("name", HEADERS)
def test_relevant_headers_are_compared(name: str) -> None:
    before, after, where, was_then, now = HEADERS[name]

    found = compared([exchange(answer="x", headers=before) for _ in range(12)],
                     [exchange(answer="x", headers=after) for _ in range(12)])

    assert [(each.where, was(each), is_now(each)) for each in found] == [(where, was_then, now)]


def test_other_ports_are_not_a_difference() -> None:
    def at(port: int) -> list[Exchange]:
        policy = f"default-src 'self'; form-action 'self' http://127.0.0.1:{port}"
        return [exchange(answer="x", headers=(*JSON, ("Content-Security-Policy", policy))) for _ in range(12)]

    assert compared(at(8309), at(9509)) == ()


def test_items_of_one_list_are_not_independent_evidence() -> None:
    """One additional search in another market returns many flights with another currency."""
    def flights(*currencies: str) -> list[Exchange]:
        return [exchange(answer={"flights": [{"currency": currency}] * 8}) for currency in currencies]

    assert compared(flights(*["GBP"] * 5), flights(*["GBP"] * 5, "EUR")) == ()
    assert compared(flights(*["GBP"] * 5), flights(*["EUR"] * 5))


def test_masked_value_counts_only_as_present() -> None:
    assert of_values(numbered(20, twelve_digits), [MASKED, f"ed9a{MASKED}-680c3"] * 6) == []


def test_transport_headers_and_spelling_are_not_differences() -> None:
    before = (*JSON, ("Date", "x"), ("X-Request-Id", "1"), ("Vary", "Cookie, Accept"), ("traceparent", "00-1"))
    after = (("content-type", "application/JSON"), ("vary", "accept,  cookie"))

    assert compared([exchange(answer={}, headers=before) for _ in range(12)],
                    [exchange(answer={}, headers=after) for _ in range(12)]) == ()


def test_recording_without_headers_or_bodies_has_no_differences() -> None:
    then = [exchange({"a": 1}, {"b": 2}) for _ in range(20)]
    bare = [exchange({"a": 1}, {"b": 2}, sent_headers=(), headers=()).__class__(
        "POST", "http://b/charges", 200, caller="payments", callee="bank") for _ in range(20)]

    assert compared(then, bare) == ()


def test_query_form_path_and_status() -> None:
    form = (("Content-Type", "application/x-www-form-urlencoded"),)
    then = [exchange("name=Ana&size=10", {}, url=f"http://b/charges/{n + 100}?page={n % 2 + 1}", sent_headers=form) for n in range(20)]
    now = [exchange("name=+Ana", {}, url=f"http://b/charges/{uuid.UUID(int=n * 10**30)}?page={n % 2}", sent_headers=form,
                    status=200 if n % 2 else 500) for n in range(20)]

    found = {each.where: (was(each), is_now(each)) for each in compared(then, now)}

    assert found["request.body.name"] == ("without white space at its start or end", "starts with a space")
    assert found["request.body.size"] == ("always present", "missing")
    assert found["request.query.page"] == ("one of 1, 2", "0")
    assert found["request.path.id"] == ("digits of length 3", "uuid")
    assert found["response.status"] == ("200", "500")


def test_rare_kind_is_not_reported_as_new() -> None:
    """By the rule of three, few values cannot show that a kind does not occur."""
    def texts(count: int, odd: int) -> list[object]:
        return [f" {twelve_digits(n)}" if n < odd else twelve_digits(n) for n in range(count)]

    assert of_values(texts(2, 0), texts(12, 12)) == [], "two values are no habit"
    assert of_values(texts(40, 0), texts(40, 1)) == [], "one of forty may come after forty without"
    assert of_values(texts(40, 1), texts(40, 3)) == [], "it was there before"
    assert of_values(texts(40, 0), texts(40, 8))
    assert of_values(texts(400, 0), texts(10, 1))


def test_errors_are_learnt_separately_from_successes() -> None:
    """Additional refused scenarios do not make the members of a successful response rare."""
    answers = [exchange(answer={"id": n, "total": 3}) for n in range(20)]
    refused = [exchange(answer={"detail": "no"}, status=422) for n in range(20)]

    assert compared([*answers, *refused[:4]], [*answers[:10], *refused]) == ()


def test_ignored_places_are_not_reported() -> None:
    then, now = [exchange({"a": {"b": "1"}}) for _ in range(9)], [exchange({"a": {"b": " 1"}}) for _ in range(9)]

    assert len(compared(then, now)) == 1
    for entry in ("POST /charges request.body.a.b", "* /charges request.body.a", "post /ch* *.b", "* * request.body.*"):
        assert compared(then, now, entry) == (), entry
    assert len(compared(then, now, "GET /charges request.body.a.b", "POST /charges request.body.c")) == 1
    lists = [exchange({"a": [{"b": "1"}]}) for _ in range(9)], [exchange({"a": [{"b": " 1"}]}) for _ in range(9)]
    assert compared(*lists, "POST /charges request.body.a[].b") == (), "brackets mean themselves"
    assert len(compared(*lists, "POST /charges request.body.a1.b")) == 1


def test_strongest_difference_comes_first() -> None:
    def body(n: int, *, after: bool) -> object:
        return {"sure": twelve_digits(n) if not after else str(uuid.UUID(int=n * 10**30)),
                "unsure": " a" if after and n % 4 == 0 else "a", **({"added": 1} if after else {})}

    found = compared([exchange(body(n, after=False)) for n in range(30)], [exchange(body(n, after=True)) for n in range(30)])

    assert [each.where.rpartition(".")[2] for each in found] == ["sure", "unsure", "added"]


def test_values_that_vary_are_not_differences() -> None:
    """Random ids, prices, times and texts of two runs from the same distributions are compared many times."""
    def run(seed: int) -> list[Exchange]:
        dice = random.Random(seed)
        return [exchange(
            {"id": uuid.UUID(int=dice.getrandbits(128)).hex, "short": f"{dice.getrandbits(32):08x}", "price": dice.randint(40, 2000),
             "rate": round(dice.random() * 3, 2), "locator": "".join(dice.choices("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", k=6)),
             "name": dice.choice(["Ana", "Jean Luc", "O'Neil", "Zoë", "yuki", "GRETA"]), "seat": f"{dice.randint(1, 40)}{dice.choice('ABCDEF')}",
             "at": f"2026-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}T10:00:00.{dice.randint(1, 999):03d}Z",
             "token": "".join(dice.choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", k=43)),
             **({"note": "x"} if dice.random() < 0.3 else {})},
            {"items": sorted(dice.sample(range(1000), dice.randint(0, 5))), "more": dice.random() < 0.5}) for _ in range(40)]

    told = [each for seed in range(0, 60, 2) for each in compared(run(seed), run(seed + 1))]

    assert len(told) <= 3, [(each.where, was(each), is_now(each), each.examples) for each in told]  # of 360 comparisons


def sample(seed: int, count: int = 30) -> list[Exchange]:
    dice = random.Random(seed)
    values: list[object] = ["a", "B", " c", "", None, 1, 2.5, True, [], [1, 2], {"x": 1}, "2026-01-01", "EUR", "é", MASKED]
    return [exchange({dice.choice("abc"): dice.choice(values), "n": [{"k": dice.choice(values)} for _ in range(dice.randint(0, 3))],
                      **{f"m{dice.randint(0, 60)}": twelve_digits(dice.randint(0, 99))}},
                     {"s": dice.choice([f"v{n}" for n in range(20)])}, status=dice.choice([200, 201, 404]),
                     url=f"http://b/{dice.choice(['x', 'y'])}/{dice.randint(1, 99)}", scenario=f"f:{dice.randint(1, 9)}")
            for _ in range(count)]


def test_shapes_merge_in_any_order() -> None:
    """Merging is associative and commutative, and gives the same shapes as learning all exchanges at once."""
    for seed in range(6):
        parts = [sample(seed * 10 + number) for number in range(3)]
        whole = learnt([each for part in parts for each in part]).as_document()
        for order in itertools.permutations(parts):
            left = learnt(order[0])
            for part in order[1:]:
                left.merge(learnt(part))
            assert left.as_document() == whole
            right = learnt(order[2])
            right.merge(learnt(order[1]))
            first = learnt(order[0])
            first.merge(right)
            assert first.as_document() == whole


def test_document_is_complete_and_limited_in_size() -> None:
    shapes = learnt(sample(1, 200))
    document = json.loads(json.dumps(shapes.as_document()))
    assert Shapes.from_document(document).as_document() == shapes.as_document()

    wide = learnt([exchange({f"m{n}_{m}": f"value{n}-{m}" * 50 for m in range(50)}, scenario=f"f:{n}") for n in range(200)])
    assert len(json.dumps(wide.as_document())) < 600_000

    with pytest.raises(ValueError, match="is 2, must be 1"):
        Shapes.from_document({**document, "version": 2})
    with pytest.raises(ValueError):
        Shapes.from_document({"version": 1, "endpoints": [{"nonsense": 1}]})


def test_members_named_by_values_are_one_place() -> None:
    then = [exchange(answer={"by_id": {str(uuid.UUID(int=n * 10**30)): {"ok": True}}}) for n in range(10)]
    now = [exchange(answer={"by_id": {str(uuid.UUID(int=n * 10**31)): {"ok": " "}}}) for n in range(10)]

    assert [each.where for each in compared(then, now)] == ["response.body.by_id.*.ok"]
