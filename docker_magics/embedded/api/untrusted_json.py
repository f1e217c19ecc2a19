"""JSON that clients, archives and registries send."""

from __future__ import annotations

import json
import re
from typing import Any

from ...wire import go
from ..errors import BadParameter

_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_SURROGATE = re.compile("[\ud800-\udfff]")


#: Where Python's decoder fails -> where Go's does.
_PLACES = {
    "Expecting value": "looking for beginning of value",
    "Expecting property name enclosed in double quotes": (
        "looking for beginning of object key string"
    ),
    "Illegal trailing comma before end of object": "looking for beginning of object key string",
    "Illegal trailing comma before end of array": "looking for beginning of value",
    "Expecting ':' delimiter": "after object key",
    "Expecting ',' delimiter": "after array element or object key:value pair",
    "Extra data": "after top-level value",
    "Invalid control character at": "in string literal",
    "Invalid \\escape": "in string escape code",
}


def parse_json(data: bytes | str) -> Any:
    """Parse JSON as Go does: no NaN, and U+FFFD for what UTF-8 cannot express.

    Raises:
        ValueError: it is not JSON; the message is like that of Go's decoder.
        BadParameter: it is nested more deeply than Python can decode.
    """
    try:
        text = data if isinstance(data, str) else data.decode(errors="replace")
        value = json.loads(text, parse_constant=_reject_constant)
        return _without_surrogates(value) if _ESCAPED_SURROGATE.search(text) else value
    except json.JSONDecodeError as error:
        raise ValueError(_message(error)) from None
    except RecursionError:
        raise BadParameter("invalid JSON: exceeded max depth") from None


def _message(error: json.JSONDecodeError) -> str:
    rest = error.doc[error.pos :]
    if error.msg.startswith("Illegal trailing comma"):  # Python 3.13: at the comma, not behind it
        rest = rest.removeprefix(",").lstrip()
    character = rest[:1]
    place = _PLACES.get(error.msg)
    if not character or place is None:
        return "unexpected end of JSON input"
    return f"invalid character '{go.quote(character)[1:-1]}' {place}"


def _reject_constant(name: str) -> None:
    raise ValueError(f"invalid character '{name[0]}' looking for beginning of value")


def _without_surrogates(value: Any) -> Any:
    text = json.dumps(value, ensure_ascii=False)
    return json.loads(_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text))
