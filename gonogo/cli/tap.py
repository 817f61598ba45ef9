"""`gonogo tap`: carries calls between components, and records them."""

from __future__ import annotations

import argparse
import os

from gonogo.core.runtime import Runtime
from gonogo.traffic.tap.command import tap_command
from gonogo.traffic.tap.routes import routes_of


def execute(arguments: argparse.Namespace, runtime: Runtime) -> int:
    """This process becomes the tap's, so that whoever started it has the tap itself to end."""
    command, environ = tap_command(routes_of(arguments.route), arguments.out, runtime.environ)
    os.execve(command[0], command, environ)  # noqa: S606  this Python, without a shell
