"""What an engine is told of registries, in the words of dockerd's own file.

ROOT/daemon.json    {"registry-mirrors": ["https://..."], "insecure-registries": ["host:port"]}

Where there is none, what this machine's Docker is told counts: of the user's, or of the system's.

source: dockerd(8), daemon.json; Engine API, SystemInfo: RegistryServiceConfig.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import ApiError
from ..state import read_json

_SYSTEM = Path("/etc/docker/daemon.json")


@dataclass(frozen=True)
class Configuration:
    """Where images come from.

    Attributes:
        mirrors: addresses that are asked before Docker Hub.
        insecure: the registries that speak plain HTTP.
    """

    mirrors: tuple[str, ...] = ()
    insecure: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The API's RegistryServiceConfig."""
        mirrors = [f"{each}/" for each in self.mirrors]
        indexes = {each: _index(each, secure=False) for each in self.insecure}
        hub = _index("docker.io", secure=True, mirrors=mirrors)
        return {
            "InsecureRegistryCIDRs": ["127.0.0.0/8"],
            "IndexConfigs": {**indexes, "docker.io": hub},
            "Mirrors": mirrors,
        }


def read(root: Path) -> Configuration:
    """The configuration of an engine's root folder, as it is now."""
    own = root / "daemon.json"
    found = read_json(own) if own.exists() else _of_docker()
    return Configuration(
        tuple(str(each).rstrip("/") for each in found.get("registry-mirrors") or []),
        tuple(map(str, found.get("insecure-registries") or [])),
    )


def _of_docker() -> dict[str, Any]:
    for path in (Path("~/.config/docker/daemon.json").expanduser(), _SYSTEM):
        # What is wrong with it is not ours to complain of.
        with contextlib.suppress(OSError, ApiError, TypeError, ValueError):
            return dict(read_json(path))
    return {}


def _index(name: str, *, secure: bool, mirrors: list[str] | None = None) -> dict[str, Any]:
    official = name == "docker.io"
    return {"Name": name, "Mirrors": mirrors or [], "Secure": secure, "Official": official}
