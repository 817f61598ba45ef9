"""`gonogo tap`: forwards calls between components and records them."""

from __future__ import annotations

import argparse
import os

from gonogo.core.runtime import Runtime
from gonogo.traffic.tap.command import tap_command
from gonogo.traffic.tap.routes import routes_of


def execute(arguments: argparse.Namespace, runtime: Runtime) -> int:
    """Replace this process by the tap, so that a signal to this process reaches the tap itself."""
    command, environ = tap_command(routes_of(arguments.route), arguments.out, runtime.environ)
    os.execve(command[0], command, environ)  # noqa: S606  this Python, without a shell
