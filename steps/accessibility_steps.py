"""The shop for those who see, hear or move differently."""

from __future__ import annotations

from behave import then, when
from behave.runner import Context

from steps.journey import journey
from steps.journey.visits import visit


@when('{name:Name} visits the page "{page:Text}"')
def visits_page(context: Context, name: str, page: str) -> None:
    visit(journey(context), name, page)


@when("{name:Name} skips to the content")
def skips_to_content(context: Context, name: str) -> None:
    journey(context).shop(name).header.skip_to_content()


@then("the next thing that {name:Name} reaches is part of the content")
def reaches_content(context: Context, name: str) -> None:
    journey(context).shop(name).header.assert_tab_reaches_content()


@then("{name:Name} hears how many flights were found")
def hears_count(context: Context, name: str) -> None:
    journey(context).shop(name).results.assert_count_announced()


@then("{name:Name} is led to the top of the new page")
def is_at_the_top(context: Context, name: str) -> None:
    journey(context).shop(name).here.assert_at_the_top()
