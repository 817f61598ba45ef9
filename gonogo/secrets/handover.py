"""Hands the secrets that scenarios used from the process that runs them to the gate, over a pipe: never through a file.

The gate masks spans and logs of components by them, which name no secret as such.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import MutableMapping

from gonogo.secrets.known import Secrets
from gonogo.secrets.masking import Masker

VARIABLE = "GONOGO_SECRETS_TO"  # the number of the pipe's descriptor
MAX_LINE_BYTES = 256 * 1024
MAX_HANDED_BYTES = 16 * 1024 * 1024


class SecretsReceiver:
    """The gate's end: `masker` knows what arrives. A child inherits `writer`; call `handed_over` once it has."""

    def __init__(self, masker: Masker) -> None:
        self._masker = masker
        self._reader, self._writer = os.pipe()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    @property
    def writer(self) -> int:
        return self._writer

    @property
    def variables(self) -> dict[str, str]:
        return {VARIABLE: str(self._writer)}

    def handed_over(self) -> None:
        """Close this process's copy of `writer`: the child has its own, or did not start."""
        if self._writer >= 0:
            os.close(self._writer)
            self._writer = -1

    def close(self, max_s: float) -> None:
        """Wait until all that was sent is read, for `max_s` at most."""
        self.handed_over()
        self._thread.join(max_s)

    def _read(self) -> None:
        left = MAX_HANDED_BYTES
        with contextlib.suppress(OSError), os.fdopen(self._reader, "rb") as reader:
            while left > 0 and (line := reader.readline(MAX_LINE_BYTES)):
                left -= len(line)
                with contextlib.suppress(ValueError, LookupError, TypeError, AttributeError, RecursionError):
                    self._take(json.loads(line))
            while reader.read(MAX_LINE_BYTES):  # a full pipe would block the child
                pass

    def _take(self, document: dict[str, dict[str, str]]) -> None:
        pairs = {str(value): str(kind) for value, kind in document["values"].items()}
        if trace := str(document["trace"]):
            self._masker.learn_of(trace, Secrets.of(pairs.items()))
        else:
            self._masker.learn(Secrets.of(pairs.items()))


class SecretsSender:
    """The child's end. Without a gate, or if the gate has died, nothing is sent."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor

    @classmethod
    def inherited(cls, environ: MutableMapping[str, str]) -> SecretsSender:
        """That of this process; clears the variable and keeps the pipe to itself: children of its own get neither."""
        number = environ.pop(VARIABLE, "")
        if not number.isdecimal():
            return cls(None)
        try:
            os.set_inheritable(int(number), False)
        except OSError:
            return cls(None)
        return cls(int(number))

    def send(self, secrets: Secrets, trace: str = "") -> None:
        """Send the secrets of the scenario of a `trace`; without one, those that are masked everywhere."""
        if self._descriptor is None or not len(secrets):
            return
        with contextlib.suppress(OSError):
            for value, kind in secrets.kinds.items():
                line = json.dumps({"trace": trace, "values": {value: kind}}).encode() + b"\n"
                while line and len(line) < MAX_LINE_BYTES:
                    line = line[os.write(self._descriptor, line):]
