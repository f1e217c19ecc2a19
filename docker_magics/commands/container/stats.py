"""docker stats: the resource usage of containers: CPU, memory, network, disk."""

from __future__ import annotations

import functools
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from docker_magics.cli.command import Command, flag, operands
from docker_magics.commands import _flags
from docker_magics.engine.client import Engine, path
from docker_magics.engine.streamed import StreamedResponse
from docker_magics.errors import ApiError, EngineError
from docker_magics.results import human
from docker_magics.results.listing import Field, Listing, format_listing, render_listing
from docker_magics.results.live import Progress
from docker_magics.results.plots import Chart, small_multiples

if TYPE_CHECKING:
    from docker_magics.results.table import Column

_PARALLEL_REQUESTS = 16
#: Samples kept per container, one per second; and the maximum number of containers in a chart.
_SAMPLES = 180
_DRAWN = 8


class ContainerStats(Command):
    """Display a live stream of container(s) resource usage statistics"""

    usage = "[OPTIONS] [CONTAINER...]"
    aliases = ("stats",)

    all: bool = flag("-a, --all", "Show all containers (default shows just running)")
    format: str = _flags.format_of_listing()
    no_stream: bool = flag("--no-stream", "Disable streaming stats and only pull the first result")
    no_trunc: bool = _flags.no_trunc("Do not truncate output")
    containers: list[str] = operands()

    def run(self, engine: Engine) -> Any:
        """Return the resource usage of the containers, once or as a live stream.

        Returns:
            With --no-stream a Table with the columns CONTAINER ID, NAME (str), CPU % (float64,
            100 is one CPU), MEM USAGE / LIMIT (int64, bytes used), MEM % (float64), NET I/O
            (int64, bytes received and sent), BLOCK I/O (int64, bytes read and written), PIDS
            (int64). Otherwise a Progress that redraws the table and keeps the last one.

        source: Engine API, ContainerStats.
        """
        # Requested before the list, so that no event between the two is missed.
        changes = None if self.containers else _changes(engine)
        names = self.containers or self._running(engine)
        listing = stats(trunc=not self.no_trunc)
        if not self.no_stream:
            return LiveStats(engine, names, listing, self.format, changes, every=self.all)
        if changes is not None:
            changes.close()
        return render_listing(listing, self._once(engine, names), form=self.format)

    def _running(self, engine: Engine) -> list[str]:
        return [container["Id"] for container in engine.get("/containers/json", {"all": self.all})]

    def _once(self, engine: Engine, names: Sequence[str]) -> list[Usage]:
        """Sample all containers in parallel, as the engine takes a second for each."""

        def ask(name: str) -> Usage:
            answer = engine.get(path("containers", name, "stats"), {"stream": "0"})
            return usage(answer, name)

        with ThreadPoolExecutor(_PARALLEL_REQUESTS) as pool:
            return list(pool.map(ask, names))


def _changes(engine: Engine) -> StreamedResponse:
    """Return the stream of container events."""
    query = {"filters": {"type": ["container"]}}
    return StreamedResponse(engine.request("GET", "/events", query=query, stream=True))


@dataclass(frozen=True)
class Usage:
    """The resource usage of a container: sizes in bytes, CPU and memory in percent."""

    container: str
    identity: str
    name: str
    cpu: float
    memory: int
    memory_limit: int
    received: int
    sent: int
    read: int
    written: int
    processes: int

    @property
    def memory_percent(self) -> float:
        """The memory usage in percent of the limit."""
        return 100 * self.memory / self.memory_limit if self.memory_limit else 0.0


def usage(response: Mapping[str, Any], container: str) -> Usage:
    """Parse the engine's response.

    source: docker/cli, cli/command/container/stats_helpers.go.
    """
    memory = response.get("memory_stats") or {}
    networks = (response.get("networks") or {}).values()
    return Usage(
        container=container,
        identity=response.get("id", ""),
        name=response.get("name", "").removeprefix("/") or "--",
        cpu=_cpu(response),
        memory=_memory(memory),
        memory_limit=memory.get("limit", 0),
        received=sum(network["rx_bytes"] for network in networks),
        sent=sum(network["tx_bytes"] for network in networks),
        read=_block(response, "r"),
        written=_block(response, "w"),
        processes=(response.get("pids_stats") or {}).get("current", 0),
    )


