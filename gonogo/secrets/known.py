"""The secret values of a run and their kinds. A child derives the same from its plan and its variables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from pydantic import BaseModel, SecretStr

from gonogo.config.model import Environment
from gonogo.secrets.names import CARD, kind_of_name, kind_of_variable

MIN_LENGTH = 6  # a shorter value also occurs in text that is not secret
MIN_MIXED_LENGTH = 4  # of letters and digits or signs, as a whole word
_MIN_UNMISTAKABLE = 8
_MIN_TOKEN = 16
_MIN_LINE = 16  # of a value of several lines, such as a private key
_NO_SECRET = frozenset({"true", "false", "null", "none", "undefined", "enabled", "disabled"})
_MIXED = re.compile(r"(?=.*[A-Za-z])(?=.*[^A-Za-z\s])\S+")


@dataclass(frozen=True, slots=True)
class Secrets:
    """Values → kinds ("password", "token", "key", "card" …). Never printed: its repr has only their number."""

    kinds: Mapping[str, str]

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> Self:
        """From pairs (value, kind). The first kind of a value counts; values that are too short are left out."""
        kinds: dict[str, str] = {}
        for value, kind in pairs:
            for part in _parts_of(value):
                kinds.setdefault(part, kind)
        return cls(kinds)

    def __or__(self, other: Secrets) -> Secrets:
        return Secrets({**other.kinds, **self.kinds})

    def __len__(self) -> int:
        return len(self.kinds)

    def __repr__(self) -> str:
        return f"Secrets({len(self.kinds)} values)"


NO_SECRETS = Secrets({})


def secrets_of(environment: Environment | None, environ: Mapping[str, str]) -> Secrets:
    """The secrets of a run against `environment` (None: not chosen yet) with the variables `environ`."""
    own = [*_typed(environment, ""), *_in_urls(environment)] if environment is not None else []
    names = _names_in(environment) if environment is not None else frozenset()
    return Secrets.of((value, kind) for value, kind in (*own, *_in_variables(environ))
                      if value not in names and value != environ.get("GONOGO_ENV"))


def _names_in(environment: Environment) -> frozenset[str]:
    """Names in environments.yml that identify evidence: they are not secret, even if a password equals one."""
    profiles = environment.load.profiles if environment.load else {}
    return frozenset({*environment.services, *environment.third_parties, *profiles, *environment.stages})


def is_worth_masking(value: str) -> bool:
    """Whether a value is long and unusual enough that another occurrence of it is not a coincidence."""
    if value.lower() in _NO_SECRET:
        return False
    return len(value) >= MIN_LENGTH or (len(value) >= MIN_MIXED_LENGTH and _MIXED.fullmatch(value) is not None)


def is_unmistakable(value: str) -> bool:
    """Whether a value is so long and mixed that it is the same wherever it occurs, in whatever context."""
    return len(value) >= _MIN_UNMISTAKABLE and any(map(str.isalpha, value)) and not value.isalpha()


def is_token(value: str) -> bool:
    """Whether a value looks generated, as session ids and access tokens are: a cookie can also hold `en-GB`."""
    return (len(value) >= _MIN_TOKEN and value.isascii() and not any(map(str.isspace, value))
            and any(map(str.isdigit, value)) and any(map(str.isalpha, value)))


def _parts_of(value: str) -> Iterator[str]:
    """The value itself, and its long lines if it has several, because logs are masked line by line."""
    if not is_worth_masking(value.strip()):
        return
    yield value.strip()
    lines = value.strip().splitlines()
    if len(lines) > 1:
        yield from (line.strip() for line in lines
                    if len(line.strip()) >= _MIN_LINE and not line.startswith("-----"))


def _typed(value: object, name: str) -> Iterator[tuple[str, str]]:
    """Every value of type SecretStr; its key decides the kind."""
    if isinstance(value, BaseModel):
        for key in type(value).model_fields:
            yield from _typed(getattr(value, key), key)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _typed(item, str(key))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _typed(item, name)
    elif isinstance(value, SecretStr):
        yield from _with_credentials(value.get_secret_value(), kind_of_variable(name) or "secret")


def _with_credentials(value: str, kind: str) -> Iterator[tuple[str, str]]:
    """The credentials of "Bearer abc", and the whole value."""
    scheme, space, credentials = value.partition(" ")
    if space and scheme.isalpha():
        yield credentials.strip(), kind
    yield value, kind


def _in_urls(value: object) -> Iterator[tuple[str, str]]:
    """User, password and secret query members of every URL in the environment's configuration."""
    if isinstance(value, BaseModel):
        value = [getattr(value, key) for key in type(value).model_fields]
    if isinstance(value, Mapping | list | tuple):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _in_urls(item)
    elif isinstance(value, str) and ("://" in value or "?" in value):
        for word in value.split():
            parts = _split(word)
            if parts is not None:
                yield from _credentials(parts)
                if parts.username:
                    yield unquote(parts.username), "user" if parts.password else "token"
                yield from _members(parts)


def _in_variables(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The values of variables with secret names, and the passwords of URLs in all variables."""
    for name, value in environ.items():
        kind = kind_of_variable(name)
        if kind:
            yield from _with_credentials(value, kind)
        if "://" in value:
            parts = _split(value.strip())
            if parts is not None:
                yield from _credentials(parts)
                yield from _members(parts)


def _credentials(parts: SplitResult) -> Iterator[tuple[str, str]]:
    if parts.password:
        yield unquote(parts.password), "password"


def _members(parts: SplitResult) -> Iterator[tuple[str, str]]:
    for text in (parts.query, parts.fragment):
        for name, value in parse_qsl(text):
            kind = kind_of_name(name)
            if kind and kind != CARD:
                yield value, kind


def _split(text: str) -> SplitResult | None:
    try:
        return urlsplit(text)
    except ValueError:
        return None
