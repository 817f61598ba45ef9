"""Which settings of Python a child process inherits."""

from __future__ import annotations

from gonogo.core.interpreter import environ_of_child

WRITES = {"PYTHONIOENCODING": "utf-8:backslashreplace", "NETRC": "/dev/null"}


def test_settings_that_change_what_runs_are_not_inherited() -> None:
    kept = {"PYTHONPATH": "src", "PYTHONHASHSEED": "0", "PATH": "/bin", "API_TOKEN": "x"}
    changes = {name: "1" for name in ("PYTHONOPTIMIZE", "PYTHONINSPECT", "PYTHONSTARTUP", "PYTHONBREAKPOINT",
                                      "PYTHONCASEOK", "PYTHONPYCACHEPREFIX", "PYTHONOFTHEFUTURE")}
    assert environ_of_child({**kept, **changes}) == {**kept, **WRITES}


def test_child_writes_its_output_in_utf_8() -> None:
    """Its log is read by the gate, whatever the caller's terminal can show."""
    assert environ_of_child({"PYTHONIOENCODING": "ascii"}) == WRITES
