"""The old name of `gonogo.suite:Runner`."""

from gonogo.scenarios.running.runner import GonogoRunner

__all__ = ["GonogoRunner"]
