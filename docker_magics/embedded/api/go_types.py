"""Decodes a JSON document into a Go type, as dockerd's json.Unmarshal does.

source: Go, encoding/json: Unmarshal; moby api/types/strslice.
"""

from __future__ import annotations

import re
from typing import Any

from .. import clock
from ..errors import BadParameter
from .go_structs import NAMED, STRUCTS

#: Struct -> its fields' names in lower case -> their names.
_FOLDED = {struct: {name.lower(): name for name in fields} for struct, fields in STRUCTS.items()}
_INTEGERS = {
    "int": range(-(1 << 63), 1 << 63),
    "int64": range(-(1 << 63), 1 << 63),
    "uint": range(1 << 64),
    "uint16": range(1 << 16),
    "uint32": range(1 << 32),
    "uint64": range(1 << 64),
}
_ZEROS: dict[str, Any] = {"string": "", "bool": False, **dict.fromkeys(_INTEGERS, 0)}
_MAP = re.compile(r"map\[[\w.]+\](.+)")
_ARRAY = re.compile(r"\[(\d*)\](.+)")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def decoded(value: Any, go_type: str, field: str = "") -> Any:
    """Return a JSON value as Go's decoder has it in a variable of a type.

    Only a struct's fields are kept, with the struct's spelling whatever their case, and without
    nulls, which change nothing. In a list or map a null is the element type's zero value; {} for a
    pointer to a struct, of which dockerd would crash. A command that is a string is a list of it.

    Args:
        value: of `parse_json`.
        go_type: as Go prints it: `image.Image`, `[]string`, ...
        field: the struct and the path of the field in it: `Config.config.Labels`; empty for the
            whole document.

    Raises:
        BadParameter: it has another type; the message is that of Go's decoder.
    """
    if value is None:
        return None
    if go_type in STRUCTS:
        return _struct(value, go_type, field)
    if go_type == "strslice.StrSlice":
        return [value] if isinstance(value, str) else _command(value, field)
    if go_type == "time.Time":
        _check_time(value)
        return value
    kind = NAMED.get(go_type, go_type)
    if map_type := _MAP.fullmatch(kind):
        _expect(dict, value, go_type, field)
        return {key: _element(item, map_type[1], field) for key, item in value.items()}
    if array := _ARRAY.fullmatch(kind):
        _expect(list, value, go_type, field)
        items = [_element(item, array[2], field) for item in value]
        return _resized(items, int(array[1]), array[2]) if array[1] else items
    if kind in _INTEGERS:
        if isinstance(value, bool) or not isinstance(value, int) or value not in _INTEGERS[kind]:
            raise _mismatch(value, go_type, field)
    else:
        _expect(bool if kind == "bool" else str, value, go_type, field)
    return value


def _struct(value: Any, go_type: str, field: str) -> dict[str, Any]:
    _expect(dict, value, go_type, field)
    _, _, path = field.partition(".")
    prefix = f"{go_type.rpartition('.')[2]}.{path}{'.' if path else ''}"
    types, folded = STRUCTS[go_type], _FOLDED[go_type]
    fields = {}
    for key, item in value.items():
        name = key if key in types else folded.get(key.lower())
        if name is not None and item is not None:
            fields[name] = decoded(item, types[name], prefix + name)
    return fields


def _command(value: Any, field: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(i, str | None) for i in value):
        raise _mismatch(value, "string", field)
    return [item or "" for item in value]


def _resized(items: list[Any], size: int, go_type: str) -> list[Any]:
    """Return the elements of an array: a longer list is cut, a shorter one filled up."""
    return [*items[:size], *[_ZEROS[go_type]] * (size - len(items))]


def _element(value: Any, go_type: str, field: str) -> Any:
    bare = go_type.removeprefix("*")
    if value is not None:
        return decoded(value, bare, field)
    if bare in STRUCTS:
        return {}
    return _ZEROS.get(NAMED.get(go_type, go_type))


def _check_time(value: Any) -> None:
    if not isinstance(value, str):
        raise BadParameter("Time.UnmarshalJSON: input is not a JSON string")
    if not _TIME.fullmatch(value):
        layout = "2006-01-02T15:04:05Z07:00"
        raise BadParameter(
            f'parsing time "{value}" as "{layout}": cannot parse "{value}" as "2006"'
        )
    clock.parse(value)


def _expect(python_type: type, value: Any, go_type: str, field: str) -> None:
    if not isinstance(value, python_type):
        raise _mismatch(value, go_type, field)


def _mismatch(value: Any, go_type: str, field: str) -> BadParameter:
    names = {bool: "bool", str: "string", list: "array", dict: "object"}
    name = names.get(type(value), "number")
    if name == "number" and NAMED.get(go_type, go_type) in _INTEGERS:
        name = f"number {value}"
    where = f"Go struct field {field}" if field else "Go value"
    return BadParameter(f"json: cannot unmarshal {name} into {where} of type {go_type}")
