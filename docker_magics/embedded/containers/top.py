"""The processes of a container, as ps(1) lists them.

source: Engine API, ContainerTop; moby daemon/top_unix.go.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Collection
from typing import TypedDict

from ..errors import ApiError, BadParameter
from ..runtime import proc

_ARGUMENTS = re.compile(r"[\w\s,=:%+-]*")


class Top(TypedDict):
    """The API's ContainerTopResponse: rows of ps, and the titles of their columns."""

    Processes: list[list[str]]
    Titles: list[str]


def list_processes(pids: Collection[int], arguments: str) -> Top:
    """Return what ps(1) shows of processes.

    Args:
        pids: the processes.
        arguments: of ps; empty for `-ef`.

    Raises:
        BadParameter: unsafe arguments.
        ApiError: ps refuses the arguments, or shows no PIDs.
    """
    arguments = arguments or "-ef"
    if not _ARGUMENTS.fullmatch(arguments):
        raise BadParameter(f"invalid ps arguments: {arguments}")
    program = shutil.which("ps")
    if program is None:
        return from_proc(pids)
    command = [program, *arguments.split()]
    result = _run([*command, f"-q{','.join(map(str, sorted(pids)))}"])
    if result.returncode:
        result = _run(command)  # some options cannot be combined with -q
    if result.returncode:
        raise ApiError(f"ps: {result.stderr.partition(chr(10))[0]}")
    return select(result.stdout.splitlines(), pids)


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603


def select(lines: list[str], pids: Collection[int]) -> Top:
    """Return the rows of some processes from the output of ps.

    Raises:
        ApiError: the output has no PIDs.
    """
    titles = lines[0].split() if lines else []
    if "PID" not in titles:
        raise ApiError("Couldn't find PID field in ps output")
    column = titles.index("PID")
    rows = [line.split(None, len(titles) - 1) for line in lines[1:]]
    return {
        "Processes": [
            row
            for row in rows
            if len(row) > column and row[column].isdigit() and int(row[column]) in pids
        ],
        "Titles": titles,
    }


def from_proc(pids: Collection[int]) -> Top:
    """Return the columns of `ps -ef`, for machines without ps."""
    rows = []
    for pid in sorted(pids):
        try:
            rows.append(_row(pid))
        except OSError:  # it has ended
            continue
    titles = ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"]
    return {"Processes": rows, "Titles": titles}


def _row(pid: int) -> list[str]:
    fields = _read(pid, "stat").rpartition(")")[2].split()
    command = _read(pid, "cmdline").replace("\0", " ").strip()
    owner = str(os.stat(f"/proc/{pid}").st_uid)
    ticks = int(fields[11]) + int(fields[12])
    cpu_time = time.strftime("%H:%M:%S", time.gmtime(ticks // os.sysconf("SC_CLK_TCK")))
    started = time.strftime("%H:%M", time.localtime(proc.start_time(pid)))
    return [owner, str(pid), fields[1], "0", started, "?", cpu_time, command]


def _read(pid: int, name: str) -> str:
    with open(f"/proc/{pid}/{name}", encoding="utf-8", errors="replace") as file:
        return file.read()
