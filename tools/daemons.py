"""Daemons that run while a block runs, each in a private folder, and leave nothing behind."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

START_S = 120
STOP_S = 20


class StartError(RuntimeError):
    """A daemon did not start; the message contains the end of its log."""


def free_port() -> int:
    """Return an unused TCP port on loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def private_folder(name: str) -> Iterator[Path]:
    """Create a temporary folder; unmount everything in it and remove it at the end."""
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-"))
    try:
        yield folder
    finally:
        _unmount_below(folder)
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def daemon(
    command: list[str],
    folder: Path,
    ready: Callable[[], bool],
    environ: dict[str, str] | None = None,
) -> Iterator[None]:
    """Run a daemon while the block runs; then end it and all processes that it started.

    Raises:
        StartError: the daemon ended, or was not ready in time.
    """
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            killed_with_parent(*command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment() | (environ or {}),
        )
    try:
        _wait(process, ready, log)
        yield
    finally:
        stop(process)
        _kill_leftovers(folder)


def environment() -> dict[str, str]:
    """Return the environment with /usr/sbin in PATH and without variables that select an engine."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DOCKER_")}
    return {**kept, "PATH": f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"}


def killed_with_parent(*command: str) -> list[str]:
    """Return a command that receives SIGTERM if this process dies."""
    return ["setpriv", "--pdeathsig", "TERM", *command]


def _wait(process: subprocess.Popen[bytes], ready: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + START_S
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            tail = log.read_text(errors="replace")[-2000:]
            raise StartError(f"{process.args!r} did not start:\n{tail}")
        time.sleep(0.05)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Terminate a process; kill it if it does not end in time."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _kill_leftovers(folder: Path) -> None:
    """Kill what a daemon left running; shims and monitors have its folder in their arguments."""
    left = [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(str(folder) in arg for arg in process.info["cmdline"] or [])
    ]
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(left, timeout=STOP_S)


def _unmount_below(folder: Path) -> None:
    """Unmount everything at or below a folder."""
    mounts = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    below = [mount for mount in mounts if f"{mount}/".startswith(f"{folder}/")]
    for mount in sorted(below, reverse=True):
        subprocess.run(["umount", "--lazy", mount], check=False, capture_output=True)


def listens(host: str, port: int) -> bool:
    """Whether a TCP server listens at this address."""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


def run(*command: str) -> None:
    """Run a command of the administrator.

    Raises:
        CalledProcessError: the command failed.
    """
    subprocess.run(command, check=True, env=environment())
