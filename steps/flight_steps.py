"""Flights that a scenario has to itself, and who sits on them."""

from __future__ import annotations

import calendar
from datetime import date

from behave import given, register_type, then
from behave.runner import Context
from parse import with_pattern

from steps.journey import journey
from steps.parties.cards import Card


@with_pattern(r"\d+ h \d+ min")
def parse_duration(text: str) -> int:
    """ "7 h 25 min" as minutes."""
    hours, _, minutes, _ = text.split()
    return int(hours) * 60 + int(minutes)


@with_pattern(r"\d+\.\d\d")
def parse_cents(text: str) -> int:
    """ "189.00" as cents."""
    return int(text.replace(".", ""))


@with_pattern(r"[^\W\d_]+(?: [A-Z]\w*)*")
def parse_city(text: str) -> str:
    """A city as the shop calls it: "New York"."""
    return text


@with_pattern("|".join(calendar.month_name[1:]))
def parse_month(text: str) -> date:
    """A day to come in the month of that name, within a year."""
    month, today = list(calendar.month_name).index(text), date.today()
    days = [date(year, month, day) for year in (today.year, today.year + 1) for day in (1, 15)]
    return next(day for day in days if day > today)


register_type(Month=parse_month, Duration=parse_duration, Cents=parse_cents, City=parse_city)


@given("a flight")
def a_flight(context: Context) -> None:
    journey(context).open_any_flight()


@given("a flight with {seats:d} seats")
@given("a flight with {seats:d} seat")
def a_flight_with_seats(context: Context, seats: int) -> None:
    journey(context).open_any_flight(seats=seats)


@given("a flight for {cents:Cents} EUR")
def a_flight_for(context: Context, cents: int) -> None:
    journey(context).open_any_flight(fare=cents)


@given("a flight from {origin:City} to {destination:City}")
def a_flight_between(context: Context, origin: str, destination: str) -> None:
    journey(context).open_flight_between(origin, destination)


@given("a flight from {origin:City} to {destination:City} with {seats:d} seats")
@given("a flight from {origin:City} to {destination:City} with {seats:d} seat")
def a_flight_between_with_seats(context: Context, origin: str, destination: str, seats: int) -> None:
    journey(context).open_flight_between(origin, destination, seats=seats)


@given("a flight from {origin:City} to {destination:City} for {cents:Cents} EUR")
def a_flight_between_for(context: Context, origin: str, destination: str, cents: int) -> None:
    journey(context).open_flight_between(origin, destination, fare=cents)


@given("a flight from {origin:City} to {destination:City} that leaves at {time} and takes {minutes:Duration}")
def a_flight_that_leaves_at(context: Context, origin: str, destination: str, time: str, minutes: int) -> None:
    journey(context).open_flight = journey(context).reservations.open_flight(
        origin, destination, earliest_date=journey(context).drawn.day().isoformat(), departure_time=time,
        duration_min=minutes,
    )


@given(
    "a flight from {origin:City} to {destination:City} in {day:Month} that leaves at {time} and takes "
    "{minutes:Duration}"
)
def a_flight_in(context: Context, origin: str, destination: str, *, day: date, time: str, minutes: int) -> None:
    journey(context).open_flight = journey(context).reservations.open_flight(
        origin, destination, departure_date=day.isoformat(), departure_time=time, duration_min=minutes
    )


@given("{name:Name} has booked the last seat of that flight")
def has_booked_last_seat(context: Context, name: str) -> None:
    journey(context).book_last_seat(name)


@given("{name:Name} has booked the only seat of a flight")
def has_booked_only_seat(context: Context, name: str) -> None:
    journey(context).book_only_seat(name)


@given("{name:Name} has booked the only seat of a flight with {card:Card}")
def has_booked_only_seat_with(context: Context, name: str, card: Card) -> None:
    journey(context).book_only_seat(name, card)


@given('{name:Name} has booked seat "{seat:Text}" of that flight')
def has_booked_seat(context: Context, name: str, seat: str) -> None:
    journey(context).book_seat(name, seat)


@given("{name:Name} has booked {seats:d} seats of that flight together")
def has_booked_together(context: Context, name: str, seats: int) -> None:
    journey(context).book_together(name, seats)


@then("the last seat of that flight is free again")
def last_seat_is_free(context: Context) -> None:
    journey(context).assert_seats_free("1A")
