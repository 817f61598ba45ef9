"""Opening an account, signing in, signing out."""

from __future__ import annotations

from behave import given, then, when
from behave.runner import Context

from steps.journey import journey
from steps.journey.traveller import PASSWORD, WRONG_PASSWORD


@given("{name:Name} is new to the shop")
def is_new(context: Context, name: str) -> None:
    journey(context).shop(name).sign_up.open()


@given("{name:Name}'s email address leads nowhere")
def email_leads_nowhere(context: Context, name: str) -> None:
    journey(context).lose_email(name)


@given("{name:Name} has an account")
def has_account(context: Context, name: str) -> None:
    journey(context).traveller(name).open_account()


@given("{name:Name} is signed in")
def is_signed_in(context: Context, name: str) -> None:
    journey(context).sign_in(name)


@when("{name:Name} opens an account")
def opens_account(context: Context, name: str) -> None:
    traveller = journey(context).traveller(name)
    journey(context).shop(name).sign_up.open_account(traveller.full_name, traveller.email, PASSWORD)


@when('{name:Name} opens an account as "{full_name:Text}"')
def opens_account_as(context: Context, name: str, full_name: str) -> None:
    journey(context).shop(name).sign_up.open_account(full_name, journey(context).traveller(name).email, PASSWORD)


@when("{name:Name} asks twice for an account")
def asks_twice_for_account(context: Context, name: str) -> None:
    traveller = journey(context).traveller(name)
    journey(context).shop(name).sign_up.ask_twice(traveller.full_name, traveller.email, PASSWORD)


@when('{name:Name} opens an account with the password "{password:Text}"')
def opens_account_with_password(context: Context, name: str, password: str) -> None:
    traveller = journey(context).traveller(name)
    journey(context).shop(name).sign_up.open_account(traveller.full_name, traveller.email, password)


@when("{name:Name} opens an account with {other:Name}'s email")
def opens_account_with_email_of(context: Context, name: str, other: str) -> None:
    email = journey(context).traveller(other).email
    journey(context).shop(name).sign_up.open_account(journey(context).traveller(name).full_name, email, PASSWORD)


@when("{name:Name} signs in with the right password")
def signs_in(context: Context, name: str) -> None:
    journey(context).shop(name).sign_in.open()
    journey(context).shop(name).sign_in.sign_in(journey(context).traveller(name).email, PASSWORD)


@when("{name:Name} signs in with a wrong password")
def signs_in_wrongly(context: Context, name: str) -> None:
    journey(context).shop(name).sign_in.open()
    journey(context).shop(name).sign_in.sign_in(journey(context).traveller(name).email, WRONG_PASSWORD)


@when("{name:Name} signs in as asked")
def signs_in_as_asked(context: Context, name: str) -> None:
    journey(context).shop(name).sign_in.sign_in(journey(context).traveller(name).email, PASSWORD)


@when("{name:Name} signs out")
def signs_out(context: Context, name: str) -> None:
    journey(context).shop(name).search.open()
    journey(context).shop(name).header.sign_out()


@then('{name:Name} is signed in as "{full_name:Text}"')
def is_signed_in_as(context: Context, name: str, full_name: str) -> None:
    journey(context).shop(name).header.assert_signed_in_as(full_name)


@then("{name:Name} is signed in by name")
def is_signed_in_by_name(context: Context, name: str) -> None:
    journey(context).shop(name).header.assert_signed_in_as(journey(context).traveller(name).full_name)


@then("{name:Name} is still signed in by name on another visit")
def is_still_signed_in_by_name(context: Context, name: str) -> None:
    journey(context).shop(name).search.open()
    journey(context).shop(name).header.assert_signed_in_as(journey(context).traveller(name).full_name)


@then("{name:Name} is not signed in")
def is_not_signed_in(context: Context, name: str) -> None:
    journey(context).shop(name).header.assert_not_signed_in()


@then("{name:Name} is asked to sign in before seeing bookings")
def is_asked_to_sign_in(context: Context, name: str) -> None:
    journey(context).shop(name).bookings.visit_without_asking()
    journey(context).shop(name).sign_in.assert_asked()


@then('{name:Name} is told "{text:Text}"')
def is_told(context: Context, name: str, text: str) -> None:
    journey(context).shop(name).here.assert_told(text)
