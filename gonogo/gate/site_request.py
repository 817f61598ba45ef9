"""`gonogo run --url URL`: a URL as an environment of its own, for which no file is read. Nothing is permitted there."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from gonogo.config import Environment
from gonogo.config.model import Budgets, Pages
from gonogo.core.errors import UsageError
from gonogo.model.site import Site, page_address

MAX_PAGES = 500
_SECONDS_A_PAGE = 15.0  # where more pages than usual are asked for
_EXAMPLE = "write it like https://shop.example.com/."
_OPTIONS = {"env": "--env", "only": "--only", "tags": "--tags", "profile": "--profile", "release": "--release",
            "max_failures": "--max-failures", "keep_going": "--keep-going"}


def refuse_other_options(arguments: argparse.Namespace) -> None:
    """Raises UsageError where an option stands beside --url that has no meaning there."""
    for option in _given(arguments):
        raise UsageError(f"{option} cannot be used with --url.", where=f"--url {arguments.url}",
                         fix=f"leave {option} out, or use --env with an environment of environments.yml whose "
                              "`stages` have `pages`.")


def environment_of(url: str, pages: str | None) -> tuple[str, Environment]:
    """A name for the site, its host, and the environment that is gated. Raises UsageError."""
    site = _site_of(url)
    usual = site.port in (80, 443)
    name = site.host if usual else f"{site.host}:{site.port}"
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
        raise UsageError(f"The URL's scheme is '{scheme}': a site is opened over http or https.", where=where,
                         fix=_EXAMPLE)
    try:
        site = Site.of(url)
        user = urlsplit(url).username
    except ValueError:
        raise UsageError("The URL has no host, or a port that is none.", where=where, fix=_EXAMPLE) from None
    if any(character.isspace() or not character.isprintable() for character in url):
        raise UsageError("The URL has white space or control characters in it.", where=where, fix=_EXAMPLE)
    if user is not None:
        raise UsageError("The URL has a user in it, which would be written to the run folder.", where=where,
                         fix="leave user and password out, and gate a page that needs no sign-in.")
    return site


def _number_of(pages: str) -> int:
    if not (pages.isascii() and pages.isdigit() and 0 < int(pages) <= MAX_PAGES):
        raise UsageError(f"--pages must be a whole number from 1 to {MAX_PAGES}, got '{pages}'.", where="--pages",
                         fix="write it like --pages 50.")
    return int(pages)


def _without_user(url: str) -> str:
    """What is told of an address never has what may be a password."""
    return re.sub(r"(?<=//)[^/@]*@", "", url)
