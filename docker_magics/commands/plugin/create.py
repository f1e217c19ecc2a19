"""docker plugin create: create a plugin from a folder."""

from __future__ import annotations

import json
from pathlib import Path

from docker_magics.cli.command import Command, flag, operand
from docker_magics.commands._reference import parse_reference
from docker_magics.commands.container._archive import local_source, pack
from docker_magics.engine.build_context import compressed
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError
from docker_magics.results.text import Text


class PluginCreate(Command):
    """Create a plugin from a rootfs and configuration. Plugin data directory must contain config.json and rootfs directory."""  # noqa: E501 - the help's line

    usage = "[OPTIONS] PLUGIN PLUGIN-DATA-DIR"

    compress: bool = flag("--compress", "Compress the context using gzip")
    plugin: str = operand()
    folder: str = operand()

    def run(self, engine: Engine) -> Text:
        """Return the plugin's name.

        source: Engine API, PluginCreate.
        """
        parse_reference(self.plugin)
        _check(Path(self.folder))
        archive = pack(local_source(self.folder, follow=True), ".")
        data = compressed(archive) if self.compress else archive
        engine.request("POST", "/plugins/create", query={"name": self.plugin}, data=data)
        return Text(self.plugin)


def _check(folder: Path) -> None:
    if not folder.is_dir():
        raise UsageError("context must be a directory")
    try:
        json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"open {folder}/config.json: {str(error.strerror).lower()}") from error
    except ValueError as error:
        raise UsageError(f"{folder}/config.json is not valid JSON: {error}") from error
