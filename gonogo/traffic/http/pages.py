"""Which exchanges brought a page or what it is made of. No OpenAPI document speaks of these, and none has to."""

from __future__ import annotations

import re

from gonogo.model.exchange import Exchange

_RESOURCES = frozenset({"document", "stylesheet", "script", "image", "font", "media", "manifest", "texttrack"})
_TYPES = re.compile(r"text/(html|css|javascript)|application/((x-)?javascript|xhtml\+xml|manifest\+json|wasm)"
                    r"|(image|font|audio|video)/.*")


def is_of_a_page(exchange: Exchange) -> bool:
    """By what the browser asked for; where no browser tells, by the type of what came.

    An error's HTML says nothing: frameworks answer so for endpoints too.
    """
    if exchange.resource_type:
        return exchange.resource_type in _RESOURCES
    mime = exchange.response.body.mime if exchange.response.body else ""
    return exchange.method in ("GET", "HEAD") and exchange.status < 400 and _TYPES.fullmatch(mime) is not None
