"""gds: the computed schedule."""

from __future__ import annotations

from datetime import date, time, timedelta
from itertools import permutations

import pytest

from travel.gds.schedule import Schedule, airports, flight_between

DAY = date(2027, 1, 15)


@pytest.fixture
def schedule() -> Schedule:
    return Schedule(seats=20)


def test_every_route_has_two_to_four_flights_a_day(schedule: Schedule) -> None:
    """Between any two airports there are two, three or four flights."""
    counts = {len(list(schedule.on(a, b, DAY))) for a, b in permutations(airports(), 2)}
    assert counts <= {2, 3, 4}


def test_flight_ids_are_unique_over_all_routes(schedule: Schedule) -> None:
    """No two flights of a day share an id."""
    ids = [flight.id for a, b in permutations(airports(), 2) for flight in schedule.on(a, b, DAY)]
    assert len(ids) == len(set(ids))


def test_the_schedule_is_the_same_whenever_it_is_asked(schedule: Schedule) -> None:
    """Nothing is stored, so the same route and date must give the same flights."""
    assert list(schedule.on("LHR", "JFK", DAY)) == list(Schedule(seats=20).on("LHR", "JFK", DAY))


def test_a_flight_is_found_by_its_id(schedule: Schedule) -> None:
    """An id that a search gave leads back to the very flight."""
    for flight in schedule.on("MAD", "SYD", DAY):
        assert schedule.find(flight.id) == flight


@pytest.mark.parametrize("flight_id", ["", "GN0001", "GN9999-2027-01-15", "GN0000-2027-01-15", "GN0001-2027-02-30",
                                       "XX0001-2027-01-15", "GN0001-9999-12-31x"])
def test_an_unknown_flight_is_not_found(schedule: Schedule, flight_id: str) -> None:
    """Malformed ids, numbers without a flight and impossible dates are no flights."""
    assert schedule.find(flight_id) is None


def test_flights_leave_on_the_local_date_in_order(schedule: Schedule) -> None:
    """Departures are on the day asked for, at the airport's own time, one after the other."""
    flights = list(schedule.on("SFO", "NRT", DAY))
    assert {flight.departure.date() for flight in flights} == {DAY}
    assert flights == sorted(flights, key=lambda flight: flight.departure)


def test_times_carry_the_offset_of_each_airport() -> None:
    """London in January is at +00:00, New York at -05:00."""
    flight = flight_between(airports()["LHR"], airports()["JFK"], DAY, time(9, 40), number="GN1", seats=1,
                            duration_min=480)
    assert flight.departure.isoformat() == "2027-01-15T09:40:00+00:00"
    assert flight.arrival.isoformat() == "2027-01-15T12:40:00-05:00"


def test_a_late_flight_arrives_on_the_next_day() -> None:
    """A flight of two hours at 23:30 arrives tomorrow, local time."""
    flight = flight_between(airports()["CDG"], airports()["MAD"], DAY, time(23, 30), number="GN1", seats=1,
                            duration_min=120)
    assert flight.arrival.date() == DAY + timedelta(days=1)


def test_a_change_of_the_clocks_on_the_way_does_not_change_the_duration() -> None:
    """In the night to 28 March 2027 Europe loses an hour; the flight does not."""
    flight = flight_between(airports()["MAD"], airports()["FRA"], date(2027, 3, 28), time(1, 30), number="GN1",
                            seats=1, duration_min=120)
    assert flight.departure.isoformat() == "2027-03-28T01:30:00+01:00"
    assert flight.arrival.isoformat() == "2027-03-28T04:30:00+02:00"


def test_fares_are_whole_euros_and_grow_with_the_distance(schedule: Schedule) -> None:
    """A flight to Sydney costs more than one to Madrid; fares are multiples of 100 cents."""
    near = [flight.fare for flight in schedule.on("LHR", "MAD", DAY)]
    far = [flight.fare for flight in schedule.on("LHR", "SYD", DAY)]
    assert max(near) < min(far)
    assert all(fare > 0 and fare % 100 == 0 for fare in near + far)
