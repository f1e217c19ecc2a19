"""What /proc tells of a container's processes.

source: proc(5), namespaces(7).
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import Any

_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICK = 1_000_000_000 // os.sysconf("SC_CLK_TCK")


def pids(first: int) -> list[int]:
    """The processes of a container: all that are in its first one's PID namespace, or below it."""
    own = _namespace(os.getpid())
    wanted = _namespace(first)
    if not wanted or wanted == own:
        found = below(first)
        return found[1:] if _name(first) == "proot" else found
    every = (int(name) for name in os.listdir("/proc") if name.isdigit())
    return sorted(pid for pid in every if _namespace(pid) == wanted)


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def _namespace(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/ns/pid")
    except OSError:
        return ""


def below(first: int) -> list[int]:
    """A process and everything that it started."""
    found = [first]
    for pid in found:
        found += children(pid)
    return found


def children(pid: int) -> list[int]:
    """What the first thread of a process has started; nothing where it has ended."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [int(each) for each in text.split()]


def usage(first: int) -> dict[str, Any]:
    """CPU time, memory, I/O and number of a container's processes.

    Returns:
        cpu_ns, user_ns, system_ns, memory (resident bytes), pids, read and write (bytes).
    """
    found = {"user_ns": 0, "system_ns": 0, "memory": 0, "pids": 0, "read": 0, "write": 0}
    for pid in pids(first):
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            found["user_ns"] += (int(fields[11]) + int(fields[13])) * _TICK
            found["system_ns"] += (int(fields[12]) + int(fields[14])) * _TICK
            found["memory"] += int(fields[21]) * _PAGE
            found["pids"] += 1
            for name, count in _io(pid):
                found[name] += count
    return found | {"cpu_ns": found["user_ns"] + found["system_ns"]}


def _io(pid: int) -> list[tuple[str, int]]:
    try:
        lines = Path(f"/proc/{pid}/io").read_text().splitlines()
    except OSError:
        return []
    wanted = {"read_bytes": "read", "write_bytes": "write"}
    pairs = (line.split(": ") for line in lines)
    return [(wanted[name], int(count)) for name, count in pairs if name in wanted]


def system_cpu_ns() -> int:
    """The CPU time of the whole machine."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:8]
    return sum(map(int, fields)) * _TICK


def network(pid: int) -> dict[str, dict[str, int]]:
    """Bytes and packets of each interface that the process sees, without the loopback."""
    found = {}
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/net/dev").read_text().splitlines()[2:]:
            name, _, rest = line.partition(":")
            numbers = [int(each) for each in rest.split()]
            if name.strip() != "lo":
                keys = ("bytes", "packets", "errors", "dropped")
                received = {f"rx_{key}": numbers[at] for at, key in enumerate(keys)}
                sent = {f"tx_{key}": numbers[8 + at] for at, key in enumerate(keys)}
                found[name.strip()] = received | sent
    return found


def memory_total() -> int:
    """The machine's memory in bytes."""
    return os.sysconf("SC_PHYS_PAGES") * _PAGE


def started(pid: int) -> float:
    """When a process started, in seconds since 1970."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    uptime = float(Path("/proc/uptime").read_text().split()[0])
    return time.time() - uptime + int(fields[19]) * _TICK / 1e9
