"""The suite's function that opens an account and signs in: `sign_in: steps.probe:sign_in`.

It gets the environment's url and returns what requests need: `headers`, `cookies`, and `values` by name, for parameters
and members of bodies of that name. A value that is a function is called for each request. Its code runs in the child
process alone; before a run it is only looked for.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from gonogo.core.errors import ConfigError
from gonogo.secrets.known import Secrets
from gonogo.stages.probe.placeholders import NAME

_MEMBERS = ("headers", "cookies", "values")
_MAX_TEXT = 300
MAX_SOURCE_BYTES = 1024 * 1024


class SignInFailed(Exception):
    """The function raised, or returned something else; the text says what."""


@dataclass(frozen=True, slots=True)
class Session:
    """What a sign-in returned. `headers` include the cookies; their values are secret."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    values: Mapping[str, Callable[[], object]] = field(default_factory=dict, repr=False)

    @property
    def secrets(self) -> Secrets:
        """Header values, and of a cookie header each cookie's value."""
        cookies = [(part.partition("=")[2], "cookie") for name, value in self.headers.items()
                   if name.lower() == "cookie" for part in value.split("; ")]
        credentials = [(value.rpartition(" ")[2], "token") for name, value in self.headers.items()
                       if name.lower() != "cookie"]
        return Secrets.of((*cookies, *credentials))


def check_sign_in(named: str, root: Path, where: str) -> None:
    """Raise ConfigError if the project has no such function. Nothing is imported."""
    module, _, function = named.partition(":")
    base = root.joinpath(*module.split("."))
    path = next((each for each in (base.with_suffix(".py"), base / "__init__.py") if each.is_file()), None)
    if path is None:
        raise ConfigError(f"`sign_in` names the module {module}, which the project does not have.", where=where,
                          fix=f"write {base.relative_to(root).with_suffix('.py')} with a function {function}(url).")
    try:
        tree = ast.parse(path.read_bytes()[:MAX_SOURCE_BYTES])
    except (OSError, SyntaxError, ValueError) as error:
        raise ConfigError(f"The module of `sign_in` cannot be read: {error}.", where=str(path.relative_to(root)),
                          fix="make it valid Python.") from error
    defined = {name for node in tree.body for name in _names_of(node)}
    if function not in defined:
        raise ConfigError(f"`sign_in` names the function {function}, which {path.relative_to(root)} does not define.",
                          where=where, fix=f"write `def {function}(url):` there, or name another function.")


def load_sign_in(named: str) -> Callable[[str], Session]:
    """The function, imported; it returns a Session. Raises SignInFailed."""
    module, _, function = named.partition(":")
    try:
        suites_own = getattr(importlib.import_module(module), function)
    except BaseException as error:
        raise SignInFailed(f"{named} cannot be imported: {_text_of(error)}") from error

    def sign_in(url: str) -> Session:
        try:
            returned = suites_own(url)
        except BaseException as error:
            raise SignInFailed(f"{named} failed: {_text_of(error)}") from error
        return session_of(returned, named)

    return sign_in


def session_of(returned: object, named: str) -> Session:
    """The Session that a suite's function returned as a dictionary. Raises SignInFailed if it is none."""
    if not isinstance(returned, Mapping) or set(returned) - set(_MEMBERS):
        raise SignInFailed(f"{named} must return a dictionary with {', '.join(_MEMBERS)}")
    members = {name: returned.get(name) or {} for name in _MEMBERS}
    for name, member in members.items():
        if not isinstance(member, Mapping) or not all(isinstance(key, str) for key in member):
            raise SignInFailed(f"{named} must return `{name}` as a dictionary")
    for name in ("headers", "cookies"):
        if not all(isinstance(value, str) for value in members[name].values()):
            raise SignInFailed(f"{named} must return texts in `{name}`")
    if wrong := [name for name in members["values"] if not NAME.fullmatch(name)]:
        raise SignInFailed(f"{named} returned a value with the name {wrong[0]!r}, which is not a word")
    cookies = "; ".join(f"{name}={value}" for name, value in members["cookies"].items())
    headers = {**members["headers"], **({"Cookie": cookies} if cookies else {})}
    return Session(headers, {name: value if callable(value) else partial(_same, value)
                             for name, value in members["values"].items()})


def _same(value: object) -> object:
    return value


def _names_of(node: ast.stmt) -> list[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Assign(targets=targets):
            return [target.id for target in targets if isinstance(target, ast.Name)]
        case ast.ImportFrom(names=names) | ast.Import(names=names):
            return [alias.asname or alias.name for alias in names]
    return []


def _text_of(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:_MAX_TEXT]
