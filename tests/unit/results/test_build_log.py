"""The log of a build, as the docker CLI writes it; compared with buildx 0.29.1 by hand."""

from __future__ import annotations

from typing import Any

from docker_magics.engine.buildkit.protobuf import encode
from docker_magics.results.build_log import plain_log


def _at(seconds: int, nanoseconds: int = 0) -> bytes:
    return encode({1: 1_700_000_000 + seconds, 2: nanoseconds})


def _vertex(digest: str, start: int, end: int | None, **more: Any) -> bytes:
    fields = {1: digest, 3: f"step {digest}", 5: _at(start), 7: more.get("error", "")}
    ended = {} if end is None else {6: _at(end)}
    return encode(fields | ended | {4: int(more.get("cached", False))})


def test_a_log() -> None:
    log = {1: "a", 2: _at(3, 250_000_000), 4: b"one\ntw"}
    rest = {1: "a", 2: _at(20), 4: b"o\nthree\n"}
    bar = {1: "pull", 2: "a", 4: 1_500_000, 5: 3_000_000, 6: _at(2), 7: _at(1), 8: _at(3)}
    unknown = {1: "sent", 2: "b", 4: 12}
    first = {
        1: [_vertex("a", 1, None), _vertex("b", 1, 2), _vertex("c", 1, 9, cached=True)],
        2: [encode(bar), encode(unknown)],
        3: [encode(log), encode(rest)],
        4: [encode({1: "a", 3: b"old syntax"})],
    }
    second = {
        1: [_vertex("a", 1, 8, error="exit code: 3"), _vertex("d", 1, 9, error="context canceled")]
    }
    assert plain_log([encode(first), encode(second)]) == (
        "#1 step b\n#1 sent 12B\n#1 DONE 1.0s\n\n"
        "#2 step a\n#2 pull 1.50MB / 3.00MB 2.0s done\n#2 WARN: old syntax\n"
        "#2 2.250 one\n#2 2.250 two\n#2 19.00 three\n#2 ERROR: exit code: 3\n\n"
        "#3 step c\n#3 CACHED\n\n"
        "#4 step d\n#4 CANCELED\n"
        "------\n > step a:\n2.250 one\n2.250 two\n19.00 three\n------\n"
    )


def test_a_running_step_is_not_shown() -> None:
    assert plain_log([encode({1: [_vertex("a", 1, None)]})]) == "\n"
