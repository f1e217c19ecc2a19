"""Protobuf messages, read and written by hand: BuildKit's are few and small.

source: protobuf.dev, "Encoding".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_FIXED_SIZES = {_FIXED64: 8, _FIXED32: 4}


class ProtobufError(ValueError):
    """The bytes are no message."""


class Message:
    """A message's fields by number: int for numbers, bytes for all else.

    Raises:
        ProtobufError: the bytes are no message.
    """

    def __init__(self, data: bytes) -> None:
        self._fields: dict[int, list[Any]] = {}
        for number, value in _fields(data):
            self._fields.setdefault(number, []).append(value)

    def all(self, number: int) -> list[Any]:
        """A repeated field's values."""
        return self._fields.get(number, [])

    def one(self, number: int, default: Any) -> Any:
        """The last one: a field that is given twice has its last value."""
        return self._fields.get(number, [default])[-1]

    def text(self, number: int) -> str:
        """A string, empty where it was not given."""
        return bytes(self.one(number, b"")).decode(errors="replace")

    def time(self, number: int) -> float | None:
        """A Timestamp, in seconds since 1970."""
        data = self.one(number, None)
        if data is None:
            return None
        stamp = Message(data)
        return float(stamp.one(1, 0)) + float(stamp.one(2, 0)) / 1e9


def encode(fields: dict[int, int | bytes]) -> bytes:
    """A message of these fields."""
    return b"".join(
        _written(number << 3 | _VARINT) + _written(value)
        if isinstance(value, int)
        else _written(number << 3 | _BYTES) + _written(len(value)) + value
        for number, value in fields.items()
    )


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, at = _varint(data, at)
            yield number, value
            continue
        size = _FIXED_SIZES.get(kind)
        if size is None:
            if kind != _BYTES:
                raise ProtobufError(f"unknown wire type {kind}")
            size, at = _varint(data, at)
        if at + size > len(data):
            raise ProtobufError("cut off")
        yield number, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data):
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise ProtobufError("number too long")
    raise ProtobufError("cut off")


def _written(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])
