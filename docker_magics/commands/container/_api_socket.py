"""--use-api-socket: give a container access to the engine, with the user's credentials.

source: docker/cli, cli/command/container/create.go: createContainer.
"""

from __future__ import annotations

import base64
import io
import json
import tarfile
from pathlib import PurePosixPath
from typing import Any

from docker_magics.engine import auth
from docker_magics.engine.client import Engine, path
from docker_magics.errors import UsageError

_SOCKET = "/var/run/docker.sock"
_CONFIG = PurePosixPath("/run/secrets/docker/config.json")

Credentials = dict[str, dict[str, str]]


def share_engine(body: dict[str, Any], engine: Engine) -> Credentials:
    """Mount the engine's socket into a new container; return the credentials to store in it.

    Raises:
        UsageError: the engine's address is not a unix socket.
    """
    scheme, _, socket = engine.address.host.partition("://")
    if scheme != "unix":
        message = "flag --use-api-socket can only be used with unix sockets: docker endpoint"
        raise UsageError(f"{message} {engine.address.host} incompatible")
    body["HostConfig"]["Mounts"].append({"Type": "bind", "Source": socket, "Target": _SOCKET})
    if any(variable.startswith("DOCKER_CONFIG=") for variable in body["Env"]):
        return {}
    if credentials := auth.all_credentials():
        body["Env"].append(f"DOCKER_CONFIG={_CONFIG.parent}")
    return credentials


def put_credentials(engine: Engine, identity: str, credentials: Credentials) -> None:
    """Write a config.json with the credentials into a container."""
    auths = {server: _entry(login) for server, login in credentials.items()}
    content = json.dumps({"auths": auths}).encode()
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        member = tarfile.TarInfo(str(_CONFIG))
        member.size, member.mode = len(content), 0o600
        tar.addfile(member, io.BytesIO(content))
    engine.request(
        "PUT",
        path("containers", identity, "archive"),
        query={"path": "/", "noOverwriteDirNonDir": "true"},
        data=archive.getvalue(),
        headers={"Content-Type": "application/x-tar"},
    )


def _entry(credentials: dict[str, str]) -> dict[str, str]:
    """Return an `auths` entry of the CLI's config.json."""
    pair = f"{credentials.get('username', '')}:{credentials.get('password', '')}"
    entry = {"auth": base64.b64encode(pair.encode()).decode()}
    if token := credentials.get("identitytoken"):
        entry["identitytoken"] = token
    return entry
