"""The specs of a stack's services; tests/wire/test_stacks.py compares whole files with the CLI."""

from __future__ import annotations

from typing import Any

import pytest
from unit.commands.stub_engine import StubEngine

from docker_magics.commands.stack._model import StackModel
from docker_magics.commands.stack._service import service_spec
from docker_magics.errors import UsageError


def _spec(parts: dict[str, Any] | None = None, **service: Any) -> dict[str, Any]:
    model = StackModel("demo", {"services": {"web": {"image": "a", **service}}, **(parts or {})})
    return service_spec(StubEngine(), model, "web")


@pytest.mark.parametrize(
    ("restart", "policy"),
    [
        ("no", None),
        ("always", {"Condition": "any", "MaxAttempts": None}),
        ("unless-stopped", {"Condition": "any", "MaxAttempts": None}),
        ("on-failure:3", {"Condition": "on-failure", "MaxAttempts": 3}),
    ],
)
def test_restart(restart: str, policy: dict[str, Any] | None) -> None:
    assert _spec(restart=restart)["TaskTemplate"]["RestartPolicy"] == policy


@pytest.mark.parametrize(
    ("deploy", "mode"),
    [
        ({}, {"Replicated": {"Replicas": None}}),
        ({"mode": "replicated", "replicas": 2}, {"Replicated": {"Replicas": 2}}),
        ({"mode": "global"}, {"Global": {}}),
        ({"mode": "global-job"}, {"GlobalJob": {}}),
        (
            {"mode": "replicated-job", "replicas": 4},
            {"ReplicatedJob": {"MaxConcurrent": 4, "TotalCompletions": 4}},
        ),
    ],
)
def test_mode(deploy: dict[str, Any], mode: dict[str, Any]) -> None:
    assert _spec(deploy=deploy)["Mode"] == mode


@pytest.mark.parametrize(
    ("service", "message"),
    [
        ({"deploy": {"mode": "global", "replicas": 1}}, "replicas can only be used with"),
        ({"deploy": {"mode": "odd"}}, "unknown mode: odd"),
        ({"restart": "sometimes"}, "unknown policy 'sometimes'"),
        ({"stop_grace_period": "long"}, "invalid duration"),
        ({"volumes": [{"type": "odd", "target": "/x"}]}, "volume type must be"),
        ({"credential_spec": {"file": "a", "registry": "b"}}, '"File" and "Registry"'),
    ],
)
def test_what_a_swarm_does_not_have(service: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=f"^service web: .*{message}"):
        _spec(**service)


def test_mounts() -> None:
    parts = {"volumes": {"kept": {"external": True}, "shared": {"name": "mine"}, "csi": None}}
    volumes = [
        {"type": "volume", "source": "kept", "target": "/k"},
        {"type": "volume", "source": "shared", "target": "/s", "volume": {"subpath": "x"}},
        {"type": "image", "source": "i", "target": "/i", "image": {"subpath": "y"}},
        {"type": "cluster", "source": "csi", "target": "/c"},
        {"type": "cluster", "source": "group:g", "target": "/g"},
        {"type": "npipe", "source": "n", "target": "/n"},
    ]
    mounts = _spec(parts, volumes=volumes)["TaskTemplate"]["ContainerSpec"]["Mounts"]
    assert [mount["Source"] for mount in mounts] == [
        "kept",
        "mine",
        "i",
        "demo_csi",
        "group:g",
        "n",
    ]
    assert mounts[0]["VolumeOptions"] == {"NoCopy": False, "Subpath": ""}
    assert mounts[1]["VolumeOptions"]["Labels"] == {"com.docker.stack.namespace": "demo"}
    assert mounts[1]["VolumeOptions"]["Subpath"] == "x"
    assert mounts[2]["ImageOptions"] == {"Subpath": "y"}
