"""docker buildx version: the version of what takes the place of the buildx plugin."""

from __future__ import annotations

from docker_magics.cli.command import Command
from docker_magics.engine.client import Engine
from docker_magics.results.text import Text
from docker_magics.version import __version__


class BuildxVersion(Command):
    """Show buildx version information"""

    usage = ""

    def run(self, engine: Engine) -> Text:  # noqa: ARG002 - no request
        """Return this package's name and version: no buildx plugin is installed."""
        return Text(f"docker_magics {__version__}")
