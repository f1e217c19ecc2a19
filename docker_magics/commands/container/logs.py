"""docker logs: what a container has written, and writes."""

from __future__ import annotations

from docker_magics.cli.command import flag, operand
from docker_magics.commands._logs import RELATIVE, Log, LogFlags, when
from docker_magics.engine.client import Engine, path
from docker_magics.engine.streamed import StreamedResponse
from docker_magics.results.live import Process

#: Seconds to wait for more of what a container wrote before it exited.
_SILENCE_S = 10.0


class ContainerLogs(LogFlags):
    """Fetch the logs of a container"""

    usage = "[OPTIONS] CONTAINER"
    aliases = ("logs",)

    until: str = flag("--until string", f"Show logs before a timestamp {RELATIVE}")
    container: str = operand()

    def run(self, engine: Engine) -> Process:
        """The lines, as they come; --follow ends with the container, or when it is interrupted.

        source: Engine API, ContainerLogs.
        """
        found = engine.get(path("containers", self.container, "json"))
        query = self.query() | {"until": when("until", self.until)}
        response = engine.request(
            "GET", path("containers", found["Id"], "logs"), query=query, stream=True
        )
        goes_on = self.follow or found["State"]["Running"]
        body = StreamedResponse(response, silence=None if goes_on else _SILENCE_S)
        return Log(body, tty=found["Config"]["Tty"])
