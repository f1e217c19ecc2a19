"""Values in templates, and their Go formatting.

source: https://pkg.go.dev/fmt, https://pkg.go.dev/encoding/json, https://pkg.go.dev/strconv.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from docker_magics.results import gotypes
from docker_magics.wire import go


@runtime_checkable
class HasFields(Protocol):
    """An object with fields for templates; `go_type` is its name in Go, "" if it is unknown."""

    @property
    def go_type(self) -> str: ...

    def template_field(self, name: str, arguments: Sequence[Any]) -> Any:
        """Return the value of `.name`.

        Raises:
            KeyError: the field does not exist.
            ValueError: the number of arguments is wrong; the message is Go's.
        """


@dataclass(frozen=True)
class Struct:
    """A Go struct whose field names differ from its JSON.

    Attributes:
        fields: Go field name -> JSON key and zero value.
        value: the JSON object.
        go_type: the type's name in Go.
    """

    fields: Mapping[str, tuple[str, Any]]
    value: Mapping[str, Any]
    go_type: str = ""

    def template_field(self, name: str, arguments: Sequence[Any]) -> Any:
        """Return the value of a field; its zero value if the JSON omits it or has null."""
        key, zero = self.fields[name]
        if arguments:
            raise ValueError(f"{name} has arguments but cannot be invoked as function")
        value = self.value.get(key)
        return zero if value is None else value

    def as_json(self) -> Mapping[str, Any]:
        """Return the JSON object."""
        return self.value


class Missing:
    """The value of a missing map key: it prints `<no value>` and is false."""


MISSING = Missing()


def is_true(value: Any) -> bool:
    """Whether a value is true in Go's templates: neither zero nor empty."""
    return value is not MISSING and (isinstance(value, HasFields) or bool(value))


def go_type(value: Any) -> str:
    """Return the type of a value as Go's %T prints it for decoded JSON."""
    if isinstance(value, HasFields):
        return value.go_type
    names = {bool: "bool", str: "string", int: "int", float: "float64"}
    names |= {list: "[]interface {}", dict: "map[string]interface {}"}
    return names.get(type(value), type(value).__name__)


def format_value(value: Any) -> str:
    """Format a value as Go's %v does."""
    match value:
        case Missing() | None:
            return "<no value>"
        case bool():
            return "true" if value else "false"
        case float():
            return go_float(value)
        case Mapping() if fields := gotypes.struct_fields(value):
            texts = (
                format_value(value.get(name, "")) or gotypes.EMPTY_TEXTS.get(name, "")
                for name in fields
            )
            return "{" + " ".join(texts) + "}"
        case Mapping():
            inner = " ".join(f"{key}:{_nested(item)}" for key, item in sorted(value.items()))
            return f"map[{inner}]"
        case list() | tuple():
            return "[" + " ".join(map(_nested, value)) + "]"
    return str(value)


def _nested(value: Any) -> str:
    if value == {}:
        return "{}"  # an exposed port's, or a volume's: Go's struct{}
    return "<nil>" if value is None else format_value(value)


def go_float(value: float) -> str:
    """Format a float64 as Go's %v does: the fewest digits, with an exponent from 1e21 on."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
    text = repr(float(value))
    if value == int(value) and abs(value) < 1e21:
        return str(int(value))
    mantissa, e, exponent = text.partition("e")
    if not e:
        return text
    number = int(exponent)
    return f"{mantissa.removesuffix('.0')}e{'-' if number < 0 else '+'}{abs(number):02}"


def to_json(value: Any) -> str:
    """Return JSON as Go marshals it: compact, with <, > and & escaped; keys keep their order."""
    return go.escape_html(json.dumps(_plain(value), separators=(",", ":"), ensure_ascii=False))


def _plain(value: Any) -> Any:
    if value is MISSING:
        return None
    as_json = getattr(value, "as_json", None)
    return as_json() if as_json else value
