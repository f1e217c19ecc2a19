"""Reduce moby's description of the Engine API (Swagger 2) to JSON Schemas of its responses.

    python tests/conformance/reduce.py v1.51.yaml > tests/conformance/engine-api-1.51.json

source: moby, api/docs/v1.51.yaml (Apache License 2.0, Copyright Docker, Inc.). Descriptions and
examples are left out.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml

_KEPT = ("type", "enum", "required", "$ref")
_METHODS = ("get", "head", "post", "put", "delete")


def reduce(document: dict[str, Any]) -> dict[str, Any]:
    """Return the schemas of the responses of all operations."""
    return {
        "about": {
            "source": "https://github.com/moby/moby, api/docs/v1.51.yaml, reduced by reduce.py",
            "license": "Apache-2.0, Copyright Docker, Inc.",
        },
        "operations": {
            f"{method.upper()} {path}": _operation(item[method])
            for path, item in document["paths"].items()
            for method in _METHODS
            if method in item
        },
        "definitions": {
            name: _schema(node, is_part=True) for name, node in document["definitions"].items()
        },
    }


def _operation(node: dict[str, Any]) -> dict[str, Any]:
    parameters = [
        {"name": parameter["name"], "in": parameter["in"], "type": parameter.get("type", "object")}
        for parameter in node.get("parameters", [])
    ]
    responses = {
        status: _schema(response["schema"]) if "schema" in response else None
        for status, response in node["responses"].items()
    }
    return {"id": node["operationId"], "parameters": parameters, "responses": responses}


def _schema(node: dict[str, Any], *, is_part: bool = False) -> dict[str, Any]:
    """Return a Swagger schema as a JSON Schema without undocumented properties.

    Args:
        node: the schema.
        is_part: whether other schemas add properties to it, so that it may not forbid them.
    """
    schema = {key: node[key] for key in _KEPT if key in node}
    schema |= {
        key: {name: _schema(value) for name, value in node[key].items()}
        for key in ("properties",)
        if key in node
    }
    if {"required", "properties"} <= schema.keys():  # v1.51 requires an UnpackedSize without a type
        schema["required"] = [name for name in schema["required"] if name in schema["properties"]]
    if "items" in node:
        schema["items"] = _schema(node["items"])
    if isinstance(node.get("additionalProperties"), dict):
        schema["additionalProperties"] = _schema(node["additionalProperties"])
    if "allOf" in node:
        schema["allOf"] = [_schema(part, is_part=True) for part in node["allOf"]]
    has_properties = {"properties", "allOf", "$ref"} & schema.keys()
    if has_properties and not is_part:
        schema["unevaluatedProperties"] = False
    return {"anyOf": [schema, {"type": "null"}]} if node.get("x-nullable") else schema


if __name__ == "__main__":
    json.dump(
        reduce(yaml.safe_load(Path(sys.argv[1]).read_text())), sys.stdout, indent=1, sort_keys=True
    )
    sys.stdout.write("\n")
