"""Root filesystems that have an image's files in common with its layers, by hard links.

Only files of the root's own may be written, so a root filesystem is shared under a runtime driver
that sees to that alone (`runtime/file_broker.py`). In folders of programs, files are linked; those
of other folders (/etc, /home, /var ...), which are small and often written, are copied.

The file SHARED lies beside the root:

device    st_dev of the root
inodes    the inodes of linked files, sorted: 8 bytes each, the machine's byte order, as Base64
copied    name -> [inode, time of birth in ns] of folders that have copied files only
linked    the same of folders of linked files
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import stat
import subprocess
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .. import syscalls
from ..state import remove_tree, write_json
from . import copy_tree
from .tree_walk import walk
from .whiteouts import is_whiteout

RECORD = "shared"
#: The folders whose files are linked.
LINKED = frozenset({"usr", "opt", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "nix"})
_ALL_BUT_DATA = ("--archive", "--remove-destination")


@dataclass(frozen=True)
class SharedFiles:
    """Which files of a root filesystem are an image's.

    Attributes:
        device: the root's when it was made: inodes mean nothing on another.
        inodes: sorted.
        copied: the folders that have copied files only.
        linked: the folders of linked files.
    """

    device: int
    inodes: Sequence[int]
    copied: dict[str, tuple[int, int]]
    linked: dict[str, tuple[int, int]]

    def has(self, status: os.stat_result) -> bool:
        """Whether a file of the root is an image's: how many links it has tells nothing."""
        at = bisect_left(self.inodes, status.st_ino)
        is_known = at < len(self.inodes) and self.inodes[at] == status.st_ino
        return is_known and status.st_dev == self.device


def record(root: Path) -> SharedFiles | None:
    """Return which files of a root filesystem are an image's; None if it has copies only."""
    try:
        content = json.loads(root.with_name(RECORD).read_bytes())
    except FileNotFoundError:
        return None
    copied, linked = (
        {name: (inode, born) for name, (inode, born) in content.get(key, {}).items()}
        for key in ("copied", "linked")
    )
    inodes = array("Q", base64.b64decode(content["inodes"]))
    return SharedFiles(content["device"], inodes, copied, linked)


def is_shared(root: Path) -> bool:
    """Whether a root filesystem has files that are an image's."""
    return root.with_name(RECORD).exists()


def make(layers: Sequence[str], target: Path) -> None:
    """Put layers one over the other into `target`: linked where possible, or copied. Idempotent.

    Args:
        layers: bottom first.
        target: a folder, whose content is replaced.

    Raises:
        ApiError: the copy failed; the disk may be full.
    """
    if copy_tree.is_complete(target):
        return
    try:
        link(layers, target)
    except OSError:  # another filesystem, too many links, special files: it is copied
        target.with_name(RECORD).unlink(missing_ok=True)
        copy_tree.copy(layers, target)


def link(layers: Sequence[str], target: Path) -> None:
    """Do as `make`, without copying files of programs.

    Raises:
        OSError: a file cannot be linked.
    """
    draft = target.with_name("linking")
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        remove_tree(draft)
        draft.mkdir()
        fill(layers, draft, is_linked=True)
        fill(layers, draft, is_linked=False)
        draft.chmod(0o755)
        write_json(target.with_name(RECORD), _inspect(draft))
        # as files are when they are copied: a filesystem that cannot do it copies all at once
        syscalls.exchange(draft.name, target.name, folder, folder)
    finally:
        remove_tree(draft)
        os.close(folder)
    copy_tree.mark_complete(target)


def fill(layers: Sequence[str], target: Path, *, is_linked: bool) -> None:
    """Put those files of layers into `target` that are to be linked, or that are to be copied."""
    options = ("--link",) if is_linked else ()

    def matters(name: str) -> bool:
        return (name in LINKED) == is_linked

    for number, layer in enumerate(layers):
        names = list(filter(matters, os.listdir(layer)))
        # `_inspect` removes those of the lowest layer's linked files: to walk them takes long
        has_whiteouts = number or not is_linked
        whiteouts = copy_tree.remove_hidden(layer, target, matters) if has_whiteouts else []
        if names:
            _copy([f"{layer}/{name}" for name in names], target, *options)
        for path in whiteouts:
            (target / path).unlink()


