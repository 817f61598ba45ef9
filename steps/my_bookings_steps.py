"""Looking up bookings, and cancelling them."""

from __future__ import annotations

from behave import given, then, when
from behave.runner import Context

from steps.journey import journey


@given("{name:Name} has made {number:d} bookings")
@given("{name:Name} has made {number:d} booking")
def has_made_bookings(context: Context, name: str, number: int) -> None:
    journey(context).make_bookings(name, number)


@when("{name:Name} turns to the next page of bookings")
def looks_at_next_page(context: Context, name: str) -> None:
    journey(context).shop(name).bookings.open()
    journey(context).shop(name).bookings.next_page()


@when("{name:Name} looks up the bookings made")
def looks_at_bookings(context: Context, name: str) -> None:
    journey(context).shop(name).bookings.open()


@when("{name:Name} follows the way to {other:Name}'s booking")
def follows_the_way(context: Context, name: str, other: str) -> None:
    journey(context).shop(name).booking.open(journey(context).traveller(other).last_booked())


@when("{name:Name} opens the booking from the list")
def finds_booking(context: Context, name: str) -> None:
    journey(context).shop(name).bookings.open()
    journey(context).shop(name).bookings.open_booking(journey(context).traveller(name).references()[-1])


@when("{name:Name} cancels the booking")
def cancels(context: Context, name: str) -> None:
    journey(context).shop(name).booking.open(journey(context).traveller(name).last_booked())
    journey(context).shop(name).booking.cancel()


@when("{name:Name} starts to cancel the booking, but keeps it")
def thinks_again(context: Context, name: str) -> None:
    journey(context).shop(name).booking.open(journey(context).traveller(name).last_booked())
    journey(context).shop(name).booking.think_again()


@then("{name:Name} sees page {page:d} of {pages:d}")
def sees_page(context: Context, name: str, page: int, pages: int) -> None:
    journey(context).shop(name).bookings.assert_page(page, pages)


@then("{name:Name} sees the five newest bookings, newest first")
def sees_newest(context: Context, name: str) -> None:
    journey(context).shop(name).bookings.assert_listed(journey(context).traveller(name).references()[:-6:-1])


@then("{name:Name} sees the oldest booking alone")
def sees_oldest(context: Context, name: str) -> None:
    journey(context).shop(name).bookings.assert_listed(journey(context).traveller(name).references()[:1])


@then("{name:Name} is told that there is no such booking")
def sees_no_such_booking(context: Context, name: str) -> None:
    journey(context).shop(name).booking.assert_not_found()


@then("{name:Name} has no bookings yet")
def has_no_bookings(context: Context, name: str) -> None:
    journey(context).shop(name).header.open_my_bookings()
    journey(context).shop(name).bookings.assert_none()


@then("{name:Name}'s booking is the one that {same:Name} made")
def is_the_one(context: Context, name: str, same: str) -> None:
    reference = journey(context).traveller(same).references()[-1]
    journey(context).shop(name).booking.assert_reference_is(reference)


@then("{name:Name} sees that the money is refunded")
def sees_refund(context: Context, name: str) -> None:
    journey(context).shop(name).booking.assert_refunded()


@then("the bank has refunded {name:Name} what it had charged")
def bank_has_refunded(context: Context, name: str) -> None:
    traveller = journey(context).traveller(name)
    journey(context).bank.assert_refunded(traveller.holder, traveller.price_booked())


@then("the bank has refunded {name:Name} nothing")
def bank_has_refunded_nothing(context: Context, name: str) -> None:
    journey(context).bank.assert_refunded_nothing(journey(context).traveller(name).holder)
