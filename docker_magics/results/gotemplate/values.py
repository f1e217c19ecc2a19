"""Values as templates see them, and how Go prints them.

source: https://pkg.go.dev/fmt, https://pkg.go.dev/encoding/json, https://pkg.go.dev/strconv.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from docker_magics.results import gotypes


@runtime_checkable
class HasFields(Protocol):
    """An object whose fields templates may name; `go_type` is its name in Go, "" if none knows."""

    @property
    def go_type(self) -> str: ...

    def template_field(self, name: str, arguments: Sequence[Any]) -> Any:
        """The value of `.name`; KeyError where there is none, ValueError for wrong arguments."""


@dataclass(frozen=True)
class Struct:
    """A Go struct whose fields are not called as its JSON calls them.

    Attributes:
        fields: the JSON's name of each, and its zero.
        value: the JSON.
        go_type: its name in Go.
    """

    fields: Mapping[str, tuple[str, Any]]
    value: Mapping[str, Any]
    go_type: str = ""

    def template_field(self, name: str, arguments: Sequence[Any]) -> Any:
        """The value of a field, its zero where the JSON leaves it out, or says null."""
        key, zero = self.fields[name]
        if arguments:
            raise ValueError(f"{name} has arguments but cannot be invoked as function")
        found = self.value.get(key)
        return zero if found is None else found

    def as_json(self) -> Mapping[str, Any]:
        """The JSON."""
        return self.value


class Missing:
    """The value of a key that a map has not: prints `<no value>`, counts as false."""


MISSING = Missing()


def is_true(value: Any) -> bool:
    """Whether Go's templates take a value for true: not zero, not empty."""
    return value is not MISSING and (isinstance(value, HasFields) or bool(value))


def go_type(value: Any) -> str:
    """The name of a value's type, as Go's %T prints it for what JSON gives."""
    if isinstance(value, HasFields):
        return value.go_type
    names = {bool: "bool", str: "string", int: "int", float: "float64"}
    names |= {list: "[]interface {}", dict: "map[string]interface {}"}
    return names.get(type(value), type(value).__name__)


def format_value(value: Any) -> str:
    """A value as Go's fmt prints it with %v."""
    match value:
        case Missing() | None:
            return "<no value>"
        case bool():
            return "true" if value else "false"
        case float():
            return go_float(value)
        case Mapping() if fields := gotypes.struct_fields(value):
            return "{" + " ".join(format_value(value.get(name, "")) for name in fields) + "}"
        case Mapping():
            inner = " ".join(f"{key}:{_nested(each)}" for key, each in sorted(value.items()))
            return f"map[{inner}]"
        case list() | tuple():
            return "[" + " ".join(map(_nested, value)) + "]"
    return str(value)


def _nested(value: Any) -> str:
    if value == {}:
        return "{}"  # an exposed port's, or a volume's: Go's struct{}
    return "<nil>" if value is None else format_value(value)


def go_float(value: float) -> str:
    """A float64 as Go prints it with %v: the shortest digits, an exponent from 1e21 on."""
    text = repr(float(value))
    if value == int(value) and abs(value) < 1e21:
        return str(int(value))
    mantissa, e, exponent = text.partition("e")
    if not e:
        return text
    number = int(exponent)
    return f"{mantissa.removesuffix('.0')}e{'-' if number < 0 else '+'}{abs(number):02}"


def to_json(value: Any) -> str:
    """JSON as Go marshals it: compact, <, > and & escaped; keys keep their order."""
    text = json.dumps(_plain(value), separators=(",", ":"), ensure_ascii=False)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def _plain(value: Any) -> Any:
    if value is MISSING:
        return None
    as_json = getattr(value, "as_json", None)
    return as_json() if as_json else value
