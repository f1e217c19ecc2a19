"""What drivers share that cannot mount: files, folders of mounts, and the end of processes."""

from __future__ import annotations

import contextlib
import os
import select
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from .. import descriptors, syscalls
from ..state import State, remove_leftover
from ..storage.copy import CopyDriver
from ..storage.driver import StorageDriver
from ..storage.mounted_rootfs import MountedRootfs
from ..storage.rootfs import Rootfs
from ..storage.spare_trees import SpareTrees
from . import child, init
from .driver import TreeMounter
from .id_mapping import IdMapping
from .spec import MountSpec, Spec, TmpfsSpec, TreeSpec

#: The init process's exit code where it finds no program.
_NO_PROGRAM = 127
_TMPFS_MODE = 0o1777


class Driver:
    """The part of a driver that gives each container a copy of its image's files."""

    id_mapping = IdMapping.NONE
    isolates_network = False
    divides_loopback = False
    #: Whether containers may write to files of their own alone.
    _shares_files = False
    enters_namespaces = False

    def storage(self, state: State) -> StorageDriver:
        """Return the copy driver."""
        ready = state.folder("spares")
        spares = SpareTrees(ready) if self._shares_files else None
        if spares is None:
            remove_leftover(ready)
        return CopyDriver(
            state.folder("tmp", "spares"), state.folder("r"), state.folder("containers"), spares
        )

    @contextlib.contextmanager
    def files(self, _mount: TreeMounter, _folder: Path, spec: TreeSpec) -> Iterator[Rootfs]:
        """Return the container's copy of its files, and its mounts."""
        with mounted(spec) as root:
            yield root

    def running_root(self, _pid: int) -> str | None:
        """Return None: the copy is the same whether the container runs or not."""


def prepare(spec: Spec) -> None:
    """Become the parent of orphans, and empty the folders of a new container's tmpfs mounts.

    Raises:
        CannotStart: it would share the processes of another container.
    """
    if isinstance(spec.get("namespaces", {}).get("pid"), int):
        raise child.CannotStart(
            "cannot share the processes of another container: there are no PID namespaces here"
        )
    syscalls.prctl(syscalls.PR_SET_CHILD_SUBREAPER, 1)
    if "join" not in spec:
        remove_leftover(tmpfs_folder(Path(spec["rootfs"]["merged"])))


def try_init(
    root: Path, command: Callable[[str], list[str]], environment: Sequence[str] = ()
) -> str | None:
    """Return None if a driver's program runs an init process in another root, otherwise the reason.

    Args:
        root: the engine's root folder.
        command: for a folder with the init process as `/init`, the command that executes it
            with the program `/none`.
        environment: additional variables of the command, as `NAME=value`.
    """
    if os.statvfs(root).f_flag & os.ST_NOEXEC:
        return f"{root} is mounted noexec; set DOCKER_MAGICS_ROOT to another folder"
    variables = os.environ | dict(pair.split("=", 1) for pair in environment)
    with tempfile.TemporaryDirectory(dir=root) as folder:
        program = Path(folder, "init")
        program.write_bytes(init.PROGRAM)
        program.chmod(0o755)
        arguments = command(folder)
        done = subprocess.run(arguments, check=False, capture_output=True, text=True, env=variables)  # noqa: S603
    if done.returncode == _NO_PROGRAM:
        return None
    return done.stderr.strip() or f"it exits with {done.returncode}"


def mounted(spec: Spec | TreeSpec) -> MountedRootfs:
    """Return the files of a container with its mounts."""
    root = Path(spec["rootfs"]["merged"])
    return MountedRootfs(root, [(source(mount, root), mount["target"]) for mount in spec["mounts"]])


def source(mount: MountSpec, root: Path) -> str:
    """Return what is shown at a mount's target: for a tmpfs, a folder beside the files."""
    if mount["kind"] == "bind":
        return str(Path(mount["source"], mount.get("subpath", "")))
    folder = tmpfs_folder(root) / quote(mount["target"], safe="")
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(_tmpfs_mode(mount, root))
    return str(folder)


def _tmpfs_mode(mount: TmpfsSpec, root: Path) -> int:
    """Return the mode of a tmpfs: as its options say, or of its target, or that of all such."""
    for option in mount["data"].split(","):
        name, _, value = option.partition("=")
        if name == "mode":
            return int(value, 8)
    try:
        with Rootfs(root) as files:
            return stat.S_IMODE(files.stat(mount["target"]).st_mode)
    except OSError:
        return _TMPFS_MODE


def tmpfs_folder(root: Path) -> Path:
    """Return the folder that has a folder for each tmpfs mount of a container."""
    return root.parent / "memory"


def may_execute(files: Rootfs, path: str) -> bool:
    """Whether a path leads to a file that somebody may execute.

    Raises:
        OSError: it does not exist.
    """
    mode = files.stat(path).st_mode
    return stat.S_ISREG(mode) and bool(mode & 0o111)


def make_folder(files: Rootfs, path: str) -> None:
    """Make the working folder.

    Raises:
        CannotStart: it cannot be made.
    """
    try:
        os.close(files.make_dirs(path))
    except OSError as error:
        raise child.working_folder_error(path, error, made=True) from None


def signal_all(pids: list[int], number: int) -> None:
    """Signal processes, some of which may have ended."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


class End:
    """The end of a process; whoever waits need not be its parent."""

    def __init__(self, pidfd: int) -> None:
        self._pidfd = pidfd

    def wait(self, seconds: float | None) -> bool:
        """Whether it ends within some seconds; None waits forever."""
        return bool(self._pidfd < 0 or select.select([self._pidfd], [], [], seconds)[0])


@contextlib.contextmanager
def end_of(pid: int) -> Iterator[End]:
    """Watch a process while the block runs."""
    try:
        pidfd = descriptors.open_pidfd(pid)
    except ProcessLookupError:
        yield End(-1)
        return
    try:
        yield End(pidfd)
    finally:
        os.close(pidfd)
