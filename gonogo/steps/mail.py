"""Mail to people in a scenario, read from the environment's mail catcher."""

from __future__ import annotations

import html

from behave import then
from behave.runner import Context

import gonogo.steps.wording  # noqa: F401  (the types Name and Text)
from gonogo.steps.mailpit import Mail, Mailpit
from gonogo.steps.memory import memory


def mailpit(context: Context) -> Mailpit:
    url = context.world.environment.mail
    assert url, f"environments.yml has no mail catcher for {context.world.environment_name!r} (key: mail)"
    return Mailpit(url, context.world.http)


def last_mail(context: Context) -> Mail:
    mail = memory(context).mail
    assert mail is not None, "no earlier step has read a mail"
    return mail


@then('{name:Name} gets the mail "{subject:Text}"')
def gets_mail(context: Context, name: str, subject: str) -> None:
    """A mail whose subject contains `subject` arrives at the person's address within 10 s."""
    memory(context).mail = mailpit(context).assert_delivered(memory(context).email(name), subject)


@then('{name:Name} gets the mail "{subject:Text}" once')
def gets_mail_once(context: Context, name: str, subject: str) -> None:
    """Exactly one such mail arrives within 10 s."""
    memory(context).mail = mailpit(context).assert_delivered_once(memory(context).email(name), subject)


@then('{name:Name} gets the mail "{subject:Text}" that says "{text:Text}"')
def gets_mail_that_says(context: Context, name: str, subject: str, text: str) -> None:
    """Such a mail arrives within 10 s, and its plain text and its HTML contain `text`."""
    memory(context).mail = mailpit(context).assert_delivered(memory(context).email(name), subject)
    assert_says(last_mail(context), text)


@then('the mail says "{text:Text}"')
def mail_says(context: Context, text: str) -> None:
    """The mail that was read last contains `text`, in its plain text and in its HTML."""
    assert_says(last_mail(context), text)


def assert_says(mail: Mail, text: str) -> None:
    assert text in mail.text, f"the plain text of the mail does not contain {text!r}:\n{mail.text}"
    assert text in html.unescape(mail.html), f"the HTML of the mail does not contain {text!r}:\n{mail.html}"

