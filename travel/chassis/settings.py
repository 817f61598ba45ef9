"""A component's settings: its `config.yml`, with `${VAR}` and `${VAR:-default}` from the environment."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::-(?P<default>[^}]*))?\}")


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one running component.

    `values` holds the keys of `config.yml`; `config_digest` is the sha256 of that file as it
    stands on disk, so that an edit in place shows in `/version`; `image_digest` and `built`
    come from the image that the component was started from ("unpacked" outside an image).
    """

    component: str
    values: Mapping[str, Any]
    config_digest: str = "sha256:0"
    image_digest: str = "unpacked"
    built: str = "unpacked"

    def __getitem__(self, key: str) -> Any:
        return self.values[key]

    def get(self, key: str, default: Any = None) -> Any:
        return self.values.get(key, default)


def load_settings(component: str, config: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """Read `config` (YAML); an undefined `${VAR}` without a default raises KeyError.

    A variable is put in before the YAML is read, so `${PORT:-8302}` becomes a number.
    """
    environ = os.environ if environ is None else environ

    def value_of(match: re.Match[str]) -> str:
        name, default = match["name"], match["default"]
        if name in environ:
            return environ[name]
        if default is None:
            raise KeyError(f"{config}: ${{{name}}} is not set and has no default")
        return default

    text = config.read_bytes()
    values = yaml.safe_load(_VARIABLE.sub(value_of, text.decode("utf-8"))) or {}
    return Settings(
        component=component,
        values=values,
        config_digest="sha256:" + hashlib.sha256(text).hexdigest(),
        image_digest=environ.get("TRAVEL_IMAGE_DIGEST", "unpacked"),
        built=environ.get("TRAVEL_IMAGE_BUILT", "unpacked"),
    )
