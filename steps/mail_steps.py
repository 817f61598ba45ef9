"""What the shop's mail tells; that it comes at all is the library's."""

from __future__ import annotations

from behave import then
from behave.runner import Context

from gonogo.steps.mail import last_mail
from steps.journey import journey


@then("the mail names everyone for whom {name:Name} has booked")
def mail_names_party(context: Context, name: str) -> None:
    journey(context).assert_mail_names_party(name, last_mail(context))


@then("the mail tells the flight, its local times, the reference and the price of {name:Name}'s booking")
def mail_tells_all(context: Context, name: str) -> None:
    journey(context).assert_mail_tells_all(name, last_mail(context))
