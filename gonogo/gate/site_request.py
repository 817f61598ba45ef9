"""`gonogo run --url URL`: makes an environment for a URL, without files and without permits."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from gonogo.config import Environment
from gonogo.config.model import Budgets, Pages
from gonogo.core.errors import UsageError
from gonogo.core.numbers import whole_number
from gonogo.model.site import Site, page_address

MAX_PAGES = 500
_SECONDS_A_PAGE = 15.0  # raises the time limit for many pages
_EXAMPLE = "write it like https://shop.example.com/."
_OPTIONS = {"env": "--env", "only": "--only", "tags": "--tags", "profile": "--profile", "release": "--release",
            "max_failures": "--max-failures", "keep_going": "--keep-going"}


def refuse_other_options(arguments: argparse.Namespace) -> None:
    """Raise UsageError for an option that cannot be used with --url."""
    for option in _given(arguments):
        raise UsageError(f"{option} cannot be used with --url.", where=f"--url {arguments.url}",
                         fix=f"remove {option}, or use --env with an environment whose `stages` include `pages`.")


def environment_of(url: str, pages: str | None) -> tuple[str, Environment]:
    """Return the site's host as a name, and its environment. Raises UsageError."""
    site = _site_of(url)
    is_default_port = site.port in (80, 443)
    name = site.host if is_default_port else f"{site.host}:{site.port}"
    settings = Pages() if pages is None else Pages(max_pages=_number_of(pages))
    budget_s = max(Budgets().pages_s, settings.max_pages * _SECONDS_A_PAGE)
    return name, Environment(url=page_address(url), stages=["pages"], pages=settings, budgets=Budgets(pages_s=budget_s))


def _given(arguments: argparse.Namespace) -> Iterator[str]:
    yield from (option for member, option in _OPTIONS.items() if getattr(arguments, member))
    if arguments.jobs != "auto":
        yield "--jobs"


def _site_of(url: str) -> Site:
    where = f"--url {_without_user(url)}"
    scheme, colon, _ = url.partition("://")
    if not colon:
        raise UsageError("The URL has no scheme.", where=where, fix=f"did you mean https://{url.lstrip('/')}?"
                         if re.match(r"/*[\w.-]+(:\d+)?(/|$)", url) else _EXAMPLE)
    if scheme.lower() not in ("http", "https"):
        raise UsageError(f"The URL's scheme must be http or https, got '{scheme}'.", where=where,
                         fix=_EXAMPLE)
    try:
        site = Site.of(url)
        user = urlsplit(url).username
    except ValueError:
        raise UsageError("The URL has no host or an invalid port.", where=where, fix=_EXAMPLE) from None
    if any(character.isspace() or not character.isprintable() for character in url):
        raise UsageError("The URL has white space or control characters.", where=where, fix=_EXAMPLE)
    if user is not None:
        raise UsageError("The URL has a user, which would be written to the run folder.", where=where,
                         fix="remove the user and password, and open a page that needs no sign-in.")
    return site


def _number_of(pages: str) -> int:
    number = whole_number(pages, minimum=1)
    if number is None or number > MAX_PAGES:
        raise UsageError(f"--pages must be a whole number from 1 to {MAX_PAGES}, got '{pages}'.", where="--pages",
                         fix="write it like --pages 50.")
    return number


def _without_user(url: str) -> str:
    """Return the URL without user and password, for messages."""
    return re.sub(r"(?<=//)[^/@]*@", "", url)
