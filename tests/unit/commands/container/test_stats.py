"""docker stats: values of the engine's samples, once and live."""

from __future__ import annotations

import json
from typing import Any

import pytest
from unit.commands.stub_engine import StubEngine, run

from docker_magics.commands.container.stats import LiveStats, usage
from docker_magics.errors import NotFound

_A, _B = "a" * 64, "b" * 64


def sample(identity: str, cpu: int = 200, **changes: Any) -> dict[str, Any]:
    """Return a sample: half the time of two CPUs, 30 MiB of 100 MiB."""
    return {
        "id": identity,
        "name": f"/{identity[0]}",
        "cpu_stats": {
            "cpu_usage": {"total_usage": cpu},
            "system_cpu_usage": 1200,
            "online_cpus": 2,
        },
        "precpu_stats": {"cpu_usage": {"total_usage": 100}, "system_cpu_usage": 1000},
        "memory_stats": {
            "usage": 40 << 20,
            "limit": 100 << 20,
            "stats": {"inactive_file": 10 << 20},
        },
        "networks": {"eth0": {"rx_bytes": 1000, "tx_bytes": 500}},
        "blkio_stats": {
            "io_service_bytes_recursive": [
                {"op": "Read", "value": 4096},
                {"op": "write", "value": 2000},
                {"op": "Total", "value": 9},
            ]
        },
        "pids_stats": {"current": 3},
        **changes,
    }


def lines(*values: Any) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def stats_of(name: str) -> str:
    return f"GET /containers/{name}/stats"


def drain(live: LiveStats) -> None:
    for arrival in live.arrivals():
        live.update(arrival)
    live.close()
    assert live.result() is None


def test_the_numbers_of_a_sample() -> None:
    row = usage(sample(_A), "web")
    assert (row.cpu, row.memory, row.memory_percent) == (100.0, 30 << 20, 30.0)
    assert (row.received, row.sent, row.read, row.written) == (1000, 500, 4096, 2000)
    assert (row.name, row.processes) == ("a", 3)


def test_a_stopped_container_uses_nothing() -> None:
    row = usage({"cpu_stats": {}, "memory_stats": {}, "networks": None}, "web")
    assert (row.cpu, row.memory, row.memory_percent, row.sent, row.read) == (0.0, 0, 0.0, 0, 0)
    assert row.name == "--"


def test_old_engines_name_each_cpu() -> None:
    cpus = {"total_usage": 200, "percpu_usage": [1, 2, 3, 4]}
    now = {"cpu_usage": cpus, "system_cpu_usage": 1200}
    assert usage(sample(_A, cpu_stats=now), "web").cpu == 200.0


def test_no_stream_returns_a_table_of_the_running_containers() -> None:
    engine = StubEngine(
        {
            "GET /events": b"",
            "GET /containers/json": [{"Id": _A}, {"Id": _B}],
            stats_of(_A): sample(_A),
            stats_of(_B): sample(_B, cpu=100),
        }
    )
    table = run("stats --no-stream", engine)
    assert list(table["NAME"]) == ["a", "b"]
    assert list(table["CPU %"]) == [100.0, 0.0]
    assert list(table["NET I/O"]) == [1500, 1500]
    assert table["CONTAINER ID"][0] == _A[:12]
    assert engine.query(stats_of(_A)) == {"stream": "0"}
    assert engine.query("GET /containers/json") == {"all": False}


def test_a_format_prints_lines() -> None:
    engine = StubEngine({stats_of("web"): sample(_A)})
    form = "{{.Container}} {{.MemUsage}} {{.NetIO}} {{.PIDs}}"
    text = run(f"stats --no-stream --format '{form}' web", engine)
    assert str(text).rstrip() == "web 30MiB / 100MiB 1kB / 500B 3"


def test_live_the_last_sample_of_each_container_is_shown() -> None:
    answers = {
        stats_of("a"): lines(sample(_A, cpu=100), sample(_A)),
        stats_of("b"): lines(sample(_B, networks={})),
    }
    live = run("stats --format '{{.Name}} {{.CPUPerc}}' a b", StubEngine(answers))
    drain(live)
    assert live.text() == "a 100.00%\nb 100.00%"
    html = live.html()
    assert html.count("<svg") >= 1
    assert "100MiB" in html


def test_live_without_containers_only_the_heading_is_shown() -> None:
    live = run("stats", StubEngine({"GET /events": b"", "GET /containers/json": []}))
    drain(live)
    headings = "CONTAINER ID NAME CPU % MEM USAGE / LIMIT MEM % NET I/O BLOCK I/O PIDS"
    assert " ".join(live.text().split()) == headings
    assert "<svg" not in live.html()


@pytest.mark.parametrize(
    ("flags", "action", "names"),
    [
        ("", "start", ["a", "b"]),
        ("-a", "create", ["a", "b"]),
        ("", "create", ["a"]),
        ("", "pause", ["a"]),
    ],
)
def test_live_containers_that_start_are_added(flags: str, action: str, names: list[str]) -> None:
    engine = StubEngine(
        {
            "GET /events": lines({"Action": action, "Actor": {"ID": _B}}),
            "GET /containers/json": [{"Id": _A}],
            stats_of(_A): lines(sample(_A)),
            stats_of(_B): lines(sample(_B)),
        }
    )
    live = run(f"stats {flags} --format '{{{{.Name}}}}'", engine)
    drain(live)
    assert live.text().split() == names


@pytest.mark.parametrize(("flags", "left"), [("", ""), ("-a", "a")])
def test_live_containers_that_exit_are_removed_unless_all_are_shown(flags: str, left: str) -> None:
    event = {"Action": "die", "Actor": {"ID": _A}}
    engine = StubEngine(
        {
            "GET /events": lines(event),
            "GET /containers/json": [{"Id": _A}],
            stats_of(_A): lines(sample(_A)),
        }
    )
    live = run(f"stats {flags} --format '{{{{.Name}}}}'", engine)
    drain(live)
    assert live.text() == left


def test_live_a_missing_container_is_an_error() -> None:
    engine = StubEngine({stats_of("web"): (404, "No such container: web")})
    live = run("stats web", engine)
    with pytest.raises(NotFound, match="No such container: web"):
        list(live.arrivals())


def test_live_an_interrupt_ends_it_and_keeps_the_table() -> None:
    live = run("stats --format '{{.Name}}' web", StubEngine({stats_of("web"): lines(sample(_A))}))
    drain(live)
    assert live.interrupt(1) is None
    assert live.text() == "a"
