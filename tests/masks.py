"""A masker with a fixed key, so that tests know its masks."""

from __future__ import annotations

from collections.abc import Mapping

from gonogo.secrets.masking import Masker, masker_for

KEY = bytes(range(32))


def masker(environ: Mapping[str, str] | None = None) -> Masker:
    """Knows the secrets of the variables in `environ`."""
    return masker_for(None, environ or {}, KEY)


def mask(value: str, kind: str) -> str:
    """The mask of a value under that key."""
    return masker().mask(value, kind)
