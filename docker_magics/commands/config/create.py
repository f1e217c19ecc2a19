"""docker config create: store a file for services."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag, operand
from docker_magics.cli.flag_types import LABELS
from docker_magics.cli.flag_types.texts import mapping
from docker_magics.commands._swarm import data_of, driver
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError
from docker_magics.results.text import Text


class ConfigCreate(Command):
    """Create a config from a file or STDIN"""

    usage = "[OPTIONS] CONFIG file|-"

    label: list[str] = flag("-l, --label list", "Config labels", flag_type=LABELS)
    template_driver: str = flag("--template-driver string", "Template driver")
    config: str = operand()
    file: str = operand()

    def run(self, engine: Engine) -> Text:
        """Return the new config's ID.

        source: Engine API, ConfigCreate.
        """
        body = {
            "Name": self.config,
            "Labels": mapping(self.label),
            "Data": self._data(),
            "Templating": driver(self.template_driver),
        }
        return Text(engine.post("/configs/create", body=body)["ID"])

    def _data(self) -> str:
        try:
            return data_of(self.file, self.terminal)
        except UsageError as error:
            raise UsageError(f'error reading content from "{self.file}": {error}') from error
