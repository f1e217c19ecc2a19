"""docker secret create: store confidential data for services."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag, operand
from docker_magics.cli.flag_types import LABELS
from docker_magics.cli.flag_types.texts import mapping
from docker_magics.commands._swarm import data_of, driver
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError
from docker_magics.results.text import Text


class SecretCreate(Command):
    """Create a secret from a file or STDIN as content"""

    usage = "[OPTIONS] SECRET [file|-]"

    driver: str = flag("-d, --driver string", "Secret driver")
    label: list[str] = flag("-l, --label list", "Secret labels", flag_type=LABELS)
    template_driver: str = flag("--template-driver string", "Template driver")
    secret: str = operand()
    file: str | None = operand(optional=True)

    def run(self, engine: Engine) -> Text:
        """Return the new secret's ID.

        source: Engine API, SecretCreate.
        """
        body = {
            "Name": self.secret,
            "Labels": mapping(self.label),
            "Data": self._data(),
            "Driver": driver(self.driver),
            "Templating": driver(self.template_driver),
        }
        return Text(engine.post("/secrets/create", body=body)["ID"])

    def _data(self) -> str | None:
        if self.driver:
            if self.file:
                raise UsageError("when using secret driver secret data must be empty")
            return None
        if not self.file:
            raise UsageError("secret file is required")
        return data_of(self.file, self.terminal)
