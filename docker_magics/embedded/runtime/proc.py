"""Reads a container's processes from /proc.

source: proc(5), namespaces(7).
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from ..descriptors import SHORTAGES

_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICK = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
#: What proc_pid_stat(5) has of a process that has ended: its state, parent and group.
_ENDED = ["X", "0", "0"]


def in_same_namespace(init: int) -> list[int]:
    """Return the processes in the PID namespace of `init`, or below it where that is shared."""
    wanted = _namespace(init)
    if not wanted or wanted == _namespace(os.getpid()):
        return [init, *descendants(init)]
    return sorted(pid for pid in _all() if _namespace(pid) == wanted)


def _all() -> Iterator[int]:
    return (int(name) for name in os.listdir("/proc") if name.isdigit())


def _namespace(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/ns/pid")
    except OSError:
        return ""


def descendants(pid: int) -> list[int]:
    """Return the PIDs of all descendants of a process, in breadth-first order."""
    pids = children(pid)
    for child in pids:  # the list grows while it is walked
        pids += children(child)
    return pids


def ancestors(pid: int) -> list[int]:
    """Return the PIDs of a process's parent, of that one's parent, and so on."""
    pids = []
    while pid := parent(pid):
        pids.append(pid)
    return pids


def parent(pid: int) -> int:
    """Return the PID of a process's parent; 0 if it has ended."""
    return int(_stat(pid)[1])


def group(pid: int) -> int:
    """Return a process's process group; 0 if it has ended."""
    return int(_stat(pid)[2])


def expects(pid: int, number: int) -> bool:
    """Whether a process handles or blocks a signal: proc_pid_status(5)."""
    status = Path(f"/proc/{pid}/status").read_text(errors="replace")
    masks = (int(status.partition(f"\n{name}:")[2].split()[0], 16) for name in ("SigBlk", "SigCgt"))
    return any(mask >> (number - 1) & 1 for mask in masks)


def state(pid: int) -> str:
    """Return the letter of a process's state, such as T for stopped; X if it has ended."""
    return _stat(pid)[0]


def _stat(pid: int) -> list[str]:
    """Return the fields of proc_pid_stat(5) from the state on; the first three if it has ended."""
    try:
        return _stat_fields(pid) or _ENDED
    except OSError:
        return _ENDED


def _stat_fields(pid: int) -> list[str]:
    """Return the fields from the state on. The name before them is any bytes, also `) `."""
    return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(") ")[2].split()


def children(pid: int) -> list[int]:
    """Return the PIDs of what the main thread of a process started; [] if it has ended.

    Raises:
        OSError: descriptors are short.
    """
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError as error:
        if error.errno in SHORTAGES:
            raise
        return []
    return [int(number) for number in text.split()]


def with_mount_of(folder: Path) -> list[int]:
    """Return the processes in whose mount namespaces a file of a folder is mounted.

    Those of a container are found so without its init process, as its /etc/hosts is such a file.
    """
    part = f"/{folder.name}/"
    return [pid for pid in _all() if any(part in root for root in _mounted_roots(pid))]


def _mounted_roots(pid: int) -> list[str]:
    """Return what is mounted in a process's namespace, as paths in their filesystems."""
    try:
        lines = Path(f"/proc/{pid}/mountinfo").read_text(errors="replace").splitlines()
    except OSError:
        return []
    return [line.split(" ", 4)[3] for line in lines]


def of_program(name: str, text: str) -> list[int]:
    """Return the processes of a program with a text in their arguments, and their descendants."""
    matching: set[int] = set()
    for pid in _all():
        with contextlib.suppress(OSError):
            program, *arguments = (
                Path(f"/proc/{pid}/cmdline").read_text(errors="replace").split("\0")
            )
            if os.path.basename(program) == name and any(text in word for word in arguments):
                matching |= {pid, *descendants(pid)}
    return sorted(matching)


def with_descriptor(fd: int, text: str) -> list[int]:
    """Return the processes whose descriptor of a number is a file with a text in its path."""
    matching = []
    for pid in _all():
        with contextlib.suppress(OSError):
            if text in os.readlink(f"/proc/{pid}/fd/{fd}"):
                matching.append(pid)
    return matching


