"""Scenarios that draw their data, against a ticket office: what only a second person's other values can break is caught,
and what was drawn is in the evidence.
"""

from __future__ import annotations

import http.server
import json
import re
from pathlib import Path

import pytest

from gonogo.model.drawn import DrawnValue
from gonogo.records.drawn import DRAWN_FILE, read_drawn
from tests.serving import serving

FEATURE = """
Feature: Tickets
  Rule: Each ticket names its own guest
    Scenario: A company goes to the opera
      When Ana orders tickets for three guests
      Then each guest has a ticket in their own name
    Scenario: A couple goes to the opera
      When Ana orders tickets for two guests
      Then each guest has a ticket in their own name
"""
STEPS = """
def order(context, number):
    data = context.world.data
    guests = [data.person(f"guest {each}") for each in range(1, number + 1)]
    order = {"for": data.email("Ana"), "names": [each.full_name for each in guests]}
    context.names = order["names"]
    answer = context.world.http.post(context.world.environment.url + "/orders", json=order)
    context.tickets = answer.json()["tickets"]

@when("Ana orders tickets for three guests")
def three(context):
    order(context, 3)

@when("Ana orders tickets for two guests")
def two(context):
    order(context, 2)

@then("each guest has a ticket in their own name")
def own_names(context):
    assert context.tickets == context.names, f"tickets for {context.tickets}"
"""


class _TicketOffice(http.server.BaseHTTPRequestHandler):
    """Prints what it is asked for; as `fault=last-name` it prints the last guest's name on every ticket."""

    fault = ""

    def do_POST(self) -> None:
        order = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        tickets = [order["names"][-1]] * len(order["names"]) if self.fault == "last-name" else order["names"]
        body = json.dumps({"tickets": tickets}).encode()
        self.send_response(201)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class _MixingOffice(_TicketOffice):
    fault = "last-name"


@pytest.fixture(params=[_TicketOffice])
def office(request: pytest.FixtureRequest, suite):
    """The suite of a ticket office that works, or of the one that is asked for."""
    with serving(request.param) as url:
        suite.url = url
        suite.environments()
        suite.feature(FEATURE)
        suite.steps(STEPS)
        yield suite


def drawn_in(ended, name: str) -> tuple[DrawnValue, ...]:
    return read_drawn(ended.folder(name)).values


def sent_in(folder: Path) -> list[str]:
    return [entry["request"]["postData"]["text"] for entry in json.loads((folder / "exchanges.har").read_text())["log"]["entries"]]


@pytest.mark.parametrize("office", [_MixingOffice], indirect=True)
def test_a_fault_that_equal_guests_would_hide_fails_the_scenarios(office) -> None:
    """Every ticket names the last guest. The output and world.txt list what was drawn."""
    ended = office.behave()
    assert ended.code == 1
    guests = drawn_in(ended, "A company goes to the opera")
    world = (ended.folder("A company goes to the opera") / "world.txt").read_text()
    for each in guests:
        new = f" (new in each attempt: {each.unique})" if each.unique else ""
        assert f"drawn: {each.name}: {each.value!r}{new}" in world
        assert f"drawn: {each.name}: {each.value!r}{new}" in ended.stdout


def test_values_are_the_same_in_each_run_and_others_in_each_scenario(office) -> None:
    """Two runs of two scenarios: only the unique part of the address is new. What is recorded is what was sent."""
    runs = []
    for number in (1, 2):
        ended = office.behave("-D", f"run={number}")
        assert ended.code == 0, ended.stderr
        folders = [ended.folder(name) for name in ("A company goes to the opera", "A couple goes to the opera")]
        runs.append([read_drawn(folder).values for folder in folders])
        for folder, values in zip(folders, runs[-1], strict=True):
            [sent] = sent_in(folder)
            assert all(each.value in json.dumps(json.loads(sent), ensure_ascii=False) for each in values)
        (office.root / "runs").rename(office.root / f"runs-{number}")
    for scenario in (0, 1):
        first, second = runs[0][scenario], runs[1][scenario]
        assert [(each.name, each.value.replace(each.unique or "\0", "…")) for each in first] == [
            (each.name, each.value.replace(each.unique or "\0", "…")) for each in second]
        assert {each.unique for each in first} != {each.unique for each in second}
    assert not {each.value for each in runs[0][0]} & {each.value for each in runs[0][1]}


@pytest.mark.parametrize("office", [_MixingOffice], indirect=True)
def test_a_retry_types_the_same_with_a_new_unique_part(office) -> None:
    ended = office.behave("-D", "retries=1")
    attempts = [read_drawn(path.parent).values for path in sorted(ended.runs.glob(f"*/behaviour/*company*/{DRAWN_FILE}"))]
    assert len(attempts) == 2
    assert [each for each in attempts[0] if not each.unique] == [each for each in attempts[1] if not each.unique]
    assert {each.unique for each in attempts[0]} != {each.unique for each in attempts[1]}


def test_scenarios_that_draw_nothing_have_no_record_of_it(office) -> None:
    """Neither in their folder nor in what a failure prints."""
    office.feature("Feature: F\n  Scenario: plain\n    Given it works\n    Then it fails\n")
    ended = office.behave()
    assert not list(ended.runs.glob(f"*/behaviour/*/{DRAWN_FILE}"))
    assert "drawn:" not in ended.stdout + (ended.folder("plain") / "world.txt").read_text()


def test_drawn_secrets_are_not_printed(office) -> None:
    """A value with the name of a secret is masked in the record, and left out of what a failure prints."""
    office.feature("Feature: F\n  Scenario: secret\n    Given a password\n    Then it fails\n")
    office.steps("@given('a password')\ndef password(context):\n"
                 "    context.world.data.note('the password of Ana', 'correct-horse-' + 'battery')\n"
                 "    context.world.data.note('the number of her card', '4111111111111' + '111')\n"
                 "    context.world.data.note('the name on her card', 'ANA NULL')\n", "secret")
    ended = office.behave()
    password, number, name = drawn_in(ended, "secret")
    assert re.fullmatch(r"\*\*\*password:[0-9a-f]{4}", password.value)
    printed = ended.stdout + (ended.folder("secret") / "world.txt").read_text()
    assert "drawn: the password of Ana: (password)" in printed
    assert "drawn: the name on her card: 'ANA NULL'" in printed
    assert name.value == "ANA NULL"
    assert not [secret for secret in ("correct-horse-battery", "4111111111111111") if secret in printed + number.value]


def test_the_same_values_without_the_runner_of_gonogo(office) -> None:
    """behave's own runner, for a debugger: the same scenario draws the same."""
    ours = office.behave()
    with_ours = drawn_in(ours, "A couple goes to the opera")
    theirs = office.behave("-r", "behave.runner:Runner", "--no-capture", "-D", "gonogo.evidence=plain")
    assert theirs.code == 0, theirs.stdout
    [folder] = (office.root / "plain").glob("*couple*")
    assert [each for each in read_drawn(folder).values if not each.unique] == [each for each in with_ours if not each.unique]
