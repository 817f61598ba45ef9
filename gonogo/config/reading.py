"""Reads environments.yml and release.yml into `gonogo.config.model`. Each mistake has file, line, key and fix."""

from __future__ import annotations

import contextlib
import difflib
import ipaddress
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr, ValidationError

from gonogo.config.load_rules import contradictions
from gonogo.config.located_yaml import KeyPath, LocatedYaml, Variables, read_located_yaml
from gonogo.config.model import Environment, Environments, Release
from gonogo.core.entry_points import PROBES, STAGES, TRACE_BACKENDS, registered
from gonogo.core.errors import ConfigError, UsageError
from gonogo.model.reach import is_address

ENVIRONMENTS_FILE = "environments.yml"
RELEASE_FILE = "release.yml"
EXCEPTIONS_FILE = "exceptions.yml"
_MISSING_FILE = "write environments.yml with at least `environments: {preprod: {url: https://…}}`, next to features/."


def environment_names(root: Path) -> list[str]:
    """Return the environments of `root`/environments.yml, in file order."""
    document = read_located_yaml(root / ENVIRONMENTS_FILE, missing_fix=_MISSING_FILE)
    return list(_environments_of(document))


@dataclass(frozen=True, slots=True)
class LocatedEnvironment:
    """An environment, with the location of its keys, and the URLs of the file's other environments."""

    name: str
    environment: Environment
    document: LocatedYaml
    other_urls: tuple[str, ...] = ()

    def where(self, *keys: str | int) -> str:
        """Return the location of a key, for an error; of its nearest parent if the file lacks it."""
        place: KeyPath = ("environments", self.name)
        if (*place, *keys) not in self.document.lines and ("defaults", *keys) in self.document.lines:
            place = ("defaults",)
        return self.document.where((*place, *keys))


def load_environment(name: str, root: Path, environ: Mapping[str, str]) -> Environment:
    """Return the environment `name` of `root`/environments.yml. Raises ConfigError or (unknown `name`) UsageError."""
    return locate_environment(name, root, environ).environment


def locate_environment(name: str, root: Path, environ: Mapping[str, str]) -> LocatedEnvironment:
    """Return the environment `name` of `root`/environments.yml with defaults and variables applied.

    Only this environment's variables are read, so that a laptop needs no production secrets. Unknown keys anywhere in
    the file are errors. Raises ConfigError; UsageError for an unknown `name`.
    """
    document = read_located_yaml(root / ENVIRONMENTS_FILE, missing_fix=_MISSING_FILE)
    environments = _environments_of(document)
    if name not in environments:
        close = difflib.get_close_matches(name, environments, n=1)
        raise UsageError(f"Unknown environment '{name}'.", where=document.where(("environments",)),
                         fix=(f"did you mean '{close[0]}'? " if close else "") +
                         f"environments in this file: {', '.join(environments)}.")
    _refuse_unknown_keys(document)
    at: KeyPath = ("environments", name)
    variables = Variables(environ, document)
    merged = _merge(variables.substitute(_mapping(document.data).get("defaults", {}), ("defaults",)),
                    variables.substitute(environments[name], at))
    try:
        environment = Environment.model_validate(merged)
    except ValidationError as error:
        raise config_error(document, at, Environment, error.errors()) from None
    _refuse_literal_secrets(environment, (), at, variables, document)
    _refuse_contradictions(environment, at, document)
    others = {other: _raw_environment(document, other, environ) for other in environments if other != name}
    _refuse_shared_url(environment, name, others, at, document)
    return LocatedEnvironment(name, environment, document, tuple(url for raw in others.values() for url in _urls(raw)))


def _raw_environment(document: LocatedYaml, name: str, environ: Mapping[str, str]) -> dict[str, object]:
    """`url`, `services` and `permits` of another environment, unchecked; without those whose variables are not set."""
    data = _mapping(document.data)
    merged = _mapping(_merge(data.get("defaults", {}), _mapping(data.get("environments")).get(name)))
    raw: dict[str, object] = {}
    for key in ("url", "services", "permits"):
        with contextlib.suppress(ConfigError):
            raw[key] = Variables(environ, document).substitute(merged.get(key), ("environments", name, key))
    return raw


def _urls(raw: Mapping[str, object]) -> Iterator[str]:
    for url in (raw.get("url"), *(_mapping(each).get("url") for each in _mapping(raw.get("services")).values())):
        if isinstance(url, str) and is_address(url):
            yield url


def _refuse_shared_url(environment: Environment, name: str, others: Mapping[str, Mapping[str, object]], at: KeyPath,
                       document: LocatedYaml) -> None:
    """Refuse two names for one system with different permissions: the wider one would hold for both."""
    own = _mapping(_merge(_mapping(_mapping(document.data).get("defaults")).get("permits", {}),
                          _mapping(_environments_of(document)[name]).get("permits", {})))
    for other, raw in others.items():
        url, permits = raw.get("url"), _mapping(raw.get("permits"))
        if isinstance(url, str) and url.rstrip("/") == environment.url.rstrip("/") and own != permits:
            raise ConfigError(f"'{name}' and '{other}' have the same url, but different `permits`.",
                              where=document.where((*at, "url")),
                              fix="give each environment its own url, or both the same `permits`.")


