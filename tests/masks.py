"""A masker with a fixed key, so that tests know its masks in advance."""

from __future__ import annotations

from collections.abc import Mapping

from gonogo.secrets.masking import Masker, masker_for

KEY = bytes(range(32))


def masker(environ: Mapping[str, str] | None = None) -> Masker:
    """A masker that knows the secrets in the variables of `environ`."""
    return masker_for(None, environ or {}, KEY)


def mask(value: str, kind: str) -> str:
    """The mask of `value` under the fixed key."""
    return masker().mask(value, kind)
