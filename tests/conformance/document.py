"""Checks responses against the Engine API's own description.

source: engine-api-1.51.json; see reduce.py.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
from conformance.deviations import EXTRA_FIELDS, NULL_FIELDS, STATUSES

_FILE = Path(__file__).with_name("engine-api-1.51.json")
#: Path parameters that may contain slashes.
_WITH_SLASHES = ("/images/", "/distribution/", "/plugins/", "/networks/", "/volumes/")
_ERROR = {"type": "object", "required": ["message"], "properties": {"message": {"type": "string"}}}


@functools.cache
def document() -> dict[str, Any]:
    """Return the operations and definitions; NULL_FIELDS may be null."""
    return dict(json.loads(_FILE.read_text(), object_hook=_with_nulls))


def _with_nulls(node: dict[str, Any]) -> dict[str, Any]:
    """Let properties be null, if `node` has properties."""
    properties = node.get("properties")
    if isinstance(properties, dict):
        for name in NULL_FIELDS & properties.keys():
            properties[name] = {"anyOf": [properties[name], {"type": "null"}]}
    return node


@functools.cache
def _patterns() -> list[tuple[str, re.Pattern[str], str]]:
    """Return method, pattern and name of the operations; those with fewer parameters come first."""
    patterns = []
    for operation in sorted(document()["operations"], key=lambda name: name.count("{")):
        method, _, path = operation.partition(" ")
        has_slashes = path.startswith(_WITH_SLASHES) or operation == "DELETE /containers/{id}"
        name = ".+" if has_slashes else "[^/]+"
        pattern = re.compile(re.sub(r"\\\{\w+\\\}", name, re.escape(path)))
        patterns.append((method, pattern, operation))
    return patterns


def operation_of(method: str, path: str) -> str | None:
    """Return the name of a request's operation, `GET /containers/{id}/json`; None for none."""
    for known_method, pattern, operation in _patterns():
        if known_method == method and pattern.fullmatch(path.rstrip("/")):
            return operation
    return None


@functools.cache
def _validator(operation: str, status: str) -> jsonschema.Draft202012Validator:
    """Return what checks a response; an undocumented error is checked as other errors are."""
    schema = document()["operations"][operation]["responses"].get(status, _ERROR)
    return jsonschema.Draft202012Validator(
        {"definitions": document()["definitions"], "allOf": [{} if schema is None else schema]}
    )


def problems(method: str, path: str, status: int, body: Any) -> Iterator[str]:
    """Yield what differs between a response and the description, but for `deviations`."""
    operation = operation_of(method, path)
    if operation is None:
        if status < 400:
            yield f"{method} {path} {status}: not documented"
        return
    name = f"{operation} {status}"
    known = document()["operations"][operation]["responses"]
    if str(status) not in known and status < 400:
        if name not in STATUSES:
            yield f"{name}: the status is not documented"
        return
    if body is None:
        return
    for error in _validator(operation, str(status)).iter_errors(without_deviations(body)):
        for part in _innermost(error):
            place = ".".join(map(str, part.absolute_path))
            yield f"{name} {place}: {part.message}"


def check(responses: Path) -> None:
    """Check the recorded responses of an engine.

    Raises:
        AssertionError: one differs from the description.
    """
    text = responses.read_text() if responses.exists() else ""
    lines = text.split("\n")[:-1]  # the last one is empty, or its engine was killed meanwhile
    differences = {text for line in lines for text in problems(**json.loads(line))}
    texts = "\n".join(sorted(differences))
    assert not differences, f"responses differ from the Engine API's description:\n{texts}"


def _innermost(error: Any) -> Iterator[Any]:
    """Yield the errors of the alternative that is not null."""
    parts = [part for part in error.context or () if part.schema_path[0] == 0]
    if not parts:
        yield error
    for part in parts:
        yield from _innermost(part)


def without_deviations(value: Any) -> Any:
    """Return a response without EXTRA_FIELDS."""
    if isinstance(value, list):
        return [without_deviations(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: without_deviations(item) for key, item in value.items() if key not in EXTRA_FIELDS}