def _cpu(response: Mapping[str, Any]) -> float:
    now, before = response.get("cpu_stats") or {}, response.get("precpu_stats") or {}
    used = now.get("cpu_usage", {}).get("total_usage", 0)
    used -= before.get("cpu_usage", {}).get("total_usage", 0)
    elapsed = now.get("system_cpu_usage", 0) - before.get("system_cpu_usage", 0)
    cpus = now.get("online_cpus") or len(now.get("cpu_usage", {}).get("percpu_usage") or [])
    return 100.0 * cpus * used / elapsed if used > 0 and elapsed > 0 else 0.0


def _memory(memory: Mapping[str, Any]) -> int:
    """Return the memory in use without the page cache, which is reclaimable."""
    used: int = memory.get("usage", 0)
    details = memory.get("stats") or {}
    cache = details.get("total_inactive_file", details.get("inactive_file", 0))
    return used - cache if cache < used else used


def _block(response: Mapping[str, Any], letter: str) -> int:
    entries = (response.get("blkio_stats") or {}).get("io_service_bytes_recursive") or []
    return sum(entry["value"] for entry in entries if entry["op"].lower().startswith(letter))


def stats(*, trunc: bool) -> Listing:
    """Return the listing of resource usage.

    source: docker/cli, cli/command/container/formatter_stats.go.
    """
    fields: dict[str, Field] = {
        "Container": lambda u: u.container[:12] if u.container == u.identity else u.container,
        "ID": lambda u: u.identity[:12] if trunc else u.identity,
        "Name": lambda u: u.name,
        "CPUPerc": lambda u: human.percent(u.cpu),
        "MemUsage": lambda u: _of(u.memory, u.memory_limit, human.binary_size),
        "MemPerc": lambda u: human.percent(u.memory_percent),
        "NetIO": lambda u: _of(u.received, u.sent, human.size),
        "BlockIO": lambda u: _of(u.read, u.written, human.size),
        "PIDs": lambda u: str(u.processes),
    }
    return Listing(
        fields=fields,
        columns=functools.partial(_columns, fields),
        table="{{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}"
        "\t{{.BlockIO}}\t{{.PIDs}}",
        headings={
            "ID": "CONTAINER ID",
            "CPUPerc": "CPU %",
            "MemUsage": "MEM USAGE / LIMIT",
            "MemPerc": "MEM %",
            "NetIO": "NET I/O",
            "BlockIO": "BLOCK I/O",
            "PIDs": "PIDS",
        },
        go_type="*container.statsContext",
    )


def _columns(fields: Mapping[str, Field]) -> Sequence[Column]:
    from docker_magics.results.table import INTEGER, REAL, Column

    return [
        Column("CONTAINER ID", fields["ID"]),
        Column("NAME", fields["Name"]),
        Column("CPU %", lambda u: u.cpu, REAL, human.percent),
        Column("MEM USAGE / LIMIT", lambda u: u.memory, INTEGER, text=fields["MemUsage"]),
        Column("MEM %", lambda u: u.memory_percent, REAL, human.percent),
        Column("NET I/O", lambda u: u.received + u.sent, INTEGER, text=fields["NetIO"]),
        Column("BLOCK I/O", lambda u: u.read + u.written, INTEGER, text=fields["BlockIO"]),
        Column("PIDS", lambda u: u.processes, INTEGER),
    ]


def _of(first: float, second: float, show: Any) -> str:
    return f"{show(first)} / {show(second)}"


def _per_second(value: float) -> str:
    return f"{human.size(value)}/s"


_CHARTS = (
    Chart("CPU", human.percent, 1.0),
    Chart("Memory", human.binary_size, 1024.0**2),
    Chart("Network", _per_second, 1000.0),
    Chart("Block I/O", _per_second, 1000.0),
)


def _rates(samples: Sequence[Usage]) -> list[tuple[float, ...]]:
    """Return CPU, memory, and the network and disk traffic per second of each sample."""
    before = samples[0]
    rates: list[tuple[float, ...]] = []
    for now in samples:
        network = now.received + now.sent - before.received - before.sent
        block = now.read + now.written - before.read - before.written
        rates.append((now.cpu, float(now.memory), float(max(network, 0)), float(max(block, 0))))
        before = now
    return rates


