"""The `docker` command of machines without one: a script that runs this package."""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from docker_magics.engine.cli_plugins import find_plugin, installed

NAME = "docker"
_MARK = "# written by docker_magics"
#: What `-m docker_magics` runs, without the modules that `-m` itself needs.
_PROGRAM = "import sys; from docker_magics.__main__ import main; sys.exit(main())"


def script(docker: str | None = None) -> str:
    """Return the script: it runs this Python, and imports nothing from the current folder.

    Args:
        docker: the docker command that runs all lines but `docker compose`.
    """
    command = shlex.join([sys.executable, "-P", "-c", _PROGRAM])
    others = f'[ "$1" = compose ] || exec {shlex.quote(docker)} "$@"\n' if docker else ""
    return f'#!/bin/sh\n{_MARK}\n{others}exec {command} "$@"\n'


def write(folder: Path, docker: str | None = None) -> Path:
    """Write the script into a folder, and return its path; a former script of ours is replaced.

    Args:
        folder: it is created if it does not exist.
        docker: as in `script`.

    Raises:
        FileExistsError: there is another `docker`.
        OSError: it cannot be written.
    """
    path = folder / NAME
    if os.path.lexists(path) and _MARK not in _beginning(path):
        raise FileExistsError(17, "it is another program", str(path))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=f".{NAME}")
    with os.fdopen(handle, "w") as file:
        file.write(script(docker))
    Path(temporary).chmod(0o755)
    Path(temporary).replace(path)
    return path


def _beginning(path: Path) -> str:
    """Return the first characters of a program; none of one that may only be executed."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(200)
    except PermissionError:
        return ""


def provide(environment: MutableMapping[str, str] = os.environ) -> None:
    """Put a private folder with the script in front of PATH, unless a docker command exists.

    A docker command without its Compose plugin stays for all lines but `docker compose`, if Compose
    is installed elsewhere. `!docker` and `%%bash` find the script. Without a place to write it,
    they go on without it.
    """
    docker = shutil.which(NAME, path=environment.get("PATH"))
    if docker and (_MARK in _beginning(Path(docker)) or not _lacks_compose(environment)):
        return
    folder = _folder(environment)
    try:
        write(folder, docker and str(Path(docker).absolute()))  # PATH has relative folders
    except OSError:
        return
    environment["PATH"] = os.pathsep.join(filter(None, (str(folder), environment.get("PATH"))))


def _lacks_compose(environment: Mapping[str, str]) -> bool:
    """Whether Compose is installed, but not as a plugin of the docker command."""
    is_plugin = find_plugin("compose", environment) is not None
    return not is_plugin and any(installed("docker-compose", environment))


def withdraw(environment: MutableMapping[str, str] = os.environ) -> None:
    """Remove the private folder from PATH."""
    folder = str(_folder(environment))
    kept = [name for name in environment.get("PATH", "").split(os.pathsep) if name != folder]
    environment["PATH"] = os.pathsep.join(kept)


def _folder(environment: MutableMapping[str, str]) -> Path:
    """Return the folder of this Python's script."""
    home = Path(environment.get("HOME") or Path.home())
    cache = environment.get("XDG_CACHE_HOME") or home / ".cache"
    python = hashlib.sha256(sys.executable.encode()).hexdigest()[:8]
    return Path(cache, "docker_magics", f"bin-{python}")
