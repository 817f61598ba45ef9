"""`gonogo load preview`: draws the load of a profile, in a separate process."""

from __future__ import annotations

import argparse
import os
import sys

from gonogo.core.extras import require_extra
from gonogo.core.runtime import Runtime


def execute(arguments: argparse.Namespace, runtime: Runtime) -> int:
    """Replace this process by the preview: profile files import Locust, which patches the standard library."""
    require_extra("load", "`gonogo load preview`")
    profiles = [word for name in arguments.profile for word in ("--profile", name)]
    command = [sys.executable, "-m", "gonogo.load.preview", "--env", arguments.env, *profiles]
    os.execve(command[0], command, dict(runtime.environ))  # noqa: S606  this Python, without a shell
