"""The embedded engine as one more address: where it is, and started where it does not run.

There is one for a user and a root folder: $DOCKER_MAGICS_ROOT, or docker_magics/embedded in the
user's data folder (XDG Base Directory Specification).
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from docker_magics.errors import NoEngine

from .address import Address

#: The name of its context.
NAME = "embedded"
DESCRIPTION = "The engine in docker_magics, started when it is needed"


def root(env: Mapping[str, str]) -> Path:
    """The folder that everything of it is in."""
    if folder := env.get("DOCKER_MAGICS_ROOT"):
        return Path(folder).absolute()
    home = Path(env.get("HOME") or Path.home())
    return Path(env.get("XDG_DATA_HOME") or home / ".local/share") / "docker_magics/embedded"


def socket_path(env: Mapping[str, str]) -> Path:
    """Its socket."""
    return root(env) / "docker.sock"


def address(env: Mapping[str, str], context: str = "default") -> Address:
    """Its address, whether it runs or not."""
    return Address(f"unix://{socket_path(env)}", "embedded engine", context=context)


def metadata(env: Mapping[str, str]) -> dict[str, Any]:
    """The meta.json of its context."""
    endpoint = {"Host": address(env).host, "SkipTLSVerify": False}
    about = {"Description": DESCRIPTION}
    return {"Name": NAME, "Metadata": about, "Endpoints": {"docker": endpoint}}


def ensure_running(env: Mapping[str, str]) -> None:
    """Start it where it does not run, and say so in one line.

    Raises:
        NoEngine: it cannot run here.
    """
    from docker_magics.embedded import background

    path = socket_path(env)
    if background.answers(path):
        return
    try:
        background.start(root(env), path)
    except (background.DidNotStart, OSError) as error:
        message = f"no container engine answers on this machine, and docker_magics's own: {error}"
        hint = "Start Docker or Podman, set DOCKER_HOST, or install proot."
        raise NoEngine(message, hint=hint) from error
    _tell(f"Started the embedded engine at {path}; it runs on when this notebook ends.")


def _tell(line: str) -> None:
    """To a notebook's reader as anything else; a script's output stays its own."""
    print(line, file=sys.stdout if hasattr(builtins, "__IPYTHON__") else sys.stderr)
