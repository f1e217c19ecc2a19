"""`make systrap`: build the systrap program of the pod's runtime driver from `systrap/`.

Needs Debian's gcc. What follows the program names its source and compiler; the kernel does not load
it. `python -m tools.systrap lint` checks the source with cppcheck.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from tools import debian

_ROOT = Path(__file__).parent.parent
SOURCE = _ROOT / "systrap"
PROGRAM = _ROOT / "docker_magics/embedded/runtime/systrap.x86_64"
#: Where the program is mapped in every process: far from where the kernel maps anything.
_BASE = 0x3F0000000000
_WARNINGS = ("-std=gnu17", "-Wall", "-Wextra", "-Werror")
_FLAGS = (
    "-O2", "-s", "-static", "-nostdlib", "-nostartfiles", "-ffreestanding", "-fpie", "-no-pie",
    "-mgeneral-regs-only", "-fcf-protection=none", "-fno-stack-protector",
    "-fno-asynchronous-unwind-tables", "-fno-tree-loop-distribute-patterns",
    f"-Wl,-Ttext-segment={_BASE:#x}", "-Wl,--build-id=none", "-Wl,-z,noexecstack", "-Wl,-z,norelro",
)  # fmt: skip
#: A library of all functions, for tests of the pure ones.
_LIBRARY_FLAGS = (
    "-O1", "-g", "-shared", "-fPIC", "-nostdlib", "-ffreestanding", "-Wl,-Bsymbolic",
    "-Wl,--defsym,__executable_start=0",
)  # fmt: skip
_CPPCHECK = (
    "cppcheck", "--quiet", "--std=c11", "--enable=warning,performance,portability",
    "--suppress=missingIncludeSystem", "--error-exitcode=1",
)  # fmt: skip


def build(path: Path) -> None:
    """Write the program. The same source and compiler write the same bytes."""
    _compile(path, _FLAGS)
    path.write_bytes(path.read_bytes() + origin())
    path.chmod(0o755)


def build_library(path: Path) -> None:
    """Write a shared library of the program's functions."""
    _compile(path, _LIBRARY_FLAGS)


def _compile(path: Path, flags: tuple[str, ...]) -> None:
    command = ["gcc", *_WARNINGS, *flags, "-o", str(path), *_files("*.c")]
    subprocess.run(command, cwd=SOURCE, check=True)


def _files(pattern: str) -> list[str]:
    return sorted(path.name for path in SOURCE.glob(pattern))


def source_hash() -> bytes:
    """Return the hash of source and flags that follows the program."""
    content = [(SOURCE / name).read_bytes() for name in _files("*.[ch]")]
    return hashlib.sha256(b"\0".join([*content, *map(str.encode, _FLAGS)])).hexdigest().encode()


def origin() -> bytes:
    """Return what follows a program that is built here and now: source and compiler."""
    query = ["gcc", "--version"]
    version = subprocess.run(query, check=True, capture_output=True).stdout.splitlines()[0]
    return source_hash() + b" " + version + b"\n"


def lint() -> int:
    """Check the source with cppcheck; return its exit code."""
    if not debian.ensure("c"):
        print("the C source is not checked")
        return 1 if debian.in_ci() else 0
    return subprocess.run([*_CPPCHECK, *_files("*.c")], cwd=SOURCE, check=False).returncode


if __name__ == "__main__":
    if sys.argv[1:] == ["lint"]:
        sys.exit(lint())
    build(PROGRAM)
