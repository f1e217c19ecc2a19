"""A container root that shows the machine's own /usr, and an ordinary user in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from unit.systrap import library

from tools import systrap

PROGRAMS = Path(__file__).parent / "programs"
UID = 1000
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/tmp", "LANG": "C.UTF-8"}
DEVICES = ("null", "zero", "full", "random", "urandom", "tty", "pts")
#: What of the machine's /etc programs need.
ETC = ("alternatives", "ld.so.cache", "debian_version", "nsswitch.conf")


def as_user() -> dict[str, Any]:
    """Return the options of subprocess that make a program an ordinary user's."""
    return {"user": UID, "group": UID, "extra_groups": []} if os.getuid() == 0 else {}


@dataclass(frozen=True)
class Box:
    """A root, and the program that shows it.

    Attributes:
        root: the root's path on the host.
        program: systrap.
        outside: a folder beside it, of the same user.
    """

    root: Path
    program: Path
    outside: Path

    def run(
        self, path: str, *args: str, options: tuple[str, ...] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run a program in the root; standard error is added to standard output."""
        kernel = [word for path in ("/proc", "/sys") for word in ("--host", path, "--read", path)]
        devices = [word for name in DEVICES for word in ("--write", f"/dev/{name}")]
        command = [
            self.program, "--root", self.root, *kernel, "--host", "/dev", "--list", "/dev",
            *devices, "--bind-ro", "/usr", "/usr", "--bind", self.root / "memory", "/dev/shm",
            "--folder", "/tmp", *options, path, Path(path).name, *args,
        ]  # fmt: skip
        return subprocess.run(
            command, env=ENVIRONMENT, text=True, check=False, timeout=200,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **as_user(),
        )  # fmt: skip

    def shell(self, script: str, *options: str) -> str:
        """Run a script of the shell, which must succeed; return its output."""
        done = self.run("/bin/sh", "-ec", script, options=options)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def python(self, script: str, *options: str) -> str:
        """Run a script of Python, which must succeed; return its output."""
        done = self.run("/usr/bin/python3", "-c", script, options=options)
        assert done.returncode == 0, done.stdout
        return done.stdout


def make_root(root: Path) -> None:
    """Make a root filesystem whose /usr is empty."""
    for name in ("etc", "tmp", "usr", "proc", "sys", "dev", "w", "memory", "var/lib"):
        (root / name).mkdir(parents=True)
    for name in ("bin", "sbin", "lib", "lib64"):
        (root / name).symlink_to(f"usr/{name}")
    for name in ETC:
        source = Path("/etc", name)
        if source.is_dir():
            shutil.copytree(source, root / "etc" / name, symlinks=True)
        elif source.exists():
            shutil.copy(source, root / "etc" / name)
    (root / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\nwww:x:33:33::/:/bin/sh\n")
    (root / "etc/group").write_text("root:x:0:\nwww:x:33:\n")


def compile_programs(root: Path) -> None:
    """Compile the programs of the tests to /w, dynamic and static ones."""
    for source in PROGRAMS.glob("*.c"):
        for name, flags in ((source.stem, ()), (f"{source.stem}-static", ("-static",))):
            target = root / "w" / name
            command = ["gcc", "-O1", "-w", "-pthread", *flags, "-o", target, source]
            subprocess.run(command, check=True)


@pytest.fixture(scope="session")
def box() -> Iterator[Box]:
    """A root, which the tests of a session share."""
    library.require()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        root, outside, program = folder / "root", folder / "outside", folder / "systrap"
        make_root(root)
        compile_programs(root)
        outside.mkdir()
        (outside / "secret").write_text("outside\n")
        shutil.copy("/usr/bin/true", outside / "program")
        shutil.copy(systrap.PROGRAM, program)
        if os.getuid() == 0:
            subprocess.run(["chown", "--recursive", f"{UID}:{UID}", root, outside], check=True)
        yield Box(root, program, outside)
