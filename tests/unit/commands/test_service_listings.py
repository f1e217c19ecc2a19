"""Listings of Swarm services: ls, ps, inspect and logs."""

from __future__ import annotations

from typing import Any

import pytest
from unit.commands.services import service
from unit.commands.stub_engine import StubEngine, run

from docker_magics.errors import EngineError


def test_ls_shows_replicas_and_joins_consecutive_ports() -> None:
    ports = [
        {"Protocol": "tcp", "PublishedPort": p + 8000, "TargetPort": p, "PublishMode": "ingress"}
        for p in (80, 81, 90)
    ]
    web = service() | {
        "Endpoint": {"Ports": ports},
        "ServiceStatus": {"RunningTasks": 1, "DesiredTasks": 2},
    }
    job = service(Name="job", Mode={"ReplicatedJob": {"TotalCompletions": 9}}) | {
        "ServiceStatus": {"RunningTasks": 1, "DesiredTasks": 2, "CompletedTasks": 3}
    }
    table = run("service ls", StubEngine({"GET /services": [web, job]}))
    assert list(table["NAME"]) == ["job", "web"]
    assert list(table["MODE"]) == ["replicated job", "replicated"]
    assert list(table["REPLICAS"]) == ["1/2 (3/9 completed)", "1/2"]
    assert list(table["IMAGE"]) == ["nginx:1", "nginx:1"]
    assert list(table["PORTS"]) == ["", "*:8080-8081->80-81/tcp, *:8090->90/tcp"]


def test_ps_lists_tasks_of_a_slot_below_the_newest() -> None:
    def task(identity: str, slot: int, created: str, error: str = "") -> dict[str, Any]:
        return {
            "ID": identity,
            "Slot": slot,
            "ServiceID": "svc1",
            "NodeID": "n1",
            "CreatedAt": created,
            "DesiredState": "running",
            "Spec": {"ContainerSpec": {"Image": "nginx:1"}},
            "Status": {"State": "running", "Timestamp": "2024-01-02T03:04:05Z", "Err": error},
        }

    engine = StubEngine(
        {
            "GET /services": [service()],
            "GET /services/svc1": service(),
            "GET /nodes/n1": {"Spec": {}, "Description": {"Hostname": "host"}},
            "GET /tasks": [task("old", 1, "2024-01-01", "boom"), task("new", 1, "2024-01-02")],
        }
    )
    text = str(
        run("service ps --format 'table {{.ID}} {{.Name}} {{.Node}} {{.Error}}' web", engine)
    )
    assert text.splitlines()[1:] == ["new web.1 host ", 'old  \\_ web.1 host "boom"']
    assert run("service ps -q web", engine) == ["new", "old"]
    with pytest.raises(EngineError, match="no such service: nope"):
        run("service ps nope", StubEngine({"GET /services": []}))


def test_inspect_pretty() -> None:
    web = service(
        Labels={"a": "b"},
        UpdateConfig={"Parallelism": 1, "Delay": 1e9, "FailureAction": "pause", "Order": "x"},
        TaskTemplate={
            "ContainerSpec": {
                "Image": "nginx:1",
                "Args": ["x", "y"],
                "Env": ["A=1"],
                "Dir": "/d",
                "Init": True,
                "User": "me",
                "Mounts": [{"Target": "/t", "Source": "/s", "Type": "bind", "ReadOnly": True}],
                "Secrets": [{"SecretName": "key", "File": {"Name": "file"}}],
                "Ulimits": [{"Name": "nofile", "Soft": 1, "Hard": 2}],
            },
            "Placement": {
                "Constraints": ["a==b"],
                "Preferences": [{"Spread": {"SpreadDescriptor": "z"}}],
                "MaxReplicas": 3,
            },
            "Resources": {"Limits": {"NanoCPUs": 5e8, "MemoryBytes": 1024**2, "Pids": 7}},
            "Networks": [{"Target": "n1"}],
        },
    ) | {"Endpoint": {"Ports": [{"PublishedPort": 8080, "TargetPort": 80, "Protocol": "tcp"}]}}
    engine = StubEngine({"GET /services/web": web, "GET /networks/n1": {"Spec": {"Name": "net"}}})
    lines = str(run("service inspect --pretty web", engine)).splitlines()
    for line in (
        "Name:\t\tweb",
        " a=b",
        "Service Mode:\tReplicated",
        " Replicas:\t2",
        " Constraints:\t[a==b]",
        " Preferences:   [spread=z]",
        " Max Replicas Per Node:   3",
        " Delay:\t\t1s",
        " Args:\t\tx y ",
        " Init:\t\ttrue",
        " User: me",
        " nofile: 1:2",
        "  ReadOnly:\ttrue",
        "  Source:\tkey",
        "  CPU:\t\t0.5",
        "  Memory:\t1MiB",
        "  PIDs:\t\t7",
        "Networks: net ",
        " PublishedPort = 8080",
    ):
        assert line in lines


def test_logs_are_prefixed_by_their_tasks() -> None:
    details = (
        "com.docker.swarm.node.id=n1,com.docker.swarm.service.id=svc1,com.docker.swarm.task.id=t1"
    )
    payload = f"{details} hello\n".encode()
    frame = b"\1\0\0\0" + len(payload).to_bytes(4, "big") + payload
    engine = StubEngine(
        {
            "GET /services/web": service(),
            "GET /services/svc1": service(),
            "GET /tasks/t1": {"Slot": 3},
            "GET /nodes/n1": {"Spec": {"Name": "host"}},
            "GET /services/web/logs": frame,
        }
    )
    log = run("service logs web", engine)
    assert b"".join(piece.data for piece in log.arrivals()) == b"web.3.t1@host    | hello\n"
    assert engine.query("GET /services/web/logs")["details"] is True
    with pytest.raises(EngineError, match="no such task or service: nope"):
        run("service logs nope", engine)