@dataclass(frozen=True)
class _Change:
    """A container that was started or removed."""

    identity: str
    started: bool


class LiveStats(Progress):
    """The live table of resource usage; an interrupt keeps the last one.

    Args:
        engine: the engine.
        names: the containers shown first.
        listing: the listing of resource usage.
        form: --format.
        changes: container events, by which containers are added and removed, or None.
        every: whether to show stopped containers too.
    """

    def __init__(
        self,
        engine: Engine,
        names: Sequence[str],
        listing: Listing,
        form: str,
        changes: StreamedResponse | None = None,
        *,
        every: bool = False,
    ) -> None:
        self._engine = engine
        self._names = list(names)
        self._listing = listing
        self._form = form
        self._changes = changes
        self._every = every
        self._samples: dict[str, deque[Usage]] = {}
        self._arrived: queue.Queue[Usage | _Change | EngineError | None] = queue.Queue()
        self._streams = [] if changes is None else [changes]
        self._closed = threading.Event()

    def arrivals(self) -> Iterator[Usage]:
        """Yield a sample of each container every second, until all streams have ended."""
        running_threads = sum(self._begin(self._follow, name) for name in self._names)
        if self._changes is not None:
            running_threads += self._begin(self._watch, self._changes)
        while running_threads:
            arrival = self._arrived.get()
            if isinstance(arrival, EngineError):
                raise arrival
            if arrival is None:
                running_threads -= 1
            elif isinstance(arrival, _Change):
                running_threads += self._change(arrival)
            else:
                yield arrival

    def _begin(self, work: Callable[[Any], None], of: Any) -> int:
        """Start a thread that puts None into the queue at its end. Return the number of threads."""
        threading.Thread(target=work, args=(of,), daemon=True).start()
        return 1

    def _change(self, change: _Change) -> int:
        """Add or remove a container. Return the number of started threads."""
        known = change.identity in self._names
        if change.started and not known:
            self._names.append(change.identity)
            return self._begin(self._follow, change.identity)
        if known and not change.started:
            self._names.remove(change.identity)
        return 0

    def _watch(self, changes: StreamedResponse) -> None:
        added, removed = {"start", "create" if self._every else "start"}, {"destroy"}
        if not self._every:
            removed.add("die")
        for event in changes.values():
            if event.get("Action") in added | removed:
                started = event["Action"] in added
                self._arrived.put(_Change(event["Actor"]["ID"], started))
        self._arrived.put(None)

    def _follow(self, name: str) -> None:
        try:
            response = self._engine.request(
                "GET",
                path("containers", name, "stats"),
                query={"stream": "1"},
                stream=True,
            )
            stream = StreamedResponse(response)
            self._streams.append(stream)
            if self._closed.is_set():
                stream.close()
            for response in stream.values():
                self._arrived.put(usage(response, name))
        except ApiError as error:
            self._arrived.put(error)
        finally:
            self._arrived.put(None)

    def update(self, arrival: Usage) -> None:
        """Store a container's latest sample."""
        samples = self._samples.setdefault(arrival.container, deque(maxlen=_SAMPLES))
        samples.append(arrival)

    def _rows(self) -> list[Usage]:
        return [self._samples[name][-1] for name in self._names if name in self._samples]

    def text(self) -> str:
        """Return the table as the CLI prints it, or the formatted lines."""
        return str(format_listing(self._listing, self._rows(), self._form or "table")).rstrip("\n")

    def html(self) -> str:
        """Return charts of the last minutes, and the table."""
        from docker_magics.results.table import make

        rows = self._rows()
        busiest = sorted(rows, key=lambda row: row.cpu, reverse=True)[:_DRAWN]
        drawn = [row for row in rows if row in busiest]
        series = [(row.name, _rates(self._samples[row.container])) for row in drawn]
        charts = small_multiples(_CHARTS, series) if series else ""
        return charts + make(self._listing.columns(), rows)._repr_html_()

    def interrupt(self, times: int) -> None:  # noqa: ARG002 - the first interrupt ends it
        """End the stream; the last table is kept."""
        self.close()

    def close(self) -> None:
        """Close all streams."""
        self._closed.set()
        for stream in list(self._streams):
            stream.close()

    def result(self) -> None:
        """Return None: the last table is shown already."""
