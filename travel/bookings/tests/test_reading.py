"""bookings: a customer's own bookings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import responses

from travel.bookings.tests.conftest import Traveller, start


def page(traveller: Traveller, query: str = "", customer: str = "ana") -> Any:
    return traveller.client.get(f"/bookings{query}", headers={"X-Customer-Id": customer})


def test_bookings_are_listed_by_page_newest_first(traveller: Traveller) -> None:
    """Five bookings on three pages of two."""
    ids = [traveller.booked(f"key-{number}") for number in range(5)]
    pages = [page(traveller, f"?page={number}&size=2").get_json() for number in (1, 2, 3, 4)]
    assert [[booking["id"] for booking in found["bookings"]] for found in pages] == [
        [ids[4], ids[3]], [ids[2], ids[1]], [ids[0]], []]
    assert {(found["pages"], found["total"]) for found in pages} == {(3, 5)}


def test_whoever_has_no_bookings_has_one_empty_page(traveller: Traveller) -> None:
    """Another customer's bookings are not listed."""
    traveller.booked()
    assert page(traveller, customer="bo").get_json() == {"bookings": [], "page": 1, "pages": 1, "total": 0}


def test_a_page_has_ten_bookings_by_default(traveller: Traveller) -> None:
    """The eleventh stands on the second page."""
    for number in range(11):
        traveller.booked(f"key-{number}")
    found = page(traveller).get_json()
    assert (len(found["bookings"]), found["pages"]) == (10, 2)


@pytest.mark.parametrize("query", ["?page=0", "?page=x", "?page=-1", "?page=²", "?size=0", "?size=51", "?size="])
def test_a_page_that_cannot_be_is_refused(traveller: Traveller, query: str) -> None:
    """Numbers from 1, sizes up to 50."""
    answer = page(traveller, query)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid-page")


def test_a_booking_is_shown_to_its_customer_alone(traveller: Traveller) -> None:
    """To another one it does not exist, and without a customer nothing is shown."""
    path = f"/bookings/{traveller.booked()}"
    statuses = [traveller.client.get(path, headers={"X-Customer-Id": customer}).status_code
                for customer in ("ana", "bo", "")]
    assert statuses == [200, 404, 401]


def test_no_card_is_ever_shown_or_kept(traveller: Traveller, tmp_path: Path) -> None:
    """The card is passed on to payments and forgotten."""
    booking = traveller.show(traveller.confirmed())
    assert "card" not in booking
    assert b"4111111111111111" not in b"".join(file.read_bytes() for file in tmp_path.iterdir())


def test_past_bookings_are_put_in_once_and_are_bookings(tmp_path: Path, neighbours: responses.RequestsMock) -> None:
    """They are shown as any other is, to whoever they belong to; a second start adds none."""
    for _ in range(2):
        ada = Traveller(start(tmp_path, past_bookings=9), neighbours)
    found = page(ada, customer="00000000-0000-4000-9000-000000000001").get_json()
    assert [booking["status"] for booking in found["bookings"]] == ["confirmed"] * 4
    assert page(ada, customer="ana").get_json()["total"] == 0
