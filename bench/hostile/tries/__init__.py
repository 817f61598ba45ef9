"""The tries by name."""

from __future__ import annotations

from bench.hostile.trial import Try
from bench.hostile.tries import inputs, sending, suites, systems

CONTROL = "control: healthy"
TRIES: dict[str, Try] = {
    CONTROL: Try("GO"), "control: a person in a browser": suites.BROWSES,
    **suites.TRIES, **systems.TRIES, **sending.TRIES, **inputs.TRIES}
