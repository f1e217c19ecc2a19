"""A Swarm service for tests."""

from __future__ import annotations

from typing import Any


def service(**spec: Any) -> dict[str, Any]:
    """Return a service `web` with changes of its spec."""
    return {
        "ID": "svc1",
        "Version": {"Index": 7},
        "Spec": {
            "Name": "web",
            "TaskTemplate": {"ContainerSpec": {"Image": "nginx:1@sha256:" + "a" * 64}},
            "Mode": {"Replicated": {"Replicas": 2}},
            **spec,
        },
    }
