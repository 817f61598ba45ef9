"""Secrets masked in a span, before it is kept anywhere."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from gonogo.model.span import Span
from gonogo.secrets.masking import MASK, Redactor


def masked(span: Span, redactor: Redactor) -> Span:
    """The span with its texts redacted; a URL that is none is left out."""
    return replace(span, name=redactor.text(span.name), url=_url(span.url, redactor), said=redactor.text(span.said),
                   attributes={key: redactor.text(value) for key, value in span.attributes.items()})


def _url(url: str, redactor: Redactor) -> str:
    if not url:
        return ""
    try:
        urlsplit(url).port  # noqa: B018 - raises where there is none; whoever reads spans may rely on it
        return redactor.url(url)
    except ValueError:
        return MASK
