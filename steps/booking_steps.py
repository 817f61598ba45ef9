"""Booking a flight and paying for it: passengers, seats, cards, and what comes of it."""

from __future__ import annotations

from behave import given, then, when
from behave.runner import Context

from steps.journey import journey
from steps.journey.journey import PARTY
from steps.pages.bank_page import BankPage
from steps.parties.cards import CHALLENGED, DECLINED, Card
from steps.parties.money import Money
from steps.parties.passenger import Passenger


@given("{first:Name} and {second:Name} are about to pay for the same seat of that flight")
@given("{first:Name} and {second:Name} are about to pay for the last seat of that flight")
def are_about_to_pay(context: Context, first: str, second: str) -> None:
    journey(context).prepare_booking(first)
    journey(context).prepare_booking(second)


@given("{name:Name} pays first")
def pays_first(context: Context, name: str) -> None:
    journey(context).shop(name).booking_form.pay()
    journey(context).shop(name).booking.assert_confirmed()


@given("{name:Name}'s bank has declined a booking of that flight")
def bank_has_declined(context: Context, name: str) -> None:
    journey(context).book(name, card=DECLINED)
    journey(context).shop(name).booking.assert_declined()


@given("{name:Name}'s bank asks whether it is really {same:Name} who books that flight")
def bank_asks(context: Context, name: str, same: str) -> None:
    journey(context).book(name, card=CHALLENGED)
    journey(context).shop(name).booking.assert_asked_to_confirm()


@given("{name:Name}'s connection repeats what it sends")
def connection_repeats(context: Context, name: str) -> None:
    journey(context).shop(name).booking_form.send_bookings_twice()


@when("{name:Name} books that flight with {card:Card}")
def books(context: Context, name: str, card: Card) -> None:
    journey(context).book(name, card=card)


@when("{name:Name} pays with {card:Card}")
def pays(context: Context, name: str, card: Card) -> None:
    journey(context).pay(name, card)


@when('{name:Name} books seat "{seat:Text}" of that flight for "{given_names:Text}", "{family_name:Text}"')
def books_for(context: Context, name: str, seat: str, given_names: str, family_name: str) -> None:
    journey(context).book(name, [Passenger(given_names, family_name, seat)])


@when("{name:Name} books that flight for nobody in particular")
def books_for_nobody(context: Context, name: str) -> None:
    journey(context).book(name, [Passenger("", "")])


@when("{name:Name} books that flight for a family of three")
def books_for_family(context: Context, name: str) -> None:
    journey(context).book_for_party(name, 3, 3)


@when("{name:Name} books that flight for a whole party")
def books_for_party(context: Context, name: str) -> None:
    journey(context).book_for_party(name, *PARTY)


@when("{first:Name} and {second:Name} pay at the same moment")
def pay_at_once(context: Context, first: str, second: str) -> None:
    form = journey(context).shop(first).booking_form
    form.pay_together(form, journey(context).shop(second).booking_form)


@when('{name:Name} is told that the seat is gone, and pays for "{seat:Text}" instead')
def pays_for_another(context: Context, name: str, seat: str) -> None:
    journey(context).pay_for_another_seat(name, seat)


@when("{name:Name} asks twice to pay for that flight")
def pays_twice(context: Context, name: str) -> None:
    journey(context).prepare_booking(name).booking_form.pay_twice()


@when("{name:Name} tries again with {card:Card}")
def tries_again(context: Context, name: str, card: Card) -> None:
    journey(context).try_again(name, card)


@when("{name:Name} gives the bank the right code")
def gives_right_code(context: Context, name: str) -> None:
    journey(context).shop(name).booking.continue_to_bank()
    journey(context).shop(name).bank.confirm(BankPage.RIGHT_CODE)


@when("{name:Name} gives the bank a wrong code")
def gives_wrong_code(context: Context, name: str) -> None:
    journey(context).shop(name).booking.continue_to_bank()
    journey(context).shop(name).bank.confirm(BankPage.WRONG_CODE)


