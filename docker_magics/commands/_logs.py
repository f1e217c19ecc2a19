"""Logs of containers and services: common flags, and the stream of lines.

source: docker/cli, cli/command/container/logs.go, service/logs.go.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from docker_magics.cli.command import Command, flag
from docker_magics.cli.flag_types.times import timestamp
from docker_magics.engine.streamed import StreamedResponse
from docker_magics.errors import ProtocolError, UsageError
from docker_magics.results.live import Process
from docker_magics.wire.frames import Frame, FrameDecoder, FrameError, Stream

#: The help text for times.
RELATIVE = '(e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)'


class LogFlags(Command):
    """The flags that select lines of a log."""

    details: bool = flag("--details", "Show extra details provided to logs")
    follow: bool = flag("-f, --follow", "Follow log output")
    since: str = flag("--since string", f"Show logs since timestamp {RELATIVE}")
    tail: str = flag(
        "-n, --tail string", "Number of lines to show from the end of the logs", default="all"
    )
    timestamps: bool = flag("-t, --timestamps", "Show timestamps")

    def query(self) -> dict[str, Any]:
        """Return the flags as query parameters.

        Raises:
            UsageError: --since is not a time.
        """
        return {
            "stdout": True,
            "stderr": True,
            "since": when("since", self.since),
            "timestamps": self.timestamps,
            "details": self.details,
            "follow": self.follow,
            "tail": "" if self.tail == "all" else self.tail,
        }


def when(name: str, text: str) -> str:
    """Convert a flag's time to the API's format; "" stays "".

    Args:
        name: the flag's name, for the message.
        text: the flag's value.

    Raises:
        UsageError: the text is not a time.
    """
    try:
        return timestamp(text) if text else ""
    except ValueError as error:
        raise UsageError(f'invalid value for "{name}": {error}') from error


class Log(Process):
    """A stream of log lines, without an exit code."""

    def __init__(self, body: StreamedResponse, *, tty: bool) -> None:
        self._body = body
        self.tty = tty

    def arrivals(self) -> Iterator[Frame]:
        """Yield pieces of the log; with a TTY all of them are stdout."""
        decoder = FrameDecoder()
        try:
            for piece in self._body.pieces():
                if self.tty:
                    yield Frame(Stream.STDOUT, piece)
                else:
                    yield from decoder.feed(piece)
        except FrameError as error:
            raise ProtocolError(str(error)) from error

    def interrupt(self, times: int) -> None:  # noqa: ARG002 - the first interrupt ends it
        """End the stream."""
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._body.close()

    def result(self) -> Any:
        """Return None."""
