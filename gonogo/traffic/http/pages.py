"""Which exchanges loaded a page or its resources. OpenAPI documents do not describe these."""

from __future__ import annotations

import re

from gonogo.model.exchange import Exchange

_RESOURCES = frozenset({"document", "stylesheet", "script", "image", "font", "media", "manifest", "texttrack"})
_TYPES = re.compile(r"text/(html|css|javascript)|application/((x-)?javascript|xhtml\+xml|manifest\+json|wasm)"
                    r"|(image|font|audio|video)/.*")


def is_of_a_page(exchange: Exchange) -> bool:
    """By the browser's resource type or, if that is unknown, by the media type of the answer.

    HTML with an error status does not count: frameworks send it for API endpoints too.
    """
    if exchange.resource_type:
        return exchange.resource_type in _RESOURCES
    mime = exchange.response.body.mime if exchange.response.body else ""
    return exchange.reads and exchange.status < 400 and _TYPES.fullmatch(mime) is not None
