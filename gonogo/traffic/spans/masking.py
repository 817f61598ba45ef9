"""Masks secrets in a span before it is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from gonogo.model.span import Span
from gonogo.secrets.masking import Masker


def masked(span: Span, masker: Masker) -> Span:
    """The span with its texts masked; an invalid URL is masked whole."""
    return replace(span, name=masker.text(span.name), url=_url(span.url, masker),
                   error_text=masker.text(span.error_text),
                   attributes={key: masker.member(key, value) for key, value in span.attributes.items()})


def masked_again(span: Span, masker: Masker) -> Span | None:
    """A masked span with the secrets masked that became known since, None if it has none.

    It has those of its unread attributes that contain one.
    """
    wider = masker.within(span.trace_id)
    texts = "\0".join((span.name, span.url, span.error_text, *span.attributes.values(), *span.unread.values()))
    if wider.only_known(texts) == texts:
        return None
    found = {key: value for key, value in span.unread.items() if wider.only_known(value) != value}
    return masked(replace(span, attributes={**span.attributes, **found}, unread={}), wider)


def searched(spans: Sequence[Span], masker: Masker) -> tuple[tuple[Span, ...], bool]:
    """The spans, masked again and without unread attributes, and whether any of them had a secret."""
    again = [masked_again(span, masker) for span in spans]
    return (tuple(new or (replace(old, unread={}) if old.unread else old)
                  for new, old in zip(again, spans, strict=True)), any(again))


def _url(url: str, masker: Masker) -> str:
    if not url:
        return ""
    try:
        urlsplit(url).port  # noqa: B018 - raises ValueError if invalid; readers of spans rely on valid URLs
        return masker.url(url)
    except ValueError:
        return masker.mask(url, "url")
