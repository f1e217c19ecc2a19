"""docker session stop: label no further objects."""

from __future__ import annotations

from docker_magics.cli.command import Command
from docker_magics.commands._session_label import SESSION
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError
from docker_magics.results.text import Text


class SessionStop(Command):
    """End the session; its objects are kept"""

    usage = ""

    def run(self, engine: Engine) -> Text:
        """Return the name of the ended session."""
        if SESSION not in engine.labels:
            raise UsageError("no session is active")
        return Text(engine.labels.pop(SESSION))