def kill_all(find: Callable[[], Iterable[int]]) -> None:
    """Kill the processes that a function finds; stop all of them first, as one may fork."""
    stopped: set[int] = set()
    while new := set(find()) - stopped:
        _signal(new, signal.SIGSTOP)
        stopped |= new
    _signal(stopped, signal.SIGKILL)


def _signal(pids: Iterable[int], number: int) -> None:
    for pid in pids:
        with contextlib.suppress(OSError):  # it has just ended
            os.kill(pid, number)


def usage(pids: Iterable[int]) -> dict[str, Any]:
    """Sum up CPU time, memory and I/O of processes, and count them.

    Returns:
        cpu_ns, user_ns, system_ns, memory (resident bytes), pids, read and write (bytes).
    """
    total = {"user_ns": 0, "system_ns": 0, "memory": 0, "pids": 0, "read": 0, "write": 0}
    for pid in pids:
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = _stat_fields(pid)
            total["user_ns"] += (int(fields[11]) + int(fields[13])) * _TICK
            total["system_ns"] += (int(fields[12]) + int(fields[14])) * _TICK
            total["memory"] += int(fields[21]) * _PAGE
            total["pids"] += 1
            for name, count in _io(pid):
                total[name] += count
    return total | {"cpu_ns": total["user_ns"] + total["system_ns"]}


def unreclaimable(pids: Iterable[int]) -> int:
    """Sum up the bytes of processes that the kernel cannot drop; what they share counts once.

    source: proc_pid_smaps_rollup(5).
    """
    return sum(map(_unreclaimable, pids))


def _unreclaimable(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    except OSError:  # it has ended, or its memory is not readable
        return int(usage([pid])["memory"])
    sizes = {name: int(size) * 1024 for name, size, _ in map(str.split, lines)}
    # before Linux 5.3, there is only the sum of anonymous and shared memory and files
    return sizes.get("Pss_Anon:", sizes["Pss:"]) + sizes.get("Pss_Shmem:", 0)


def _io(pid: int) -> list[tuple[str, int]]:
    try:
        lines = Path(f"/proc/{pid}/io").read_text().splitlines()
    except OSError:
        return []
    names = {"read_bytes": "read", "write_bytes": "write"}
    pairs = (line.split(": ") for line in lines)
    return [(names[name], int(count)) for name, count in pairs if name in names]


def system_cpu_ns() -> int:
    """Return the CPU time of the whole machine in nanoseconds, idle time included."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:8]
    return sum(map(int, fields)) * _TICK


def interface_counters(pid: int) -> dict[str, dict[str, int]]:
    """Return the counters of each network interface of a process, without the loopback.

    Returns:
        Interface name -> the API's NetworkStats (rx_bytes, rx_packets, ..., tx_dropped); {} if
        the process has ended.
    """
    counters = {}
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/net/dev").read_text().splitlines()[2:]:
            name, _, rest = line.partition(":")
            numbers = [int(number) for number in rest.split()]
            if name.strip() != "lo":
                keys = ("bytes", "packets", "errors", "dropped")
                received = {f"rx_{key}": numbers[at] for at, key in enumerate(keys)}
                sent = {f"tx_{key}": numbers[8 + at] for at, key in enumerate(keys)}
                counters[name.strip()] = received | sent
    return counters


def memory_total() -> int:
    """Return the machine's memory in bytes."""
    return os.sysconf("SC_PHYS_PAGES") * _PAGE


def start_time(pid: int) -> float:
    """Return when a process started, in seconds since 1970.

    Raises:
        OSError: it has ended.
    """
    fields = _stat_fields(pid)
    uptime = float(Path("/proc/uptime").read_text().split()[0])
    return time.time() - uptime + int(fields[19]) * _TICK / 1e9


def exit_code(status: int) -> int:
    """Return the exit code of a wait(2) status, as `docker wait` prints it."""
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
