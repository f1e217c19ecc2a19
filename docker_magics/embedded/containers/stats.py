"""What a container uses, and what runs in it.

source: Engine API, ContainerStats, ContainerTop; moby daemon/stats, daemon/top_unix.go.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .. import clock
from ..api.messages import Json, Request, Response, Stream, json_lines
from ..errors import ApiError, BadParameter
from ..runtime import proc

if TYPE_CHECKING:
    from ..engine import Engine
    from ..records.container import Container

_ARGUMENTS = re.compile(r"[\w\s,=:%+-]*")


def answer(engine: Engine, request: Request) -> Response:
    """ContainerStats."""
    container = engine.container_store.get(request.params["name"])
    one = request.flag("one-shot")
    if not request.flag("stream", default=True):
        return Json(_twice(engine, container, one=one))
    return Stream(json_lines(_stream(engine, container)))


def _twice(engine: Engine, container: Container, *, one: bool) -> dict[str, Any]:
    """Usage now, with that of a second ago, from which clients compute a share."""
    before = _sample(engine, container)
    if one or container.process is None:
        return before | {"precpu_stats": _no_cpu(), "preread": clock.ZERO}
    time.sleep(1)
    return _with(_sample(engine, container), before)


def _with(now: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    return now | {"precpu_stats": before["cpu_stats"], "preread": before["read"]}


def _stream(engine: Engine, container: Container) -> Iterator[dict[str, Any] | None]:
    before: dict[str, Any] = {"cpu_stats": _no_cpu(), "read": clock.ZERO}
    while not container.removed:
        now = _sample(engine, container)
        yield _with(now, before)
        before = now
        yield None  # look whether the client is still there
        time.sleep(1)


def _no_cpu() -> dict[str, Any]:
    return {
        "cpu_usage": {"total_usage": 0, "usage_in_kernelmode": 0, "usage_in_usermode": 0},
        "throttling_data": {"periods": 0, "throttled_periods": 0, "throttled_time": 0},
    }


def _sample(engine: Engine, container: Container) -> dict[str, Any]:
    process = container.process
    about = {"name": f"/{container.name}", "id": container.id}
    if process is None:
        empty = {"cpu_stats": _no_cpu(), "memory_stats": {}, "pids_stats": {}, "blkio_stats": {}}
        return about | empty | {"read": clock.ZERO, "num_procs": 0, "storage_stats": {}}
    used = proc.usage(engine.supervisor.processes(process)) | engine.cgroups.usage(container.id)
    memory = used.get("memory_stats") or {"usage": used["memory"], "stats": {}}
    limit = container.host_config["Memory"] or proc.memory_total()
    return about | {
        "read": clock.stamp(),
        "num_procs": 0,
        "storage_stats": {},
        "pids_stats": {"current": used["pids"], "limit": container.host_config["PidsLimit"] or 0},
        "memory_stats": memory | {"limit": limit},
        "blkio_stats": _block_io(used),
        "cpu_stats": {
            "cpu_usage": {
                "total_usage": used["cpu_ns"],
                "usage_in_kernelmode": used["system_ns"],
                "usage_in_usermode": used["user_ns"],
            },
            "system_cpu_usage": proc.system_cpu_ns(),
            "online_cpus": os.cpu_count() or 1,
            "throttling_data": used.get("throttling") or _no_cpu()["throttling_data"],
        },
        **_networks(container, process.pid),
    }


def _block_io(used: dict[str, Any]) -> dict[str, Any]:
    entries = [
        {"major": 0, "minor": 0, "op": name, "value": used[name]} for name in ("read", "write")
    ]
    others = ("io_serviced_recursive", "io_queue_recursive", "io_service_time_recursive",
              "io_wait_time_recursive", "io_merged_recursive", "io_time_recursive",
              "sectors_recursive")  # fmt: skip
    return {"io_service_bytes_recursive": entries, **dict.fromkeys(others)}


def _networks(container: Container, pid: int) -> dict[str, Any]:
    if container.host_config["NetworkMode"] in {"host", "none"}:
        return {}
    return {"networks": proc.interface_counters(pid)}


def top(engine: Engine, request: Request) -> Json:
    """ContainerTop."""
    container = engine.container_store.get(request.params["name"])
    process = container.active()
    arguments = request.get("ps_args") or "-ef"
    if not _ARGUMENTS.fullmatch(arguments):
        raise BadParameter(f"invalid ps arguments: {arguments}")
    wanted = set(engine.supervisor.processes(process))
    program = shutil.which("ps")
    if program is None:
        return Json(_without_ps(wanted))
    words = [program, *arguments.split()]
    done = _run([*words, f"-q{','.join(map(str, sorted(wanted)))}"])
    if done.returncode:
        done = _run(words)  # some options do not go with -q
    if done.returncode:
        raise ApiError(f"ps: {done.stderr.partition(chr(10))[0]}")
    found = _chosen(done.stdout.splitlines(), wanted)
    engine.container_events.publish(container, "top")
    return Json(found)


def _run(words: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, check=False, capture_output=True, text=True)  # noqa: S603


def _chosen(lines: list[str], wanted: set[int]) -> dict[str, Any]:
    titles = lines[0].split()
    if "PID" not in titles:
        raise ApiError("Couldn't find PID field in ps output")
    at = titles.index("PID")
    rows = []
    for line in lines[1:]:
        fields = line.split(None, len(titles) - 1)
        if len(fields) > at and fields[at].isdigit() and int(fields[at]) in wanted:
            rows.append(fields)
    return {"Processes": rows, "Titles": titles}


def _without_ps(wanted: set[int]) -> dict[str, Any]:
    """The columns of `ps -ef` where there is no ps."""
    rows = []
    for pid in sorted(wanted):
        try:
            fields = _text(pid, "stat").rpartition(")")[2].split()
            words = _text(pid, "cmdline").replace("\0", " ").strip()
            owner = str(os.stat(f"/proc/{pid}").st_uid)
        except OSError:
            continue
        ticks = int(fields[11]) + int(fields[12])
        used = time.strftime("%H:%M:%S", time.gmtime(ticks // os.sysconf("SC_CLK_TCK")))
        began = time.strftime("%H:%M", time.localtime(proc.start_time(pid)))
        rows.append([owner, str(pid), fields[1], "0", began, "?", used, words])
    titles = ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"]
    return {"Processes": rows, "Titles": titles}


def _text(pid: int, name: str) -> str:
    with open(f"/proc/{pid}/{name}", encoding="utf-8", errors="replace") as file:
        return file.read()
