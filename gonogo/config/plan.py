"""The plan of a run: the environment and the release as they were read once, handed to every child of the gate.

It travels as one line of JSON, sealed by its digest. It holds secrets: it is handed over on standard input and is
never written. A child that runs alone makes the same plan itself.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, SecretStr

from gonogo.config.model import Environment, Release
from gonogo.config.reading import RELEASE_FILE, load_environment, load_release
from gonogo.core.errors import EvidenceError


@dataclass(frozen=True, slots=True)
class RunPlan:
    """`release` is None where there is no release file; `waived` are objectives of load: (profile, rule, endpoint)."""

    environment_name: str
    environment: Environment
    release: Release | None = None
    waived: tuple[tuple[str, str, str], ...] = ()

    @classmethod
    def make(cls, environment_name: str, root: Path, environ: Mapping[str, str],
             release_file: Path | None = None) -> RunPlan:
        """Read `root`/environments.yml and the release file (default: `root`/release.yml). Raises GonogoError."""
        return cls(environment_name, load_environment(environment_name, root, environ), release_in(root, release_file))

    def sealed(self) -> bytes:
        """One line, with secrets in it."""
        plan = json.dumps({"environment_name": self.environment_name, "environment": _revealed(self.environment),
                           "release": _revealed(self.release), "waived": self.waived})
        return json.dumps({"sha256": _digest(plan), "plan": plan}).encode("ascii") + b"\n"

    @classmethod
    def unsealed(cls, line: str) -> RunPlan:
        """The plan in a line that `sealed` made. Raises EvidenceError where it is not whole."""
        try:
            envelope = json.loads(line)
            if envelope["sha256"] != _digest(envelope["plan"]):
                raise ValueError("its digest is another")
            plan = json.loads(envelope["plan"])
            release = plan["release"]
            return cls(plan["environment_name"], Environment.model_validate(plan["environment"]),
                       None if release is None else Release.model_validate(release),
                       tuple((profile, rule, endpoint) for profile, rule, endpoint in plan["waived"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:  # ValidationError is a ValueError
            raise EvidenceError(
                f"The plan of the run was not received whole ({type(error).__name__}).", where="standard input",
                fix="run the gate again; without the gate, start behave or locust without GONOGO_ variables.",
            ) from None  # the error itself quotes secrets


def release_in(root: Path, named: Path | None) -> Release | None:
    """The release file that was named, else release.yml where one stands. Raises ConfigError."""
    path = named or root / RELEASE_FILE
    return load_release(path) if named is not None or path.exists() else None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _revealed(value: object) -> object:
    """Plain JSON, by the keys of the file, with secrets as they are."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        return {fields[name].alias or name: _revealed(getattr(value, name)) for name in fields}
    if isinstance(value, Mapping):
        return {key: _revealed(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_revealed(item) for item in value]
    return value
