"""Messages on secrets in the open."""

from __future__ import annotations

from gonogo.model.exposures import Medium
from gonogo.model.findings import Finding
from gonogo.model.rules.secrets import SecretExposed, SecretsNotSearched
from gonogo.report.wording.findings import words
from gonogo.report.wording.text import counted
from gonogo.report.wording.traffic import unrecorded_words

_PAGES = {"page": "shown by a page", "title": "in the title of a page",
          "address": "in the address of a page", "console": "logged to a browser's console"}


@words(SecretExposed)
def _exposed(parameters: SecretExposed, _: Finding) -> str:
    place = parameters.place
    component = place.component or "a component"
    match place.medium:
        case Medium.LOG:
            where = f"logged by {component}" + (f" ({place.where})" if place.where != "log" else "")
        case Medium.SPAN:
            where = f"in spans of {component} ({place.where})"
        case Medium.MAIL:
            where = f"in a mail that {component} sent"
        case Medium.PAGE:
            where = f"{_PAGES.get(place.where, place.where)} of {component}"
        case Medium.RESPONSE:
            where = f"{component} answered {place.operation} with it ({place.where})"
        case _:
            where = f"{component} sent it in {place.operation} ({place.where})"
    known = ", also in the baseline" if parameters.known else ""
    return f"a {place.kind} in the open: {where} ({counted(parameters.count, 'time')}{known})"


@words(SecretsNotSearched)
def _not_searched(parameters: SecretsNotSearched, _: Finding) -> str:
    missing = [*parameters.problems, *(unrecorded_words(each.cause, each.count, each.example)
                                       for each in parameters.unrecorded)]
    return f"not all evidence was searched for secrets: {'; '.join(missing)}"
