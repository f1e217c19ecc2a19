"""docker session stop: what is made from now on carries no label."""

from __future__ import annotations

from docker_magics.cli.command import Command
from docker_magics.commands._session_label import SESSION
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError
from docker_magics.results.text import Text


class SessionStop(Command):
    """Label no more; what was made stays"""

    usage = ""

    def run(self, engine: Engine) -> Text:
        """The name of the session that ended."""
        if SESSION not in engine.labels:
            raise UsageError("no session is under way here")
        return Text(engine.labels.pop(SESSION))
