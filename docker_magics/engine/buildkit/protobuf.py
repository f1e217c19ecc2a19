"""A minimal protobuf codec: BuildKit's messages are few and small.

source: protobuf.dev, "Encoding".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_FIXED_SIZES = {_FIXED64: 8, _FIXED32: 4}

#: A field's value: a list is a repeated field, a mapping a `map<string, string>`.
Value = int | bytes | str | list[bytes] | list[str] | Mapping[str, str]


class ProtobufError(ValueError):
    """The bytes are not a protobuf message."""


class Message:
    """A decoded message. Fields are accessed by number; values are int or bytes.

    Raises:
        ProtobufError: the bytes are not a message.
    """

    def __init__(self, data: bytes) -> None:
        self._fields: dict[int, list[Any]] = {}
        for number, value in _fields(data):
            self._fields.setdefault(number, []).append(value)

    def all(self, number: int) -> list[Any]:
        """Return the values of a repeated field."""
        return self._fields.get(number, [])

    def one(self, number: int, default: Any) -> Any:
        """Return the value of a field; of duplicates, the last one wins."""
        return self._fields.get(number, [default])[-1]

    def text(self, number: int) -> str:
        """Return a string field, "" if missing."""
        return bytes(self.one(number, b"")).decode(errors="replace")

    def texts(self, number: int) -> dict[str, str]:
        """Return a `map<string, string>` field."""
        entries = [Message(entry) for entry in self.all(number)]
        return {entry.text(1): entry.text(2) for entry in entries}

    def time(self, number: int) -> float | None:
        """Return a Timestamp field in seconds since 1970, or None if missing."""
        data = self.one(number, None)
        if data is None:
            return None
        stamp = Message(data)
        return float(stamp.one(1, 0)) + float(stamp.one(2, 0)) / 1e9

    def timestamp(self, number: int) -> str:
        """Return a Timestamp field as RFC 3339 with nanoseconds, as Go prints it; "" if missing."""
        data = self.one(number, None)
        if data is None:
            return ""
        stamp = Message(data)
        moment = datetime.fromtimestamp(stamp.one(1, 0), UTC).strftime("%Y-%m-%dT%H:%M:%S")
        fraction = f"{stamp.one(2, 0):09}".rstrip("0")
        return f"{moment}.{fraction}Z" if fraction else f"{moment}Z"


def encode(fields: Mapping[int, Value]) -> bytes:
    """Encode fields (number -> value) as a message."""
    return b"".join(_encode_field(number, value) for number, value in fields.items())


def _encode_field(number: int, value: Value) -> bytes:
    match value:
        case int():
            return _encode_varint(number << 3 | _VARINT) + _encode_varint(value)
        case str():
            return _encode_field(number, value.encode())
        case bytes():
            return _encode_varint(number << 3 | _BYTES) + _encode_varint(len(value)) + value
        case list():
            return b"".join(_encode_field(number, item) for item in value)
    return _encode_field(number, [encode({1: key, 2: text}) for key, text in value.items()])


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    position = 0
    while position < len(data):
        key, position = _decode_varint(data, position)
        number, wire_type = key >> 3, key & 7
        if wire_type == _VARINT:
            value, position = _decode_varint(data, position)
            yield number, value
            continue
        size = _FIXED_SIZES.get(wire_type)
        if size is None:
            if wire_type != _BYTES:
                raise ProtobufError(f"unknown wire type {wire_type}")
            size, position = _decode_varint(data, position)
        if position + size > len(data):
            raise ProtobufError("unexpected end of message")
        yield number, data[position : position + size]
        position += size


def _decode_varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while position < len(data):
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
        if shift > 63:
            raise ProtobufError("varint longer than 64 bits")
    raise ProtobufError("unexpected end of message")


def _encode_varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])
