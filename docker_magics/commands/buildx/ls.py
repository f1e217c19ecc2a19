"""docker buildx ls: list builders."""

from __future__ import annotations

from typing import Any

from docker_magics.cli.command import Command
from docker_magics.commands import _flags
from docker_magics.engine.client import Engine
from docker_magics.results.listing import render_listing

from ._builders import BUILDERS, builder_of


class BuildxLs(Command):
    """List builder instances"""

    usage = "[OPTIONS]"

    format: str = _flags.format_of_listing()

    def run(self, engine: Engine) -> Any:
        """Return the engine's own builder.

        Returns:
            A Table with the columns NAME, DRIVER, ENDPOINT, STATUS, BUILDKIT, PLATFORMS, all str.
        """
        return render_listing(BUILDERS, [builder_of(engine)], form=self.format)
