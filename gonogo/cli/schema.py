"""`gonogo schema`: the JSON Schema of environments.yml."""

from __future__ import annotations

import argparse
import json

from gonogo.config.schema import environments_schema
from gonogo.core.exit_codes import ExitCode
from gonogo.core.runtime import Outside


def execute(_: argparse.Namespace, outside: Outside) -> int:
    outside.stdout.write(json.dumps(environments_schema(), indent=2) + "\n")
    return ExitCode.GO
