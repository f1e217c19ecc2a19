"""`make init`: build the init process of `docker run --init` for each machine.

Needs Debian's gcc and gcc-aarch64-linux-gnu. The hash of the source follows each program; the
kernel does not load it.
"""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "docker_magics/embedded/runtime/docker_init.c"
COMPILERS = {"x86_64": "gcc", "aarch64": "aarch64-linux-gnu-gcc"}
_FLAGS = [
    "-Os", "-Wall", "-Wextra", "-Werror", "-s",
    "-static", "-nostdlib", "-ffreestanding", "-fno-pic", "-no-pie", "-fno-stack-protector",
    "-fno-asynchronous-unwind-tables", "-fno-tree-loop-distribute-patterns",
    "-Wl,--build-id=none", "-Wl,-z,noseparate-code", "-Wl,-z,norelro", "-Wl,-z,noexecstack",
]  # fmt: skip


def program(machine: str) -> Path:
    """Return the path of the program for a machine, as `uname -m` calls it."""
    return SOURCE.with_suffix(f".{machine}")


def source_hash() -> bytes:
    """Return what follows a program that is built from the present source."""
    return hashlib.sha256(SOURCE.read_bytes()).hexdigest().encode()


def _build(machine: str) -> None:
    path = program(machine)
    subprocess.run([COMPILERS[machine], *_FLAGS, "-o", str(path), str(SOURCE)], check=True)
    path.write_bytes(path.read_bytes() + source_hash())
    path.chmod(0o755)  # systrap executes it


if __name__ == "__main__":
    for name in COMPILERS:
        _build(name)
