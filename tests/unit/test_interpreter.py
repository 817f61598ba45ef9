"""Which settings of Python a child process inherits."""

from __future__ import annotations

from gonogo.core.interpreter import environ_of_child


def test_settings_that_change_what_runs_are_not_inherited() -> None:
    kept = {"PYTHONPATH": "src", "PYTHONHASHSEED": "0", "PATH": "/bin", "API_TOKEN": "x"}
    changes = {name: "1" for name in ("PYTHONOPTIMIZE", "PYTHONINSPECT", "PYTHONSTARTUP", "PYTHONBREAKPOINT",
                                      "PYTHONCASEOK", "PYTHONPYCACHEPREFIX", "PYTHONOFTHEFUTURE")}
    assert environ_of_child({**kept, **changes}) == kept
