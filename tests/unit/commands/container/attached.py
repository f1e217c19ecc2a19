"""Output of attached processes, for tests."""

from __future__ import annotations

from contextlib import closing

from docker_magics.results.live import Process
from docker_magics.wire.frames import Stream, encode

ID = "c" * 64
OUT = encode(Stream.STDOUT, b"out") + encode(Stream.STDERR, b"err")


def outcome(process: Process) -> tuple[dict[Stream, bytes], int | None]:
    """Read a process to its end; return its output by stream, and its exit code."""
    output: dict[Stream, bytes] = {}
    with closing(process):
        for frame in process.arrivals():
            output[frame.stream] = output.get(frame.stream, b"") + frame.data
    return output, process.result()
