"""Searching for flights, and what is found."""

from __future__ import annotations

from behave import given, then, when
from behave.runner import Context

from steps.journey import journey


@given("{name:Name} visits the shop")
def visits(context: Context, name: str) -> None:
    journey(context).shop(name).search.open()


@given("{name:Name} is signed in and has chosen that flight from a search")
def has_chosen(context: Context, name: str) -> None:
    journey(context).choose_flight(name)


@given("{name:Name} has chosen that flight without being signed in")
def has_chosen_as_stranger(context: Context, name: str) -> None:
    journey(context).shop(name).results.open(journey(context).flight)
    journey(context).shop(name).results.choose(journey(context).flight)
    journey(context).shop(name).sign_in.assert_asked()


@when("{name:Name} searches for that flight")
def searches(context: Context, name: str) -> None:
    journey(context).shop(name).search.search_for(journey(context).flight)


@when("{name:Name} searches for that flight for {passengers:d} passengers")
def searches_for_passengers(context: Context, name: str, passengers: int) -> None:
    journey(context).shop(name).search.search_for(journey(context).flight, passengers)


@when('{name:Name} searches for flights from {origin:City} to {destination:City} on "{day:Text}"')
def searches_on(context: Context, name: str, origin: str, destination: str, day: str) -> None:
    journey(context).shop(name).search.open()
    journey(context).shop(name).search.search(origin, destination, day)


@when("{name:Name} searches for flights from {origin:City} to {destination:City} {days:d} days from today")
def searches_days_from_today(context: Context, name: str, origin: str, destination: str, days: int) -> None:
    journey(context).search(name, origin, destination, days=days)


@when("{name:Name} searches for that flight by keyboard")
def searches_by_keyboard(context: Context, name: str) -> None:
    journey(context).shop(name).search.open()
    journey(context).shop(name).search.search_by_keyboard(journey(context).flight)


@when("{name:Name} goes back")
def goes_back(context: Context, name: str) -> None:
    journey(context).shop(name).go_back()


@then('{name:Name} sees that the flight departs at "{departs:Text}" and arrives at "{arrives:Text}"')
def sees_times(context: Context, name: str, departs: str, arrives: str) -> None:
    journey(context).shop(name).results.assert_times(journey(context).flight, departs, arrives)


@then('{name:Name} sees the arrival marked "{mark:Text}"')
def sees_mark(context: Context, name: str, mark: str) -> None:
    journey(context).shop(name).results.assert_arrival_marked(journey(context).flight, mark)


@then('{name:Name} sees that the flight takes "{duration:Text}"')
def sees_duration(context: Context, name: str, duration: str) -> None:
    journey(context).shop(name).results.assert_duration(journey(context).flight, duration)


@then('{name:Name} sees the price "{price:Text}"')
def sees_price(context: Context, name: str, price: str) -> None:
    journey(context).shop(name).results.assert_price(journey(context).flight, price)


@then('{name:Name} sees "{text:Text}" on that flight')
def sees_seats(context: Context, name: str, text: str) -> None:
    journey(context).shop(name).results.assert_seats(journey(context).flight, text)


@then("{name:Name} sees that flight among the flights found")
def sees_flight(context: Context, name: str) -> None:
    journey(context).shop(name).results.assert_found(journey(context).flight)


@then("{name:Name} is not offered that flight")
def is_not_offered(context: Context, name: str) -> None:
    journey(context).shop(name).results.assert_not_offered(journey(context).flight)


@then("{name:Name} is told that no flights were found")
def is_told_of_none(context: Context, name: str) -> None:
    journey(context).shop(name).results.assert_nothing_found()


@then("{name:Name} can choose that flight by keyboard")
def can_choose_by_keyboard(context: Context, name: str) -> None:
    journey(context).shop(name).results.choose_by_keyboard(journey(context).flight)
    journey(context).shop(name).booking_form.assert_open(journey(context).flight)
