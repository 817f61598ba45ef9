"""The shop's public address, as visitors and strangers meet it."""

from __future__ import annotations

from behave import given, then, when
from behave.runner import Context

from steps.journey import journey


@given("the environment has a public address")
def has_public_address(context: Context) -> None:
    assert context.world.environment.url


@given("a visitor has opened the public address")
@when("a visitor opens the public address")
def opens_public_address(context: Context) -> None:
    journey(context).answers["visitor"] = journey(context).front_door.open()


@when("the visitor comes back")
def comes_back(context: Context) -> None:
    seen = journey(context).answers["visitor"]
    journey(context).answers["visitor"] = journey(context).front_door.come_back(seen)


@when("a stranger asks for bookings")
def asks_for_bookings(context: Context) -> None:
    journey(context).answers["stranger"] = journey(context).front_door.ask_for_bookings()


@when("a visitor asks for the airports")
def asks_for_airports(context: Context) -> None:
    journey(context).answers["visitor"] = journey(context).front_door.ask_for_airports()


@then("the visitor gets a web page")
def gets_web_page(context: Context) -> None:
    journey(context).front_door.assert_web_page(journey(context).answers["visitor"])


@then("the visitor is told that nothing has changed")
def nothing_has_changed(context: Context) -> None:
    journey(context).front_door.assert_unchanged(journey(context).answers["visitor"])


@then("the web page forbids foreign scripts and frames")
def forbids_foreign_scripts(context: Context) -> None:
    journey(context).front_door.assert_guarded(journey(context).answers["visitor"])


@then("the stranger is refused as not signed in")
def stranger_is_refused(context: Context) -> None:
    journey(context).front_door.assert_not_signed_in(journey(context).answers["stranger"])


@then("every airport has a city and a known time zone")
def airports_are_whole(context: Context) -> None:
    journey(context).front_door.assert_airports(journey(context).answers["visitor"])