@when("{name:Name} wants to book that flight")
def wants_to_book(context: Context, name: str) -> None:
    journey(context).sign_in(name)
    journey(context).shop(name).booking_form.open(journey(context).flight)


@then("{name:Name} is about to book that flight")
def is_about_to_book(context: Context, name: str) -> None:
    journey(context).shop(name).booking_form.assert_open(journey(context).flight)


@then('{name:Name} is offered the seats "{seats:Text}"')
def is_offered_seats(context: Context, name: str, seats: str) -> None:
    journey(context).shop(name).booking_form.assert_offers_seats(seats.split(", "))


@then("{name:Name} is led to the first mistake")
def is_led_to_mistake(context: Context, name: str) -> None:
    journey(context).shop(name).here.assert_first_mistake_has_focus()


@then("{name:Name}'s booking is confirmed")
def is_confirmed(context: Context, name: str) -> None:
    journey(context).shop(name).booking.assert_confirmed()


@then("{name:Name}'s booking has a booking reference")
def has_reference(context: Context, name: str) -> None:
    journey(context).shop(name).booking.assert_reference()


@then('{name:Name}\'s booking costs "{price:Text}"')
def costs(context: Context, name: str, price: str) -> None:
    journey(context).shop(name).booking.assert_price(price)


@then('{name:Name}\'s booking names "{passenger:Text}" in seat "{seat:Text}"')
def names_passenger(context: Context, name: str, passenger: str, seat: str) -> None:
    journey(context).shop(name).booking.assert_passengers(f"{passenger}, seat {seat}")


@then("{name:Name}'s booking names the whole family, each with a seat")
def names_family(context: Context, name: str) -> None:
    listed = [f"{each.full_name}, seat {each.seat}" for each in journey(context).traveller(name).party]
    journey(context).shop(name).booking.assert_passengers(*listed)


@then("{name:Name}'s booking waits for the bank")
def waits(context: Context, name: str) -> None:
    journey(context).shop(name).booking.assert_waiting()


@then("{name:Name}'s booking is declined")
def is_declined(context: Context, name: str) -> None:
    journey(context).shop(name).booking.assert_declined()


@then("{name:Name}'s booking expires")
def expires(context: Context, name: str) -> None:
    journey(context).shop(name).booking.assert_expired()


@then("one of {first:Name} and {second:Name} has the seat, and the other is told that it is gone")
def one_has_the_seat(context: Context, first: str, second: str) -> None:
    journey(context).assert_one_has_the_seat(first, second)


@then("{first:Name} and {second:Name} have different seats")
def have_different_seats(context: Context, first: str, second: str) -> None:
    journey(context).assert_seats_differ(first, second)


@then("{name:Name} has {number:d} booking")
def has_bookings(context: Context, name: str, number: int) -> None:
    journey(context).traveller(name).assert_number_of_bookings(number)


@then("the bank has charged {name:Name} once, for what the booking says")
def charged_once(context: Context, name: str) -> None:
    traveller = journey(context).traveller(name)
    journey(context).bank.assert_charged_once(traveller.holder, traveller.price_booked())


@then('the bank has charged {name:Name} "{price:Money}" once')
def charged(context: Context, name: str, price: Money) -> None:
    journey(context).bank.assert_charged_once(journey(context).traveller(name).holder, price)


@then("the bank has charged one of {first:Name} and {second:Name}")
def charged_one_of(context: Context, first: str, second: str) -> None:
    journey(context).assert_bank_charged_one_of(first, second)


@then("the bank has charged {name:Name} nothing")
def charged_nothing(context: Context, name: str) -> None:
    journey(context).bank.assert_charged_nothing(journey(context).traveller(name).holder)


@then("the shop took every word of the bank about {name:Name} at once")
def heard_at_once(context: Context, name: str) -> None:
    journey(context).bank.assert_heard_at_once(journey(context).traveller(name).holder)


@then("the bank was never asked to charge {name:Name}")
def never_asked(context: Context, name: str) -> None:
    journey(context).bank.assert_never_asked(journey(context).traveller(name).holder)
