"""`gonogo schema`: print the JSON Schema of environments.yml, exceptions.yml or verdict.json."""

from __future__ import annotations

import argparse
import json

from gonogo.config.exceptions import exceptions_schema
from gonogo.config.schema import environments_schema
from gonogo.core.exit_codes import ExitCode
from gonogo.core.runtime import Runtime
from gonogo.records.verdict_file import verdict_schema

_SCHEMAS = {"environments": environments_schema, "exceptions": exceptions_schema, "verdict": verdict_schema}


def execute(arguments: argparse.Namespace, runtime: Runtime) -> int:
    schema = _SCHEMAS[arguments.document]()
    runtime.stdout.write(json.dumps(schema, indent=2) + "\n")
    return ExitCode.GO
