"""Masks secrets in a span before it is stored."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from gonogo.model.span import Span
from gonogo.secrets.masking import Masker


def masked(span: Span, masker: Masker) -> Span:
    """The span with its texts masked; an invalid URL is masked whole."""
    return replace(span, name=masker.text(span.name), url=_url(span.url, masker),
                   error_text=masker.text(span.error_text),
                   attributes={key: masker.member(key, value) for key, value in span.attributes.items()})


def _url(url: str, masker: Masker) -> str:
    if not url:
        return ""
    try:
        urlsplit(url).port  # noqa: B018 - raises ValueError if invalid; readers of spans rely on valid URLs
        return masker.url(url)
    except ValueError:
        return masker.mask(url, "url")