def _copy(sources: Sequence[str], target: Path, *options: str) -> None:
    command = ["cp", *_ALL_BUT_DATA, *options, "--target-directory", str(target), "--", *sources]
    done = subprocess.run(command, check=False, capture_output=True)  # noqa: S603
    if done.returncode:
        raise OSError(os.fsdecode(done.stderr.strip()[-300:]))


def _inspect(root: Path) -> dict[str, object]:
    """Return what the record of a new root has; remove whiteouts of its lowest layer."""
    inodes: set[int] = set()
    for entry in _entries(root):
        if entry.name not in LINKED:  # its files, pipes too, are the root's own
            continue
        if entry.is_dir(follow_symlinks=False):
            inodes.update(_inodes(entry.path))
        else:
            inodes.add(entry.stat(follow_symlinks=False).st_ino)
    return content(root, sorted(inodes))


def content(root: Path, inodes: Sequence[int]) -> dict[str, object]:
    """Return the content of a root's record.

    Args:
        root: the root.
        inodes: of its linked files, sorted.
    """
    folders: dict[bool, dict[str, tuple[int, int]]] = {True: {}, False: {}}
    for entry in _entries(root):
        if entry.is_dir(follow_symlinks=False):
            folders[entry.name in LINKED][entry.name] = identity(entry.path)
    return {
        "device": root.stat().st_dev,
        "inodes": base64.b64encode(array("Q", inodes)).decode(),
        "copied": folders[False],
        "linked": folders[True],
    }


def _entries(folder: Path | str) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return list(entries)


def _inodes(folder: str) -> Iterator[int]:
    """Yield the inodes of the files and links below a folder of linked files.

    Raises:
        OSError: it has a pipe, which containers would share.
    """
    pending = [folder]
    while pending:
        for entry in _entries(pending.pop()):
            if entry.is_dir(follow_symlinks=False):
                pending.append(entry.path)
                continue
            status = entry.stat(follow_symlinks=False)
            if is_whiteout(entry.path, status):
                os.unlink(entry.path)
            elif stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode):
                yield status.st_ino
            else:
                raise OSError(f"{entry.path} is a special file")


def identity(folder: str | int) -> tuple[int, int]:
    """Return the inode and the time of birth of a folder, a path or a descriptor.

    Raises:
        OSError: the filesystem has no times of birth.
    """
    fd = os.open(folder, os.O_PATH | os.O_NOFOLLOW) if isinstance(folder, str) else folder
    try:
        return os.fstat(fd).st_ino, syscalls.born_at(fd)
    finally:
        if isinstance(folder, str):
            os.close(fd)


def own_if_moved(root: Path) -> None:
    """Copy the linked files of a root filesystem on another device than when it was made."""
    shared = record(root)
    if shared is not None and shared.device != root.stat().st_dev:
        own(root)


def own(root: Path) -> None:
    """Copy the linked files of a root filesystem, for a driver that lets all of them be written.

    Files that are linked to each other alone stay so.

    Raises:
        OSError: a file cannot be copied.
    """
    if record(root) is None:
        return
    draft = root.with_name("owning")
    draft.unlink(missing_ok=True)
    for first, *others in _linked_outside(root):
        shutil.copy2(first, draft)
        draft.replace(first)
        for path in others:
            os.link(first, draft)
            draft.replace(path)
    root.with_name(RECORD).unlink()


def _linked_outside(root: Path) -> Iterator[list[Path]]:
    """Yield the paths of each file that has names outside of a root too."""
    paths = defaultdict(list)
    links = {}
    for file in walk(root, onerror=_raise):
        if file.is_regular and file.stat.st_nlink > 1:
            paths[file.identity].append(root / file.path)
            links[file.identity] = file.stat.st_nlink
    return (names for identity, names in paths.items() if len(names) < links[identity])


def _raise(error: OSError) -> None:
    raise error
