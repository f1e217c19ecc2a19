"""What engines do in another way than Docker's, each with its reason; no test knows of more."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from docker_magics.errors import DockerMagicsError

_ABOUT = "Podman 4.3"

#: What a test is about -> the engine that differs -> why.
DIFFERENCES = {
    "BuildKit": {
        "podman": f"{_ABOUT} builds by buildah, behind the classic builder's API",
        "embedded": "it has the classic builder, which every client knows",
    },
    "temporary containers": {"podman": "buildah commits steps without telling of containers"},
    "an interrupted step": {"podman": f"{_ABOUT} lets a step that runs come to its end"},
    "layers that are there": {"podman": f"{_ABOUT} says that it downloads them"},
    "login": {"podman": f"{_ABOUT} checks passwords over TLS alone, which the registry has not"},
    "all tags": {"podman": f"{_ABOUT}'s Docker API knows them not: it looks for `latest`"},
    "swarm": {
        "podman": "it has no swarm",
        "embedded": "it answers as a daemon that is in no swarm",
    },
}


def differs(address: str, what: str) -> bool:
    """Whether the engine at `address` does this in another way than Docker's."""
    return any(f"/{engine}-" in address for engine in DIFFERENCES[what])


def skip_where_different(address: str, what: str, attempt: Callable[[], object]) -> None:
    """Skip a test of something that this engine does not have.

    Args:
        address: the engine's.
        what: a key of `DIFFERENCES`.
        attempt: it fails where the engine differs; where it does not, the exemption has to go.
    """
    for engine, reason in DIFFERENCES[what].items():
        if f"/{engine}-" in address:
            with pytest.raises(DockerMagicsError):
                attempt()
            pytest.skip(f"{what}, {engine}: {reason}")
