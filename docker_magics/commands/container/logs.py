"""docker logs: what a container has written, and writes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from docker_magics.cli.command import Command, flag, operand
from docker_magics.cli.kinds.times import timestamp
from docker_magics.engine.client import Engine, path
from docker_magics.engine.streamed import Streamed
from docker_magics.errors import ProtocolError, UsageError
from docker_magics.results.live import Process
from docker_magics.wire.frames import Frame, FrameDecoder, FrameError, Stream

#: Seconds to wait for more of what a container wrote before it exited.
_SILENCE_S = 10.0


class ContainerLogs(Command):
    """Fetch the logs of a container"""

    usage = "[OPTIONS] CONTAINER"
    aliases = ("logs",)

    details: bool = flag("--details", "Show extra details provided to logs")
    follow: bool = flag("-f, --follow", "Follow log output")
    since: str = flag(
        "--since string",
        'Show logs since timestamp (e.g. "2013-01-02T13:23:37Z") or relative'
        ' (e.g. "42m" for 42 minutes)',
    )
    tail: str = flag(
        "-n, --tail string", "Number of lines to show from the end of the logs", default="all"
    )
    timestamps: bool = flag("-t, --timestamps", "Show timestamps")
    until: str = flag(
        "--until string",
        'Show logs before a timestamp (e.g. "2013-01-02T13:23:37Z") or relative'
        ' (e.g. "42m" for 42 minutes)',
    )
    container: str = operand()

    def run(self, engine: Engine) -> Process:
        """The lines, as they come; --follow ends with the container, or when it is interrupted.

        source: Engine API, ContainerLogs.
        """
        found = engine.get(path("containers", self.container, "json"))
        query = {
            "stdout": True,
            "stderr": True,
            "since": self._time("since"),
            "until": self._time("until"),
            "timestamps": self.timestamps,
            "details": self.details,
            "follow": self.follow,
            "tail": self.tail,
        }
        response = engine.request(
            "GET", path("containers", found["Id"], "logs"), query=query, stream=True
        )
        goes_on = self.follow or found["State"]["Running"]
        body = Streamed(response, silence=None if goes_on else _SILENCE_S)
        return Log(body, tty=found["Config"]["Tty"])

    def _time(self, name: str) -> str:
        value: str = getattr(self, name)
        try:
            return timestamp(value) if value else ""
        except ValueError as error:
            raise UsageError(f'invalid value for "{name}": {error}') from error


class Log(Process):
    """The lines of a log; it has no exit code."""

    def __init__(self, body: Streamed, *, tty: bool) -> None:
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
