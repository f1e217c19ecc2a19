"""Hands an engine over to another program, by environment variables.

source: docker/cli, cli/flags/options.go and docker/go-sdk's client: FromEnv.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from docker_magics.errors import UsageError

from .address import Address, Tls

_SELECTING = ("DOCKER_CONTEXT", "DOCKER_TLS", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH")
_TLS_FILES = ("ca.pem", "cert.pem", "key.pem")


def environment_for(
    address: Address, environment: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """Return an environment whose programs use the engine: docker, Compose, testcontainers.

    Raises:
        UsageError: the engine's TLS keys are not in one folder under their usual names.
    """
    variables = {name: value for name, value in environment.items() if name not in _SELECTING}
    variables["DOCKER_HOST"] = address.host
    return variables | (_tls_variables(address.tls) if address.tls else {})


def _tls_variables(tls: Tls) -> dict[str, str]:
    files = [file for file in (tls.ca, tls.cert, tls.key) if file is not None]
    folders = {file.parent for file in files}
    if len(folders) > 1 or not {file.name for file in files} <= set(_TLS_FILES):
        raise UsageError(
            "cannot hand the engine over: its TLS keys are not in one folder",
            hint=f"Put {', '.join(_TLS_FILES)} into one folder.",
        )
    path = {"DOCKER_CERT_PATH": str(folders.pop())} if folders else {}
    return {"DOCKER_TLS": "1", "DOCKER_TLS_VERIFY": "1" if tls.verify else "", **path}
