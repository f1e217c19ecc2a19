"""A pod as Binder gives one: an ordinary user, no capabilities, no new privileges, 2 GiB.

It is a container of a private Docker Engine. The machine's own programs and libraries, this Python
with its packages and the project are shown in it, read-only and under their own paths, so that what
runs in it is what runs here. `python -m tools.pod COMMAND ...` runs one command in one.
"""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker

from tools import engines, tars

_PROJECT = Path(__file__).parent.parent
HOME = "/home/jovyan"
UID = 1000
_IMAGE = "docker-magics/pod"
#: What a program needs of the machine; /etc has certificates, names of hosts and of libraries.
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32", "/libx32", "/opt")
_ETC = ("alternatives", "ld.so.cache", "ssl", "ca-certificates", "os-release", "nsswitch.conf")
_LONGEST_S = 600


@dataclass(frozen=True)
class Pod:
    """A pod that runs.

    Attributes:
        address: of the engine that it is a container of.
        name: its ID there.
    """

    address: str
    name: str

    def run(
        self,
        *command: str | Path,
        env: Mapping[str, str] | None = None,
        seconds: int = 60,
        check: bool = True,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in it, as its user, in its home.

        Args:
            *command: the words; `sys.executable` is this Python there too.
            env: variables besides the pod's own.
            seconds: after so many it is killed, with exit code 137.
            check: whether an exit code other than 0 is an error.

        Returns:
            Its exit code, and what it wrote.

        Raises:
            subprocess.CalledProcessError: it failed; the text has the end of what it wrote.
        """
        args = ["timeout", "--signal=KILL", str(seconds), *map(str, command)]
        with contextlib.closing(docker.APIClient(self.address, timeout=_LONGEST_S)) as api:
            identity = api.exec_create(self.name, args, environment=dict(env or {}))["Id"]
            out, err = api.exec_start(identity, demux=True)
            code = api.exec_inspect(identity)["ExitCode"]
        done = subprocess.CompletedProcess(args[3:], code, _text(out), _text(err))
        if check and code:
            raise Failed(code, done.args, done.stdout, done.stderr)
        return done

    def python(self, *args: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run this Python in it; the rest is as with `run`."""
        return self.run(sys.executable, *args, **options)

    def memory(self) -> int:
        """The bytes that its processes have for themselves now: files in the cache left out."""
        with contextlib.closing(docker.APIClient(self.address, timeout=_LONGEST_S)) as api:
            stats = api.stats(self.name, stream=False, one_shot=True)["memory_stats"]["stats"]
        return int(stats.get("anon") or stats["total_rss"])  # cgroups of version 2, and of 1


class Failed(subprocess.CalledProcessError):
    """A command in a pod failed."""

    def __str__(self) -> str:
        return f"{super().__str__()}\n{self.stdout[-2000:]}{self.stderr[-2000:]}"


@contextlib.contextmanager
def pod(address: str, *folders: Path, proot: Path | None = None) -> Iterator[Pod]:
    """A pod, and its end with the block.

    Args:
        address: of a Docker Engine on this machine, as `engines.dockerd` gives it.
        *folders: more of this machine that is shown in it, read-only, under the same path.
        proot: the proot that comes first in its PATH; None for the machine's, where it has one.

    Yields:
        It. /tmp and its home are its own and are gone with it.
    """
    with contextlib.closing(docker.APIClient(address, timeout=_LONGEST_S)) as api:
        api.import_image_from_data(_root(), repository=_IMAGE)
        shown = [*_shown(), *(f"{each}:{each}:ro" for each in folders)]
        if proot:
            shown.append(f"{proot}:/pod/proot:ro")
        host = api.create_host_config(
            binds=shown,
            cap_drop=["ALL"],
            security_opt=["no-new-privileges"],
            mem_limit="2g",
        )
        made = api.create_container(
            _IMAGE,
            ["tini", "--", "sleep", "infinity"],
            user=f"{UID}:{UID}",
            working_dir=HOME,
            environment=_environment(),
            host_config=host,
        )
        try:
            api.start(made["Id"])
            yield Pod(address, made["Id"])
        finally:
            api.remove_container(made["Id"], force=True, v=True)


def _environment() -> dict[str, str]:
    path = f"/pod:{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
    return {"HOME": HOME, "PATH": path, "PYTHONPATH": str(_PROJECT), "LANG": "C.UTF-8"}


def _root() -> bytes:
    """An empty system with a user, as a tar: everything else is shown in it."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name in filter(os.path.islink, _SYSTEM):  # /bin is /usr/bin on a merged system
            tars.link(tar, name.lstrip("/"), str(Path(name).readlink()))
        tars.folder(tar, "tmp", 0o1777)
        tars.folder(tar, HOME.lstrip("/"), 0o755, UID)
        users = f"root:x:0:0:root:/root:/bin/sh\njovyan:x:{UID}:{UID}::{HOME}:/bin/bash\n"
        tars.file(tar, "etc/passwd", users.encode())
        tars.file(tar, "etc/group", f"root:x:0:\njovyan:x:{UID}:\n".encode())
    return archive.getvalue()


def _shown() -> list[str]:
    """The machine's system, this Python and the project, as binds."""
    system = [name for name in _SYSTEM if Path(name).is_dir() and not Path(name).is_symlink()]
    system += [f"/etc/{name}" for name in _ETC if Path("/etc", name).exists()]
    own = {str(Path(each).resolve()) for each in (sys.prefix, sys.base_prefix, _PROJECT)}
    apart = [each for each in sorted(own) if not _is_in(each, [*system, *(own - {each})])]
    return [f"{each}:{each}:ro" for each in (*system, *apart)]


def _is_in(path: str, folders: Sequence[str]) -> bool:
    return any(Path(path).is_relative_to(folder) for folder in folders)


def _text(content: bytes | None) -> str:
    return (content or b"").decode(errors="replace")


def main() -> int:
    """Run the command of the command line in a pod of a private Docker Engine."""
    engines.private_network()
    with engines.dockerd() as address, pod(address) as own:
        done = own.run(*sys.argv[1:], seconds=_LONGEST_S, check=False)
    sys.stdout.write(done.stdout)
    sys.stderr.write(done.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
