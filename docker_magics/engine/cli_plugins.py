"""Finds plugins of the docker CLI: `docker-NAME` is `docker NAME`.

source: docker/cli, cli-plugins/manager/manager_unix.go, for the folders.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from .cli_config import CliConfig

if TYPE_CHECKING:
    from pathlib import Path

#: Set for a plugin that docker runs; without it, the program takes itself for a standalone command.
CALLER = "DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND"
_SYSTEM_FOLDERS = (
    "/usr/local/lib/docker/cli-plugins",
    "/usr/local/libexec/docker/cli-plugins",
    "/usr/lib/docker/cli-plugins",
    "/usr/libexec/docker/cli-plugins",
)


def find_plugin(name: str, environment: Mapping[str, str] = os.environ) -> Path | None:
    """Return the program of an installed plugin, or None; as in docker, PATH is not searched."""
    if not re.fullmatch("[a-z][a-z0-9]*", name):
        return None
    return next(_programs(_folders(environment), f"docker-{name}"), None)


def installed(name: str, environment: Mapping[str, str] = os.environ) -> Iterator[Path]:
    """Yield the programs of a name among docker's plugins, of this Python, and on PATH."""
    import sysconfig

    on_path = environment.get("PATH", "").split(os.pathsep)
    folders = [*_folders(environment), sysconfig.get_path("scripts"), *on_path]
    return _programs(folders, name)


def _folders(environment: Mapping[str, str]) -> list[str]:
    """Return the folders in which the docker CLI looks for plugins, in its order."""
    config = CliConfig(environment)
    extra = config.read().get("cliPluginsExtraDirs") or []
    return [*extra, f"{config.folder}/cli-plugins", *_SYSTEM_FOLDERS]


def _programs(folders: Iterable[str], name: str) -> Iterator[Path]:
    from pathlib import Path

    for folder in folders:
        if os.access(path := Path(folder) / name, os.X_OK):
            yield path
