"""The init process of `--init`: a small program of ours, as dockerd uses tini.

source: docker_init.c beside this file; memfd_create(2).
"""

from __future__ import annotations

import errno
import fcntl
import os
import platform
from pathlib import Path

_NAME = "docker-init"
_MFD_EXEC = 0x10
_SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
#: Its file; `make init` builds it.
PATH = Path(__file__).with_name(f"docker_init.{platform.machine()}")
#: Where containers see it, as with dockerd.
TARGET = f"/sbin/{_NAME}"
#: Read when this module is loaded: the file is not visible in a container's mount namespace.
PROGRAM = PATH.read_bytes()


def create() -> str:
    """Create a sealed copy of the program in memory; return its path while this process runs.

    Raises:
        OSError: the kernel allows no programs in memory (sysctl vm.memfd_noexec=2).
    """
    flags = os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING
    try:
        fd = os.memfd_create(_NAME, flags | _MFD_EXEC)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        fd = os.memfd_create(_NAME, flags)  # Linux before 6.3
    os.write(fd, PROGRAM)
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, _SEALS)
    return f"/proc/self/fd/{fd}"


def arguments(args: list[str]) -> list[str]:
    """Return the arguments that have the init process execute a program."""
    return [TARGET, "--", *args]
