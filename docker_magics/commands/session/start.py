"""docker session start: from now on, what is made here carries a label."""

from __future__ import annotations

import re

from docker_magics.cli.command import Command, operand
from docker_magics.commands._session_label import SESSION
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError
from docker_magics.results.text import Text

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")


class SessionStart(Command):
    """Label what this notebook makes from now on"""

    usage = "SESSION"
    long = (
        "Containers, volumes, networks, and images that are built, committed or imported get the\n"
        "label docker_magics.session=SESSION. Images that are pulled or loaded get none, nor do\n"
        "objects of a swarm. It ends with the notebook's kernel, or with docker session stop; to\n"
        "start one of the same name goes on with it."
    )

    session: str = operand()

    def run(self, engine: Engine) -> Text:
        """The session's name."""
        if not _NAME.fullmatch(self.session):
            rule = "it has up to 63 letters, digits, '_', '.' and '-', a letter or digit first"
            raise UsageError(f"invalid session name {self.session!r}: {rule}")
        engine.labels[SESSION] = self.session
        return Text(self.session)
