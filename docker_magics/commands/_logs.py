"""What the logs of containers and of services share: flags, and lines as they come.

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

#: How the help describes a time.
RELATIVE = '(e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)'


class LogFlags(Command):
    """Which lines of a log are wanted."""

    details: bool = flag("--details", "Show extra details provided to logs")
    follow: bool = flag("-f, --follow", "Follow log output")
    since: str = flag("--since string", f"Show logs since timestamp {RELATIVE}")
    tail: str = flag(
        "-n, --tail string", "Number of lines to show from the end of the logs", default="all"
    )
    timestamps: bool = flag("-t, --timestamps", "Show timestamps")

    def query(self) -> dict[str, Any]:
        """The flags as the API takes them.

        Raises:
            UsageError: --since is no time.
        """
        return {
            "stdout": True,
            "stderr": True,
            "since": when("since", self.since),
            "timestamps": self.timestamps,
            "details": self.details,
            "follow": self.follow,
            "tail": self.tail,
        }


def when(name: str, text: str) -> str:
    """A flag's time as the API takes it, "" where none was given.

    Raises:
        UsageError: the text is no time.
    """
    try:
        return timestamp(text) if text else ""
    except ValueError as error:
        raise UsageError(f'invalid value for "{name}": {error}') from error


class Log(Process):
    """The lines of a log; it has no exit code."""

    def __init__(self, body: StreamedResponse, *, tty: bool) -> None:
        self._body = body
        self.tty = tty

    def arrivals(self) -> Iterator[Frame]:
        """The lines' pieces; with a terminal all of them are stdout's."""
        decoder = FrameDecoder()
        try:
            for piece in self._body.pieces():
                if self.tty:
                    yield Frame(Stream.STDOUT, piece)
                else:
                    yield from decoder.feed(piece)
        except FrameError as error:
            raise ProtocolError(str(error)) from error

    def interrupt(self, times: int) -> None:  # noqa: ARG002 - once is enough
        """It ends."""
        self.close()

    def close(self) -> None:
        """Cut the connection."""
        self._body.close()

    def result(self) -> Any:
        """None."""
