"""BuildKit's progress messages, encoded here by the protobuf wire format."""

from __future__ import annotations

import base64
import random

import pytest

from docker_magics.engine.buildkit import trace


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def field(number: int, value: int | str | bytes) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def aux(*fields: bytes) -> str:
    return base64.b64encode(b"".join(fields)).decode()


def test_decode() -> None:
    started = field(1, 1_700_000_000) + field(2, 500_000_000)
    vertex = b"".join(
        (
            field(1, "sha256:a"),
            field(2, "sha256:b"),
            field(2, "sha256:c"),
            field(3, "[2/3] RUN make 빌드"),
            field(4, 1),
            field(5, started),
            field(7, "oh"),
        )
    )
    status = field(1, "layer") + field(2, "sha256:a") + field(4, 10) + field(5, 300)
    log = field(1, "sha256:a") + field(3, 2) + field(4, b"x\xff")
    place = field(7, field(1, field(1, 12) + field(2, 3)))
    warning = field(1, "sha256:a") + field(3, "mind") + field(5, "url") + place
    message = aux(field(1, vertex), field(2, status), field(3, log), field(4, warning))
    decoded = trace.decode(message)
    assert decoded.vertexes == [
        trace.Vertex(
            "sha256:a",
            ("sha256:b", "sha256:c"),
            "[2/3] RUN make 빌드",
            cached=True,
            started=1_700_000_000.5,
            error="oh",
        )
    ]
    assert decoded.statuses == [trace.Status("layer", "sha256:a", 10, 300)]
    assert decoded.logs == [trace.Log("sha256:a", 2, b"x\xff")]
    assert decoded.warnings == [trace.Warning("sha256:a", "mind", "url", 12)]


def test_unknown_fields_are_skipped() -> None:
    fixed = varint(99 << 3 | 1) + b"12345678" + varint(98 << 3 | 5) + b"1234"
    vertex = field(1, "a") + fixed + field(3, "name")
    assert trace.decode(aux(field(1, vertex), field(55, 7))).vertexes[0].name == "name"


def test_invalid_messages_are_errors() -> None:
    dice = random.Random(7)
    for _ in range(2000):
        data = dice.randbytes(dice.randint(0, 40))
        try:
            trace.decode(base64.b64encode(data).decode())
        except trace.TraceError:
            continue
    with pytest.raises(trace.TraceError):
        trace.decode("no base64!")
