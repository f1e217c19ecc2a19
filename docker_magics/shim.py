"""The `docker` command of machines without one: a script that runs this package."""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import MutableMapping
from pathlib import Path

NAME = "docker"
_MARK = "# written by docker_magics"
#: What `-m docker_magics` runs, without the modules that `-m` itself needs.
_PROGRAM = "import sys; from docker_magics.program import main; sys.exit(main())"


def script() -> str:
    """Return the script: it runs this Python, and imports nothing from the current folder."""
    command = shlex.join([sys.executable, "-P", "-c", _PROGRAM])
    return f'#!/bin/sh\n{_MARK}\nexec {command} "$@"\n'


def write(folder: Path) -> Path:
    """Write the script into a folder, and return its path; a former script of ours is replaced.

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
        file.write(script())
    Path(temporary).chmod(0o755)
    Path(temporary).replace(path)
    return path


def _beginning(path: Path) -> str:
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.read(200)


def provide(environment: MutableMapping[str, str] = os.environ) -> None:
    """Put a private folder with the script in front of PATH, unless a docker command exists.

    `!docker` and `%%bash` find it. Without a place to write it, they go on without it.
    """
    if shutil.which(NAME, path=environment.get("PATH")):
        return
    folder = _folder(environment)
    try:
        write(folder)
    except OSError:
        return
    environment["PATH"] = os.pathsep.join(filter(None, (str(folder), environment.get("PATH"))))


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
