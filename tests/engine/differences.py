"""All known differences of engines from Docker Engine, with their reasons."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from conftest import POD

from docker_magics.errors import DockerMagicsError

_ABOUT = "Podman 4.3"

#: Subject of a test -> engine that differs -> reason.
DIFFERENCES = {
    "BuildKit": {
        "podman": f"{_ABOUT} builds with buildah, through the classic builder's API",
        "embedded": "it only has the classic builder",
    },
    "the build cache": {"podman": f"{_ABOUT}'s Docker API cannot prune it"},
    "temporary containers": {"podman": "buildah commits steps without reporting containers"},
    "an interrupted step": {"podman": f"{_ABOUT} completes a running step"},
    "layers that are there": {"podman": f"{_ABOUT} reports them as downloaded"},
    "health without systemd": {"podman": "its health checks are timers of systemd"},
    "the exit code of run --rm": {"podman": f"{_ABOUT} has forgotten it by then"},
    "the exit code of compose run --rm": {"podman": f"{_ABOUT} has forgotten it by then"},
    "docker debug": {
        POD: "its containers have no PID namespaces: the shell has a copy of the files",
    },
    "distribution": {"podman": f"{_ABOUT} cannot ask a registry about an image"},
    "login": {"podman": f"{_ABOUT} checks passwords only over TLS, which the test registry lacks"},
    "all tags": {"podman": f"{_ABOUT}'s Docker API does not support them: it looks for `latest`"},
    "swarm": {
        "podman": "it does not support Swarm",
        "embedded": "it answers like a daemon outside a swarm",
    },
}


def differs(address: str, subject: str) -> bool:
    """Whether the engine at `address` differs from Docker Engine in this subject."""
    return any(f"/{engine}-" in address for engine in DIFFERENCES[subject])


def skip_where_different(address: str, subject: str, attempt: Callable[[], object]) -> None:
    """Skip a test of a feature that this engine does not have.

    Args:
        address: the engine's address.
        subject: a key of `DIFFERENCES`.
        attempt: uses the feature; if it succeeds, this fails, as the exemption is obsolete.
    """
    for engine, reason in DIFFERENCES[subject].items():
        if f"/{engine}-" in address:
            with pytest.raises(DockerMagicsError):
                attempt()
            pytest.skip(f"{subject}, {engine}: {reason}")