def load_release(path: Path) -> Release:
    """Return the release of `path`: component → image digest. Raises ConfigError."""
    document = read_located_yaml(path, missing_fix="let the build write it, or give another file with --release FILE.")
    try:
        return Release.model_validate(document.data)
    except ValidationError as error:
        raise config_error(document, (), Release, error.errors()) from None


def _environments_of(document: LocatedYaml) -> dict[str, object]:
    data = document.data
    environments = data.get("environments") if isinstance(data, dict) else None
    if not isinstance(environments, dict) or not environments:
        raise ConfigError(f"{document.path.name} has no environment.",
                          where=document.where(("environments",)), fix=_MISSING_FILE)
    return environments


def _mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _merge(base: object, over: object) -> object:
    """Merge mappings key by key; any other value in `over` replaces that of `base`."""
    if isinstance(base, dict) and isinstance(over, dict):
        return {**base, **{key: _merge(base[key], value) if key in base else value for key, value in over.items()}}
    return over


def _refuse_unknown_keys(document: LocatedYaml) -> None:
    """Refuse unknown keys anywhere in the file, without reading the variables of other environments."""
    try:
        Environments.model_validate(document.data)
    except ValidationError as error:
        unknown = [detail for detail in error.errors() if detail["type"] == "extra_forbidden"]
        if unknown:
            raise config_error(document, (), Environments, unknown) from None
    try:
        Environment.model_validate({"url": "http://defaults", **_mapping(_mapping(document.data).get("defaults"))})
    except ValidationError as error:
        unknown = [detail for detail in error.errors() if detail["type"] == "extra_forbidden"]
        if unknown:
            raise config_error(document, ("defaults",), Environment, unknown) from None


def _refuse_literal_secrets(value: object, within: KeyPath, at: KeyPath, variables: Variables,
                            document: LocatedYaml) -> None:
    if isinstance(value, BaseModel):
        for key in type(value).model_fields:
            _refuse_literal_secrets(getattr(value, key), (*within, key), at, variables, document)
    elif isinstance(value, dict):
        for key, item in value.items():
            _refuse_literal_secrets(item, (*within, key), at, variables, document)
    elif isinstance(value, SecretStr) and not {(*at, *within), ("defaults", *within)} & variables.whole_values:
        raise ConfigError("A secret is written here in plain text.", where=document.where((*at, *within)),
                          fix="put it into an environment variable, write ${ITS_NAME} here, and rotate the secret.")


def _refuse_contradictions(environment: Environment, at: KeyPath, document: LocatedYaml) -> None:
    load = environment.load
    _refuse_unknown_stages(environment, at, document)
    _refuse_unknown_callees(environment, at, document)
    _refuse_invalid_traces(environment, at, document)
    if load is None:
        return
    for key, names in (("run", load.run), ("default", [load.default] if load.default else [])):
        for name in names:
            if name not in load.profiles:
                raise ConfigError(f"Unknown load profile '{name}'.", where=document.where((*at, "load", key)),
                                  fix=f"use one of the profiles: {', '.join(load.profiles)}.")
    for name, profile in load.profiles.items():
        for each in contradictions(name, profile):
            raise ConfigError(each.what, where=document.where((*at, "load", "profiles", name, *each.at)),
                              fix=each.fix)


def _refuse_unknown_stages(environment: Environment, at: KeyPath, document: LocatedYaml) -> None:
    for number, stage in enumerate(environment.stages):
        _refuse_not_installed("stage", stage, STAGES, document.where((*at, "stages", number)))
        if stage in environment.stages[:number]:
            raise ConfigError(f"Duplicate stage '{stage}' in `stages`.",
                              where=document.where((*at, "stages", number)), fix="list each stage once.")


def _refuse_not_installed(what: str, name: str, group: str, where: str) -> None:
    installed = list(registered(group))
    if name not in installed:
        close = difflib.get_close_matches(name, installed, n=1)
        raise ConfigError(f"Unknown {what} '{name}'.", where=where,
                          fix=(f"did you mean '{close[0]}'? " if close else "") +
                          f"installed: {', '.join(installed)}.")


def _refuse_unknown_callees(environment: Environment, at: KeyPath, document: LocatedYaml) -> None:
    parties = [*environment.services, *environment.third_parties]
    for name, service in environment.services.items():
        if service.probe != "http":  # the usual one needs no look-up
            _refuse_not_installed("probe", service.probe, PROBES, document.where((*at, "services", name, "probe")))
        for index, callee in enumerate(service.calls):
            if callee not in parties:
                raise ConfigError(f"Unknown callee '{callee}' of '{name}': neither a service nor a third party.",
                                  where=document.where((*at, "services", name, "calls", index)),
                                  fix=f"use one of the names: {', '.join(parties)}.")


