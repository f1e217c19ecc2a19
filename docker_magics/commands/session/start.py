"""docker session start: label all objects created from now on."""

from __future__ import annotations

import re

from docker_magics.cli.command import Command, operand
from docker_magics.commands._session_label import SESSION
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError
from docker_magics.results.text import Text

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")


class SessionStart(Command):
    """Label the objects that this notebook creates from now on"""

    usage = "SESSION"
    long = (
        "Containers, volumes, networks, and images that are built, committed or imported get the\n"
        "label docker_magics.session=SESSION. Pulled and loaded images and swarm objects are not\n"
        "labeled. The session ends with the notebook's kernel, or with docker session stop; start\n"
        "it again under the same name to continue it."
    )

    session: str = operand()

    def run(self, engine: Engine) -> Text:
        """Return the session's name."""
        if not _NAME.fullmatch(self.session):
            rule = "up to 63 letters, digits, '_', '.' and '-', the first a letter or digit"
            raise UsageError(f"invalid session name {self.session!r}: expected {rule}")
        engine.labels[SESSION] = self.session
        return Text(self.session)
