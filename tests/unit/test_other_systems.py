"""The package on systems other than Linux: macOS is imitated, by what its Python lacks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

import docker_magics

#: Prints what two cells print, in an interpreter without Linux's own names.
_ON_MACOS = """
import os, select, signal, socket, sys
import asyncio, multiprocessing, shutil, subprocess, tempfile
import docker, IPython, ipykernel, ipywidgets, pandas
for module, names in {
    os: "eventfd getxattr listxattr memfd_create O_DIRECT O_PATH O_TMPFILE pidfd_open prlimit "
        "removexattr sched_getaffinity setns setxattr splice unshare",
    select: "epoll",
    signal: "SIGPWR SIGRTMAX SIGRTMIN sigtimedwait sigwaitinfo",
    socket: "AF_NETLINK AF_PACKET AF_VSOCK SO_BINDTODEVICE SO_PEERCRED SOCK_CLOEXEC",
}.items():
    for name in names.split():
        vars(module).pop(name, None)
sys.platform = "darwin"
shell = IPython.core.interactiveshell.InteractiveShell.instance()
shell.run_line_magic("load_ext", "docker_magics")
shell.run_line_magic("load_ext", "docker_magics.course")
for line in ["%docker ps --help", "%docker ps"]:
    shell.run_cell(line)
"""


def test_macos(tmp_path: Path) -> None:
    completed = subprocess.run(
        [sys.executable, "-c", _ON_MACOS],
        env={"HOME": str(tmp_path), "DOCKER_MAGICS_ENGINE": "embedded"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert "Usage:  docker ps [OPTIONS]" in completed.stdout
    assert completed.stdout.endswith(
        "cannot start the embedded engine: it needs Linux\n"
        "Start Docker or Podman, or set DOCKER_HOST.\n"
    )
    assert completed.stderr == ""


def test_windows_is_refused_in_one_line(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(UsageError, match="start Jupyter in WSL 2"):
        docker_magics.load_ipython_extension(shell)
