"""Measure the processes of an embedded engine, those of its containers included."""

from __future__ import annotations

import contextlib
from dataclasses import astuple, dataclass
from pathlib import Path

import psutil

MIB = 1024 * 1024
#: The folders of the root in which containers, images and builds leave files.
_STORES = ("containers", "volumes", "networks", "tmp")


def engine_root(address: str) -> Path:
    """Return the folder that contains the root and the socket of `engines.embedded`."""
    return Path(address.removeprefix("unix://")).parent


def processes(root: Path) -> list[psutil.Process]:
    """Return the processes of an engine, including those of its containers."""
    started = [
        process
        for process in psutil.process_iter(["cmdline"])
        if f"{root}/root" in (process.info["cmdline"] or [])
    ]
    by_pid = {process.pid: process for process in started}
    for process in started:
        with contextlib.suppress(psutil.NoSuchProcess):
            by_pid |= {child.pid: child for child in process.children(recursive=True)}
    return list(by_pid.values())


def engine_process(root: Path) -> psutil.Process:
    """Return the process that serves the API: the one with most threads."""
    return max(processes(root), key=lambda process: int(process.num_threads()))


def pss(running: list[psutil.Process]) -> float:
    """Return the sum of the processes' PSS in MiB."""
    total = 0
    for process in running:
        with contextlib.suppress(psutil.NoSuchProcess):
            total += process.memory_full_info().pss
    return total / MIB


@dataclass(frozen=True)
class Left:
    """What exists of an engine, or what is left of containers: numbers."""

    processes: int
    mounts: int
    files: int
    descriptors: int
    threads: int

    @classmethod
    def of(cls, root: Path) -> Left:
        """Count what exists."""
        server = engine_process(root)
        mounts = Path(f"/proc/{server.pid}/mountinfo").read_text().splitlines()
        files = [path for name in _STORES for path in (root / "root" / name).rglob("*")]
        return cls(
            len(processes(root)), len(mounts), len(files), server.num_fds(), server.num_threads()
        )

    def beyond(self, before: Left) -> Left:
        """Return what exists more than before."""
        pairs = zip(astuple(self), astuple(before), strict=True)
        return Left(*(max(0, now - then) for now, then in pairs))

    @property
    def total(self) -> int:
        """The sum of all numbers."""
        return sum(astuple(self))

    def __str__(self) -> str:
        """Name each number."""
        return ", ".join(f"{name} {value}" for name, value in vars(self).items())
