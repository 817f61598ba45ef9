"""The JSON Schema of environments.yml for editors, generated from the model."""

from __future__ import annotations

import copy

from gonogo.config.model import Environments

_VARIABLE = {"type": "string", "pattern": r"\$\{\w+(:-[^}]*)?\}"}


def environments_schema() -> dict[str, object]:
    """Return the JSON Schema (2020-12) of the file: every scalar may also be or contain a `${VAR}`."""
    schema = Environments.model_json_schema()
    definitions = schema["$defs"]
    defaults = copy.deepcopy(definitions["Environment"])
    defaults.pop("required", None)
    defaults["description"] = schema["properties"]["defaults"]["description"]
    schema["properties"]["defaults"] = defaults
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "gonogo environments.yml"
    result = _allow_variables(schema)
    assert isinstance(result, dict)  # noqa: S101  # a mapping comes back as a mapping
    return result


def _allow_variables(node: object) -> object:
    if isinstance(node, list):
        return [_allow_variables(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: value if key in ("default", "enum", "required") else _allow_variables(value)
            for key, value in node.items()}
    constrained = node.get("type") in ("integer", "number", "boolean") or (
        node.get("type") == "string" and ({"pattern", "enum", "format"} & set(node)))
    if not constrained:
        return node
    outer = {key: node.pop(key) for key in ("title", "description", "default") if key in node}
    return {**outer, "anyOf": [node, _VARIABLE]}
