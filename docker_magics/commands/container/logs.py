"""docker logs: show the output of a container."""

from __future__ import annotations

from docker_magics.cli.command import flag, operand
from docker_magics.commands._logs import RELATIVE, Log, LogFlags, when
from docker_magics.engine.client import Engine, path
from docker_magics.engine.streamed import StreamedResponse
from docker_magics.results.live import Process

#: Seconds without output after which the log of an exited container counts as complete.
_SILENCE_S = 10.0


class ContainerLogs(LogFlags):
    """Fetch the logs of a container"""

    usage = "[OPTIONS] CONTAINER"
    aliases = ("logs",)

    until: str = flag("--until string", f"Show logs before a timestamp {RELATIVE}")
    container: str = operand()

    def run(self, engine: Engine) -> Process:
        """Return the stream of lines; --follow ends with the container or an interrupt.

        source: Engine API, ContainerLogs.
        """
        details = engine.get(path("containers", self.container, "json"))
        query = self.query() | {"until": when("until", self.until)}
        response = engine.request(
            "GET", path("containers", details["Id"], "logs"), query=query, stream=True
        )
        may_continue = self.follow or details["State"]["Running"]
        body = StreamedResponse(response, silence=None if may_continue else _SILENCE_S)
        return Log(body, tty=details["Config"]["Tty"])
