"""Listings and reports of an engine's objects, made of canned responses."""

from __future__ import annotations

from typing import Any

import pytest
from unit.commands.stub_engine import StubEngine, run

from docker_magics.errors import EngineError, UsageError


def test_system_df_counts_reclaimable_bytes() -> None:
    usage = {
        "LayersSize": 100,
        "Images": [
            {"Containers": 1, "Size": 80, "SharedSize": 20},
            {"Containers": 0, "Size": 40, "SharedSize": 20},
        ],
        "Containers": [{"SizeRw": 5, "State": "running"}, {"SizeRw": 7, "State": "exited"}],
        "Volumes": [{"UsageData": {"Size": 9, "RefCount": 0}}],
        "BuildCache": [{"Size": 3, "InUse": True}, {"Size": 4, "InUse": False}],
    }
    table = run("system df", StubEngine({"GET /system/df": usage}))
    assert list(table["TOTAL"]) == [2, 2, 1, 2]
    assert list(table["ACTIVE"]) == [1, 1, 0, 1]
    assert list(table["SIZE"]) == [100, 12, 9, 7]
    assert list(table["RECLAIMABLE"]) == [20, 7, 9, 4]


def test_events_until_a_time_are_a_table() -> None:
    event = b'{"Type":"container","Action":"start","time":1,"timeNano":1000000000,'
    event += b'"Actor":{"ID":"c1","Attributes":{"name":"web","image":"nginx"}}}\n'
    engine = StubEngine({"GET /events": event * 2})
    table = run("events --until 2", engine)
    assert list(table["NAME"]) == ["web", "web"]
    assert list(table["ACTION"]) == ["start", "start"]
    stream = run("events", engine)
    lines = b"".join(frame.data for frame in stream.arrivals()).decode().splitlines()
    assert len(lines) == 2
    assert lines[0].endswith(" container start c1 (image=nginx, name=web)")


def test_stats_once() -> None:
    response: dict[str, Any] = {
        "id": "c1",
        "name": "/web",
        "cpu_stats": {
            "cpu_usage": {"total_usage": 300}, "system_cpu_usage": 2000, "online_cpus": 2,
        },
        "precpu_stats": {"cpu_usage": {"total_usage": 100}, "system_cpu_usage": 1000},
        "memory_stats": {"usage": 100, "limit": 200, "stats": {"inactive_file": 50}},
        "networks": {"eth0": {"rx_bytes": 1, "tx_bytes": 2}},
        "blkio_stats": {"io_service_bytes_recursive": [{"op": "Read", "value": 4}]},
        "pids_stats": {"current": 3},
    }  # fmt: skip
    table = run("stats --no-stream web", StubEngine({"GET /containers/web/stats": response}))
    row = table.iloc[0]
    assert row["CPU %"] == 40.0
    assert (row["MEM USAGE / LIMIT"], row["MEM %"]) == (50, 25.0)
    assert (row["NET I/O"], row["BLOCK I/O"], row["PIDS"]) == (3, 4, 3)


def test_history_shows_instructions_and_sizes() -> None:
    layers = [
        {"Id": "sha256:" + "a" * 64, "Created": 1_700_000_000, "CreatedBy": "CMD x", "Size": 0},
        {"Id": "<missing>", "Created": 0, "CreatedBy": "/bin/sh -c make", "Size": 12},
    ]
    table = run("history kit", StubEngine({"GET /images/kit/history": layers}))
    assert list(table["CREATED BY"]) == ["CMD x", "/bin/sh -c make"]
    assert list(table["SIZE"]) == [0, 12]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("network create --subnet 10.0.0.0/8 --subnet 10.1.0.0/16 n", "multiple overlapping"),
        ("network create --gateway 10.0.0.1 n", "must have a corresponding subnet"),
        ("network create --subnet 10.0.0.0/8 --gateway 11.0.0.1 n", "no matching subnet"),
        ("network create --subnet nope --subnet 10.0.0.0/8 n", "invalid CIDR address: nope"),
        ("network connect --driver-opt x n c", "invalid key/value pair format"),
        ("inspect --type nope x", "unknown type"),
        ("swarm join-token nope", "unknown role nope"),
        ("volume create --name a b", "cannot specify a volume-name"),
    ],
)
def test_rejected_lines(line: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        run(line, StubEngine())


def test_inspect_looks_for_each_type_in_turn() -> None:
    engine = StubEngine({"GET /info": {"Swarm": {}}, "GET /volumes/data": {"Name": "data"}})
    assert run("inspect data", engine) == [{"Name": "data"}]
    paths = [key for key, _, _ in engine.requests]
    assert paths[:3] == ["GET /containers/data/json", "GET /images/data/json", "GET /networks/data"]
    with pytest.raises(EngineError, match="no such object: nope"):
        run("inspect nope", engine)


def test_a_cluster_volume() -> None:
    engine = StubEngine({"POST /volumes/create": {"Name": "v"}})
    assert run("volume create --type mount --required-bytes 1k v", engine) == "v"
    spec = engine.sent("POST /volumes/create")["ClusterVolumeSpec"]
    assert spec["AccessMode"] == {"Scope": "single", "Sharing": "none", "MountVolume": {}}
    assert spec["CapacityRange"]["RequiredBytes"] == 1024
    assert run("volume create plain", engine) == "v"
    assert engine.sent("POST /volumes/create")["ClusterVolumeSpec"] is None
