"""Benchmark the runtime drivers' programs in a pod like Binder's: systrap and proot.

Each work runs in a root whose /usr is the pod's, bound read-only, and whose other files are its
own; bare is the same work outside of the root. `python -m tools.bench.driver` runs in the pod.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from docker_magics.embedded.runtime import proot, seccomp
from tools import debian, engines, systrap
from tools.bench import starts
from tools.bench.measurement import Measurement, interleave, ratio
from tools.pod import pod

ROUNDS = 7
#: How much slower than outside of the root work may be under systrap.
MOST = 2.0
#: Folders of the tree that is listed, each with as many files.
FOLDERS, FILES = 150, 40
SECONDS = 500
_KERNEL = ("/proc", "/sys", "/dev")
_PROGRAMS = "/usr/local/bin:/usr/bin:/usr/sbin"


@dataclass(frozen=True)
class Work:
    """A script of the shell, in the folder of the prepared files.

    Attributes:
        program: what has to be installed.
        script: runs with the folder as working folder.
        most: the maximum ratio to bare; None without a limit.
    """

    program: str
    script: str
    most: float | None = MOST


WORKS = {
    "start of true": Work("true", "exec true", None),
    "find": Work("find", "find tree >/dev/null"),
    "ls -R": Work("ls", "ls -R tree >/dev/null"),
    "ls -lR": Work("ls", "ls -lR tree >/dev/null"),
    "python3 -c 'import json'": Work("python3", "/usr/bin/python3 -c 'import json'"),
    "python3 -m compileall": Work("python3", "/usr/bin/python3 -m compileall -q -f python"),
    "node -e 1": Work("node", "node -e 1"),
    "npm install": Work(
        "npm",
        "rm -rf app; mkdir app; cd app; npm install --offline --no-audit --no-fund ../package"
        " >/dev/null",
    ),
    "tar x, rm -r": Work("tar", "mkdir x; tar x -f tree.tar -C x; rm -r x"),
    "dd, 4k blocks": Work("dd", "dd if=tree.tar of=/dev/null bs=4k status=none"),
    "sh, 200 programs": Work("sh", "for _ in $(seq 200); do /usr/bin/true; done", None),
    "gcc": Work("gcc", "gcc -O2 -o hello hello.c"),
    "git status": Work("git", "git -C tree -c core.checkStat=minimal status --short >/dev/null"),
}


def run() -> Iterator[Measurement]:
    """Yield the time of each work under systrap, relative to bare; proot's beside; then starts."""
    if os.geteuid() != 0 or not debian.ensure("docker", "binder"):
        print("a private dockerd is needed for a pod; run as root")
        return
    engines.private_network()
    with engines.dockerd() as address, pod(address) as own:
        done = own.python("-m", "tools.bench.driver", seconds=SECONDS)
    for name, times in json.loads(done.stdout).items():
        here = times.pop("systrap")
        yield ratio(f"systrap, {name}", here, WORKS[name].most, **times)
    yield from starts.run()


def _prepare(folder: Path) -> None:
    """Make the files that are worked on."""
    for number in range(FOLDERS):
        part = folder / "tree" / f"d{number % 10}" / f"d{number}"
        part.mkdir(parents=True)
        for name in range(FILES):
            (part / f"f{name}.py").write_text(f"value = {name}\n")
    shutil.copytree(folder / "tree/d0", folder / "python")
    (folder / "hello.c").write_text('#include <stdio.h>\nint main(void) { puts("hello"); }\n')
    (folder / "package").mkdir()
    (folder / "package/package.json").write_text('{"name": "package", "version": "1.0.0"}\n')
    identity = ("-c", "user.name=a", "-c", "user.email=a@b")
    for command in (
        ("tar", "c", "-f", "tree.tar", "tree"),
        ("git", "-C", "tree", "init", "-q"),
        ("git", "-C", "tree", "add", "."),
        ("git", "-C", "tree", *identity, "commit", "-q", "-m", "all"),
    ):
        subprocess.run(command, cwd=folder, check=True)


def _make_root(root: Path) -> None:
    for name in ("etc", "tmp", "usr", "proc", "sys", "dev"):
        (root / name).mkdir(parents=True)
    for name in ("bin", "sbin", "lib", "lib64"):
        (root / name).symlink_to(f"usr/{name}")
    shutil.copytree("/etc/alternatives", root / "etc/alternatives", symlinks=True)
    shutil.copy("/etc/ld.so.cache", root / "etc")
    (root / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\n")


def _launchers(root: Path) -> dict[str, list[str]]:
    """Return the words that precede a command, for each driver that runs here."""
    hosts = [word for path in _KERNEL for word in ("--host", path)]
    border = ["--read", "/proc", "--read", "/sys", "--list", "/dev", "--write", "/dev/null"]
    systrap_options = [*hosts, *border, "--bind-ro", "/usr", "/usr", "--folder", "/w"]
    binds = [word for path in ("/usr", *_KERNEL) for word in ("-b", path)]
    launchers = {
        "systrap": [str(systrap.PROGRAM), "--root", str(root), *systrap_options, "/bin/sh"],
        "bare": ["env", "-C", str(root / "w")],
        proot.NAME: [proot.NAME, "-0", "-r", str(root), *binds, "-w", "/w"],
    }
    return {name: launcher for name, launcher in launchers.items() if shutil.which(launcher[0])}


def _times(work: Work, launchers: dict[str, list[str]]) -> dict[str, float]:
    """Return the seconds of a work by driver."""
    acts = [functools.partial(_run, work, launcher) for launcher in launchers.values()]
    return dict(zip(launchers, interleave(ROUNDS, *acts), strict=True))


def _run(work: Work, launcher: list[str]) -> None:
    environment = {"PATH": _PROGRAMS, "HOME": tempfile.gettempdir(), "LANG": "C.UTF-8"}
    subprocess.run(
        [*launcher, "sh", "-ec", work.script], env=environment, check=True, stdout=sys.stderr,
        preexec_fn=seccomp.hide_new_calls if launcher[0] == proot.NAME else None,  # as the driver
    )  # fmt: skip


def main() -> None:
    """Print the seconds of each work by driver, as JSON."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name, "root")
        _make_root(root)
        (root / "w").mkdir()
        _prepare(root / "w")
        launchers = _launchers(root)
        works = {name: work for name, work in WORKS.items() if shutil.which(work.program)}
        print(json.dumps({name: _times(work, launchers) for name, work in works.items()}))


if __name__ == "__main__":
    main()
