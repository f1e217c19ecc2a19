"""The address of the embedded engine, and how to start it.

One embedded engine runs per user and root folder: $DOCKER_MAGICS_ROOT, or docker_magics/embedded in
the user's data folder (XDG Base Directory Specification).
"""

from __future__ import annotations

import builtins
import os
import re
import sys
from collections.abc import Mapping
from typing import Any

from docker_magics.errors import NoEngine

from .address import Address
from .cli_config import home

#: The name of the built-in context.
NAME = "embedded"
DESCRIPTION = "The engine in docker_magics, started when it is needed"
_CANNOT_START = "cannot start the embedded engine"
_HINT = "Start Docker or Podman, set DOCKER_HOST, or install proot."
_FOLDER_HINT = "Set DOCKER_MAGICS_ROOT to a folder of yours, or start Docker or Podman."


def root(env: Mapping[str, str]) -> str:
    """Return the engine's root folder."""
    if folder := env.get("DOCKER_MAGICS_ROOT"):
        return os.path.abspath(folder)  # noqa: PTH100 - importing pathlib takes long
    data = env.get("XDG_DATA_HOME") or f"{home(env).rstrip('/')}/.local/share"
    return f"{data}/docker_magics/embedded"


def socket_path(env: Mapping[str, str]) -> str:
    """Return the path of the engine's socket."""
    return f"{root(env)}/docker.sock"


def address(env: Mapping[str, str], context: str = "default") -> Address:
    """Return the engine's address, whether it is running or not."""
    return Address(f"unix://{socket_path(env)}", "embedded engine", context=context)


def metadata(env: Mapping[str, str]) -> dict[str, Any]:
    """Return the meta.json of the built-in context."""
    endpoint = {"Host": address(env).host, "SkipTLSVerify": False}
    about = {"Description": DESCRIPTION}
    return {"Name": NAME, "Metadata": about, "Endpoints": {"docker": endpoint}}


def ensure_running(env: Mapping[str, str]) -> None:
    """Start the engine unless it is running, and report the start in one line.

    Raises:
        NoEngine: the engine cannot run on this machine.
    """
    if sys.platform != "linux":
        hint = "Start Docker or Podman, or set DOCKER_HOST."
        raise NoEngine(f"{_CANNOT_START}: it needs Linux", hint=hint)
    from pathlib import Path

    from docker_magics.embedded import background

    path = Path(socket_path(env))
    if background.answers(path):
        return
    try:
        background.start(path.parent, path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise NoEngine(f"{_CANNOT_START} in {path.parent}: {reason}", hint=_FOLDER_HINT) from error
    except background.DidNotStart as error:
        raise NoEngine(f"{_CANNOT_START}: {error}", hint=_HINT) from error
    engine = f"the embedded engine ({_limits(background.info(path))}) at {path}"
    _report(f"Started {engine}; it keeps running after the notebook exits.")


def _limits(info: Mapping[str, Any]) -> str:
    """Return how the engine runs containers, and what it cannot do here."""
    kind = dict(info["DriverStatus"])["Sandbox"].partition(" (")[0]
    missing = re.findall(r"WARNING: No ([\w ]+)", "\n".join(info["Warnings"]))
    return ", ".join([kind, *(f"no {what}" for what in missing)])


def _report(line: str) -> None:
    """Print to a notebook's output, but to stderr in scripts, whose stdout is data."""
    print(line, file=sys.stdout if hasattr(builtins, "__IPYTHON__") else sys.stderr)
