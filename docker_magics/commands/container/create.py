"""docker create: create a container without starting it."""

from __future__ import annotations

from typing import Any

from docker_magics.cli.command import flag
from docker_magics.engine.client import Engine
from docker_magics.results.text import Text

from ._create import create
from ._flags import CreateFlags


class ContainerCreate(CreateFlags):
    """Create a new container"""

    aliases = ("create",)

    pull: str = flag(
        "--pull string",
        'Pull image before creating ("always", "missing", "never")',
        default="missing",
    )

    def run(self, engine: Engine) -> Any:
        """Return the container's ID; a missing image is pulled first.

        source: Engine API, ContainerCreate.
        """
        return create(self, engine, Text)