def _refuse_invalid_traces(environment: Environment, at: KeyPath, document: LocatedYaml) -> None:
    traces = environment.traces
    if traces is None:
        return
    if sum(source is not None for source in (traces.otlp, traces.jaeger, traces.tempo, traces.backend)) != 1:
        raise ConfigError("`traces` must have exactly one source of spans.",
                          where=document.where((*at, "traces")),
                          fix="write one of `otlp`, `jaeger`, `tempo` and `backend` (with its `url`).")
    if (traces.backend is None) != (traces.url is None):
        raise ConfigError("`traces` must have both `backend` and `url`, or neither.",
                          where=document.where((*at, "traces")), fix="add the missing key, or remove the other.")
    if traces.backend is not None:
        _refuse_not_installed("trace backend", traces.backend, TRACE_BACKENDS,
                              document.where((*at, "traces", "backend")))
    if traces.otlp is not None and not is_loopback(traces.otlp):
        raise ConfigError(f"{traces.otlp} is not a loopback URL with a port: other hosts could send spans to the gate.",
                          where=document.where((*at, "traces", "otlp")),
                          fix="use a loopback URL with a port, such as http://127.0.0.1:4318; to collect spans from "
                               "other hosts, use Jaeger or Tempo.")


def is_loopback(url: str) -> bool:
    """Return whether `url` is http, with a port, at a loopback address."""
    try:
        parts = urlsplit(url)
        return (parts.scheme == "http" and parts.port is not None
                and (parts.hostname == "localhost" or ipaddress.ip_address(parts.hostname or "").is_loopback))
    except ValueError:
        return False


def config_error(document: LocatedYaml, at: KeyPath, model: type[BaseModel],
                 details: Sequence[Mapping[str, Any]]) -> ConfigError:
    """Return pydantic's findings about the value at `at` as one error: the first, and the locations of the others."""
    # a misspelt key first: it also counts as missing
    details = sorted(details, key=lambda detail: bool(detail["type"] != "extra_forbidden"))
    first = details[0]
    location: KeyPath = tuple(first["loc"])
    where = document.where((*at, *location))
    if (*at, *location) not in document.lines and ("defaults", *location) in document.lines:
        where = document.where(("defaults", *location))
    parent = _model_at(model, location[:-1])
    keys = _keys(parent) if parent else []
    key = str(location[-1]) if location else ""
    owner = " → ".join(str(part) for part in (*at, *location[:-1])) or document.path.name
    match first["type"]:
        case "extra_forbidden":
            close = difflib.get_close_matches(key, keys, n=1)
            what = f"Unknown key '{key}' in {owner}."
            fix = (f"did you mean '{close[0]}'? " if close else "") + f"keys here: {', '.join(keys)}."
        case "missing":
            what, fix = f"The key '{key}' is missing in {owner}.", f"add `{key}: …`{_described(parent, key)}"
        case _:
            problem = first["msg"].removeprefix("Value error, ")
            problem = problem[0].lower() + problem[1:]
            if not key:
                what = f"{owner} is invalid: {problem}."
                fix = f"write a mapping; keys here: {', '.join(_keys(model))}."
            else:
                what = f"The value{_quoted(first['input'])} of '{key}' is invalid: {problem}."
                fix = f"set `{key}` to a valid value{_described(parent, key)}"
    others = sorted({document.where((*at, *detail["loc"])).split(": ")[0] for detail in details[1:]})
    if others:
        fix += f" ({len(details) - 1} more to fix: {', '.join(others)})"
    return ConfigError(what, where=where, fix=fix)


def _quoted(value: object) -> str:
    """Return a scalar for a sentence, with a space before it; "" for a mapping or a list."""
    return "" if isinstance(value, dict | list) else " null" if value is None else f" '{value}'"


def _keys(model: type[BaseModel]) -> list[str]:
    """As the file writes them."""
    return [info.alias or name for name, info in model.model_fields.items()]


def _described(parent: type[BaseModel] | None, key: str) -> str:
    description = parent.model_fields[key].description if parent and key in parent.model_fields else None
    return f" ({description[0].lower()}{description[1:].removesuffix('.')})." if description else "."


def _model_at(model: type[BaseModel], location: KeyPath) -> type[BaseModel] | None:
    """Return the model class at `location` below `model`, or None."""
    current: object = model
    for part in location:
        if isinstance(current, type) and issubclass(current, BaseModel):
            by_name = {(info.alias or name): info for name, info in current.model_fields.items()}
            if part not in by_name:
                return None
            current = by_name[str(part)].annotation
        elif typing.get_origin(current) in (dict, list):
            current = typing.get_args(current)[-1]
        current = _without_none(current)
    return current if isinstance(current, type) and issubclass(current, BaseModel) else None


def _without_none(annotation: object) -> object:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        kept = [part for part in typing.get_args(annotation) if part is not type(None)]
        return kept[0] if len(kept) == 1 else annotation
    return annotation
