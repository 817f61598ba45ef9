"""`gonogo schema`: the JSON Schema of environments.yml, or of verdict.json."""

from __future__ import annotations

import argparse
import json

from gonogo.config.schema import environments_schema
from gonogo.core.exit_codes import ExitCode
from gonogo.core.runtime import Outside
from gonogo.records.verdict_file import verdict_schema


def execute(arguments: argparse.Namespace, outside: Outside) -> int:
    schema = verdict_schema() if arguments.document == "verdict" else environments_schema()
    outside.stdout.write(json.dumps(schema, indent=2) + "\n")
    return ExitCode.GO
