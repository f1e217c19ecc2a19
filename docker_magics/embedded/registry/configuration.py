"""What an engine is told of registries, in the words of dockerd's own file.

ROOT/daemon.json    {"registry-mirrors": ["https://..."], "insecure-registries": ["host:port"]}

source: dockerd(8), daemon.json; Engine API, SystemInfo: RegistryServiceConfig.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..state import read_json


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
    path = root / "daemon.json"
    found = read_json(path) if path.exists() else {}
    return Configuration(
        tuple(str(each).rstrip("/") for each in found.get("registry-mirrors") or []),
        tuple(map(str, found.get("insecure-registries") or [])),
    )


def _index(name: str, *, secure: bool, mirrors: list[str] | None = None) -> dict[str, Any]:
    official = name == "docker.io"
    return {"Name": name, "Mirrors": mirrors or [], "Secure": secure, "Official": official}
