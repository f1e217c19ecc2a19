"""The driver for where nothing is allowed: proot, which shows a process another root by ptrace.

Nothing is isolated: processes, network and users are the host's. Each container has a copy of its
image's files, as there is no mounting here.

source: proot(1); facts on its versions in the project's documentation.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from . import child, syscalls, users
from .rootfs import Rootfs

NAME = "proot"
#: From this version on it stops at the calls that carry paths alone, not at every one.
FAST = (5, 4)
_HOSTS = ("/proc", "/dev", "/sys")


def version() -> tuple[int, ...]:
    """The installed version; empty where there is none."""
    path = shutil.which("proot")
    if path is None:
        return ()
    done = subprocess.run([path, "--version"], check=False, capture_output=True, text=True)  # noqa: S603
    match = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", done.stdout + done.stderr)
    return tuple(int(each or 0) for each in match.groups()) if match else ()


def execute(spec: Any) -> None:
    """Become proot with the container's program in it.

    Raises:
        CannotStart: the program, the user or the folder is none.
    """
    root = Path(spec["rootfs"]["merged"])
    with Rootfs(root) as files:
        path = _program(spec, files)
        _make_folder(files, spec["cwd"] or "/")
        home = _home(spec, files)
    if not any(pair.startswith("HOME=") for pair in spec["env"]):
        spec["env"] = [*spec["env"], f"HOME={home}"]
    if spec.get("no_new_privs"):
        syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
    proot = shutil.which("proot") or "proot"
    binds = [f"--bind={each}" for each in _HOSTS]
    mounts = [each for each in spec["mounts"] if each["kind"] == "bind"]
    binds += [f"--bind={each['source']}:{each['target']}" for each in mounts]
    words = ["-0", f"--rootfs={root}", *binds, "--kill-on-exit", f"--cwd={spec['cwd'] or '/'}"]
    spec["args"] = [proot, *words, path, *spec["args"][1:]]
    child.execute(spec, proot)


def _program(spec: Any, files: Rootfs) -> str:
    name = spec["args"][0]
    quoted = f'exec: "{name}"'
    if "/" in name:
        if not files.exists(name):
            words = f"{quoted}: stat {name}: no such file or directory"
            raise child.CannotStart(words, 127)
        if not files.stat(name).st_mode & 0o111:
            raise child.CannotStart(f"{quoted}: permission denied")
        return str(name)
    environment = dict(pair.partition("=")[::2] for pair in spec["env"])
    for folder in environment.get("PATH", "/usr/bin:/bin").split(":"):
        path = f"{folder}/{name}"
        with contextlib.suppress(OSError):
            if files.stat(path).st_mode & 0o111:
                return path
    raise child.CannotStart(f"{quoted}: executable file not found in $PATH", 127)


def _make_folder(files: Rootfs, path: str) -> None:
    try:
        os.close(files.make_dirs(path))
    except OSError as error:
        words = f'chdir to cwd ("{path}") set in config.json failed: {error.strerror}'
        raise child.CannotStart(words.lower()) from None


def _home(spec: Any, files: Rootfs) -> str:
    def read(path: str) -> str:
        try:
            return files.read(path).decode(errors="replace")
        except OSError:
            return ""

    try:
        return users.resolve(spec.get("user", ""), spec.get("groups") or [], read).home
    except users.NoSuchUser as error:
        raise child.CannotStart(str(error)) from None


def signal_group(pid: int, number: int) -> None:
    """Signal what runs in proot: proot itself would hand nothing on, and dies of SIGKILL last."""
    inner = _children(pid)
    if number == signal.SIGKILL or not inner:
        os.kill(pid, number)
    for each in inner:
        with contextlib.suppress(ProcessLookupError):
            os.kill(each, number)


def _children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [int(each) for each in text.split()]


def descendants(pid: int) -> list[int]:
    """A process and everything below it."""
    found = [pid]
    for each in found:
        found += _children(each)
    return found


@contextlib.contextmanager
def tree(spec: Mapping[str, Any]) -> Iterator[Rootfs]:
    """A container's copy of its files. Volumes are not in it."""
    with Rootfs(spec["rootfs"]["merged"]) as root:
        yield root
