"""The configuration of registries: mirrors and insecure registries, as in dockerd's daemon.json.

ROOT/daemon.json    {"registry-mirrors": ["https://..."], "insecure-registries": ["host:port"]}

Without that file the daemon.json of this user's or this machine's Docker is used.

source: dockerd(8), daemon.json; Engine API, SystemInfo: RegistryServiceConfig.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

from ..errors import ApiError
from ..state import read_json

_USER = Path("~/.config/docker/daemon.json")
_SYSTEM = Path("/etc/docker/daemon.json")


class IndexInfo(TypedDict):
    """One registry in RegistryServiceConfig."""

    Name: str
    Mirrors: list[str]
    Secure: bool
    Official: bool


class RegistryServiceConfig(TypedDict):
    """The API's RegistryServiceConfig."""

    InsecureRegistryCIDRs: list[str]
    IndexConfigs: dict[str, IndexInfo]
    Mirrors: list[str]


@dataclass(frozen=True)
class Configuration:
    """The registries' part of a daemon.json.

    Attributes:
        mirrors: base URLs that are tried before Docker Hub.
        insecure: the registries (`host:port`) that speak plain HTTP.
    """

    mirrors: tuple[str, ...] = ()
    insecure: tuple[str, ...] = ()

    def as_json(self) -> RegistryServiceConfig:
        """Return the API's RegistryServiceConfig."""
        mirrors = [f"{mirror}/" for mirror in self.mirrors]
        indexes = {name: _index(name, secure=False) for name in self.insecure}
        hub = _index("docker.io", secure=True, mirrors=mirrors)
        return {
            "InsecureRegistryCIDRs": ["127.0.0.0/8"],
            "IndexConfigs": {**indexes, "docker.io": hub},
            "Mirrors": mirrors,
        }


def read(root: Path) -> Configuration:
    """Read the current configuration of an engine's root folder.

    Raises:
        ApiError: ROOT/daemon.json is damaged.
    """
    path = root / "daemon.json"
    options = read_json(path) if path.exists() else _docker_options()
    return Configuration(
        tuple(str(mirror).rstrip("/") for mirror in options.get("registry-mirrors") or []),
        tuple(map(str, options.get("insecure-registries") or [])),
    )


def _docker_options() -> dict[str, Any]:
    for path in (_USER.expanduser(), _SYSTEM):
        # Errors in Docker's own file are Docker's to report.
        with contextlib.suppress(OSError, ApiError, TypeError, ValueError):
            return dict(read_json(path))
    return {}


def _index(name: str, *, secure: bool, mirrors: list[str] | None = None) -> IndexInfo:
    official = name == "docker.io"
    return {"Name": name, "Mirrors": mirrors or [], "Secure": secure, "Official": official}
