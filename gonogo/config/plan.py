"""The plan of a run: the environment and the release, read once and passed to every child process of the gate.

The plan is sent as one line of JSON with its digest. It contains secrets: it goes over standard input and is never
written to a file. A child without a gate makes the plan itself.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, SecretStr

from gonogo.config.model import Environment, Release
from gonogo.config.reading import RELEASE_FILE, load_release, locate_environment
from gonogo.core.errors import EvidenceError
from gonogo.model.reach import Reach
from gonogo.model.trace_ids import TraceIds


@dataclass(frozen=True, slots=True)
class RunPlan:
    """`release` is None without a release file. `waived` are load objectives: (profile, rule, endpoint).

    `other_urls` are those of the file's other environments, which no request may reach. `trace_ids` are those of the
    traces that the run's processes begin. `record_key` is for the process that writes the record, and for no process
    that runs code of the suite's steps.
    """

    environment_name: str
    environment: Environment
    release: Release | None = None
    waived: tuple[tuple[str, str, str], ...] = ()
    other_urls: tuple[str, ...] = ()
    trace_ids: TraceIds = field(default_factory=TraceIds)
    record_key: str = field(default="", repr=False)

    @property
    def reach(self) -> Reach:
        """Return what the run's requests may reach."""
        environment, permits = self.environment, self.environment.permits
        own = [environment.url, *(service.url for service in environment.services.values()),
               *(party.url for party in environment.third_parties.values()), environment.mail,
               environment.proxy.url if environment.proxy else None,
               environment.load.probe if environment.load else None]
        return Reach.between(filter(None, own), self.other_urls, hosts=environment.hosts,
                             read_only=permits.read_only, writes=permits.writes)

    @classmethod
    def make(cls, environment_name: str, root: Path, environ: Mapping[str, str],
             release_file: Path | None = None) -> RunPlan:
        """Read `root`/environments.yml and the release file (default: `root`/release.yml). Raises GonogoError."""
        located = locate_environment(environment_name, root, environ)
        return cls(environment_name, located.environment, release_in(root, release_file),
                   other_urls=located.other_urls)

    def sealed(self) -> bytes:
        """Return the plan as one line, with its secrets."""
        plan = json.dumps({"environment_name": self.environment_name, "environment": _revealed(self.environment),
                           "release": _revealed(self.release), "waived": self.waived, "other_urls": self.other_urls,
                           "trace_prefix": self.trace_ids.prefix, "record_key": self.record_key})
        return json.dumps({"sha256": _digest(plan), "plan": plan}).encode("ascii") + b"\n"

    @classmethod
    def unsealed(cls, line: str) -> RunPlan:
        """Return the plan in a line from `sealed`. Raises EvidenceError if it is incomplete."""
        try:
            envelope = json.loads(line)
            if envelope["sha256"] != _digest(envelope["plan"]):
                raise ValueError("its digest does not match")
            plan = json.loads(envelope["plan"])
            release = plan["release"]
            return cls(plan["environment_name"], Environment.model_validate(plan["environment"]),
                       None if release is None else Release.model_validate(release),
                       tuple((profile, rule, endpoint) for profile, rule, endpoint in plan["waived"]),
                       tuple(map(str, plan["other_urls"])), TraceIds(str(plan["trace_prefix"])),
                       str(plan["record_key"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:  # ValidationError is a ValueError
            raise EvidenceError(
                f"The plan of the run was received incomplete ({type(error).__name__}).", where="standard input",
                fix="run the gate again; if you run behave or locust yourself, unset the GONOGO_ variables.",
            ) from None  # the error itself quotes secrets


def release_in(root: Path, named: Path | None) -> Release | None:
    """Return the release of `named`, else of release.yml, else None. Raises ConfigError."""
    path = named or root / RELEASE_FILE
    return load_release(path) if named is not None or path.exists() else None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _revealed(value: object) -> object:
    """Return plain JSON with the file's keys and unmasked secrets."""
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
