"""Machines as notebooks have them where no Docker is: pods like Binder's, Colab's and Kaggle's.

Binder's has an unprivileged user, no capabilities and no new privileges; `UNCONFINED` is such a pod
without a seccomp profile. The other two have root, with Docker's default capabilities and seccomp
profile: no user namespaces and no mounts. Kaggle's has no network, unless its user switches that
on. All have 2 GiB of memory and two CPUs.

Each is a container of a private Docker Engine. The machine's programs and libraries, this Python
with its packages, and the project are bind-mounted read-only at the same paths, so that a pod runs
the same code. `python -m tools.pod COMMAND ...` runs a command in a new pod.
"""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import docker

from tools import engines, tars

_PROJECT = Path(__file__).parent.parent
_IMAGE = "docker-magics/pod"
#: Folders and files of /etc that programs need: libraries, certificates, name resolution.
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32", "/libx32", "/opt")
_ETC = ("alternatives", "ld.so.cache", "ssl", "ca-certificates", "os-release", "nsswitch.conf")
_LONGEST_S = 600


@dataclass(frozen=True)
class Place:
    """Where a service runs its notebooks.

    Attributes:
        uid: the user; 0 has Docker's default capabilities, others have none.
        home: the user's home directory.
        folder: the working directory.
        network: Docker's name of the network.
        seccomp: Docker's name of the seccomp profile; empty for its default.
    """

    uid: int
    home: str
    folder: str
    network: str = "bridge"
    seccomp: str = ""


BINDER = Place(1000, "/home/jovyan", "/home/jovyan")
UNCONFINED = replace(BINDER, seccomp="unconfined")
COLAB = Place(0, "/root", "/content")
KAGGLE = Place(0, "/root", "/kaggle/working", network="none")


@dataclass(frozen=True)
class Pod:
    """A running pod.

    Attributes:
        address: the address of its engine.
        name: its container ID.
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
        """Run a command as the pod's user, in its working directory.

        Args:
            *command: the command; `sys.executable` is this Python in the pod too.
            env: additional environment variables.
            seconds: timeout, after which the command is killed with exit code 137.
            check: whether to raise an error for a nonzero exit code.

        Returns:
            Exit code and output.

        Raises:
            subprocess.CalledProcessError: the command failed; the message has the end of its
                output.
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
        """Run this Python in the pod; the options are those of `run`."""
        return self.run(sys.executable, *args, **options)

    def memory(self) -> int:
        """Return the anonymous memory of the pod's processes in bytes, without the page cache."""
        with contextlib.closing(docker.APIClient(self.address, timeout=_LONGEST_S)) as api:
            stats = api.stats(self.name, stream=False, one_shot=True)["memory_stats"]["stats"]
        return int(stats.get("anon") or stats["total_rss"])  # cgroups of version 2, and of 1


class Failed(subprocess.CalledProcessError):
    """A command in a pod failed."""

    def __str__(self) -> str:
        return f"{super().__str__()}\n{self.stdout[-2000:]}{self.stderr[-2000:]}"


@contextlib.contextmanager
def pod(
    address: str,
    folders: Mapping[Path, Path] = MappingProxyType({}),
    *,
    proot: Path | None = None,
    place: Place = BINDER,
) -> Iterator[Pod]:
    """Run a pod while the block runs.

    Args:
        address: the address of a Docker Engine on this machine, from `engines.dockerd`.
        folders: further folders to bind-mount read-only -> their paths in the pod.
        proot: a proot to put first in PATH; by default the machine's, if it is installed.
        place: what it is like.

    Yields:
        The pod. Its /tmp, home and working directory are private and temporary.
    """
    with contextlib.closing(docker.APIClient(address, timeout=_LONGEST_S)) as api:
        api.import_image_from_data(root_filesystem(place), repository=_IMAGE)
        binds = [f"{folder}:{folder}:ro" for folder in mounted()]
        binds += [f"{folder}:{target}:ro" for folder, target in folders.items()]
        if proot:
            binds.append(f"{proot}:/pod/proot:ro")
        host = api.create_host_config(
            binds=binds,
            cap_drop=["ALL"] if place.uid else [],
            security_opt=_security(place),
            network_mode=place.network,
            mem_limit="2g",
            nano_cpus=2_000_000_000,
        )
        made = api.create_container(
            _IMAGE,
            ["tini", "--", "sleep", "infinity"],
            user=f"{place.uid}:{place.uid}",
            working_dir=place.folder,
            environment=environment(place),
            host_config=host,
        )
        try:
            api.start(made["Id"])
            yield Pod(address, made["Id"])
        finally:
            api.remove_container(made["Id"], force=True, v=True)


def _security(place: Place) -> list[str]:
    seccomp = [f"seccomp={place.seccomp}"] if place.seccomp else []
    return [*seccomp, *(["no-new-privileges"] if place.uid else [])]


def environment(place: Place) -> dict[str, str]:
    """Return a pod's environment variables, which find this Python and the project."""
    path = f"/pod:{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
    return {"HOME": place.home, "PATH": path, "PYTHONPATH": str(_PROJECT), "LANG": "C.UTF-8"}


def root_filesystem(place: Place) -> bytes:
    """Return a tar of an empty root filesystem with a user; the rest is bind-mounted."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name in filter(os.path.islink, _SYSTEM):  # /bin is /usr/bin on a merged system
            tars.link(tar, name.lstrip("/"), str(Path(name).readlink()))
        tars.folder(tar, "tmp", 0o1777)
        for folder in sorted({place.home, place.folder}):
            tars.folder(tar, folder.lstrip("/"), 0o755, place.uid)
        users, groups = "root:x:0:0:root:/root:/bin/sh\n", "root:x:0:\n"
        if place.uid:
            users += f"jovyan:x:{place.uid}:{place.uid}::{place.home}:/bin/bash\n"
            groups += f"jovyan:x:{place.uid}:\n"
        tars.file(tar, "etc/passwd", users.encode())
        tars.file(tar, "etc/group", groups.encode())
    return archive.getvalue()


def mounted() -> list[str]:
    """Return the folders and files of the system, this Python and the project."""
    folders = [name for name in _SYSTEM if Path(name).is_dir() and not Path(name).is_symlink()]
    folders += [f"/etc/{name}" for name in _ETC if Path("/etc", name).exists()]
    roots = {str(Path(folder).resolve()) for folder in (sys.prefix, sys.base_prefix, _PROJECT)}
    outermost = [
        folder for folder in sorted(roots) if not _is_in(folder, [*folders, *(roots - {folder})])
    ]
    return [*folders, *outermost]


def _is_in(path: str, folders: Sequence[str]) -> bool:
    return any(Path(path).is_relative_to(folder) for folder in folders)


def _text(content: bytes | None) -> str:
    return (content or b"").decode(errors="replace")


def main() -> int:
    """Run a command in a pod of a private Docker Engine; return its exit code."""
    engines.private_network()
    with engines.dockerd() as address, pod(address) as own:
        done = own.run(*sys.argv[1:], seconds=_LONGEST_S, check=False)
    sys.stdout.write(done.stdout)
    sys.stderr.write(done.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
