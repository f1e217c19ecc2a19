"""Makes the shared root filesystem of a removed container over for another one of the same image.

Folders of linked files are moved into a new root, and only those of their folders are compared
with the layers that have changed, by their ctime: a container can write to no linked file, so all
that it can do there changes a folder. Other folders are copied from the layers once more. The rules
of Landlock belong to the inodes of the old root and of its copied folders: a process of the removed
container that is left over opens nothing in the new root.

source: landlock(7); rename(2): ctime of what is moved changes on all file systems of Linux.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..state import write_json
from . import copy_tree, shared_tree
from .layer_view import Entry, LayerView

#: How long the paths of changed folders may be together: a container may nest without end.
_MOST_BYTES = 1 << 24


def renew(used: Path, target: Path, layers: Sequence[str]) -> None:
    """Make a complete shared root of the linked folders of another one.

    Args:
        used: the root, which loses them; it was moved after the container's last process ended.
        target: the new root, an empty folder.
        layers: of both, bottom first.

    Raises:
        OSError: it is not a shared root, or it cannot be renewed.
        ApiError: a layer is damaged.
    """
    _wait_for_brokers(used)
    shared = shared_tree.record(used)
    if shared is None or shared.device != target.parent.stat().st_dev:
        raise OSError("it is not a shared root of this device")
    mark = used.with_name(shared_tree.RECORD)
    target.chmod(0o755)  # whatever the umask
    shared_tree.fill(layers, target, is_linked=False)
    view = LayerView(layers)
    linked = [name for name in view.names_in("") if name in shared_tree.LINKED]
    untouched = set()
    for name, identity in shared.linked.items():
        if _is_folder(used / name) and shared_tree.identity(str(used / name)) == identity:
            if (used / name).stat().st_ctime_ns <= mark.stat().st_mtime_ns:
                untouched.add(name)
            (used / name).rename(target / name)  # which changes its ctime
    changed = _changed_folders(target, linked, mark) - untouched
    _restore(target, view, linked, changed)
    content = shared_tree.content(target, shared.inodes)
    write_json(target.with_name(shared_tree.RECORD), content)
    copy_tree.mark_complete(target)


def _wait_for_brokers(used: Path) -> None:
    """Make sure that no shim copies a file to the root: afterwards, none does as it has moved.

    Raises:
        BlockingIOError: one does.
    """
    folder = os.open(used.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(folder)


def _changed_folders(root: Path, names: Iterable[str], mark: Path) -> set[str]:
    """Return the paths of the folders whose ctime is later than a file's mtime.

    The file was written before the root was complete, and so before a container could change it.

    Raises:
        OSError: they cannot be found, or are too many.
    """
    tops = [name for name in names if _is_folder(root / name)]
    if not tops:
        return set()
    command = ["find", *tops, "-type", "d", "-cnewer", str(mark), "-print0"]
    null = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=null, cwd=root) as find:  # noqa: S603
        paths = find.stdout.read(_MOST_BYTES + 1) if find.stdout else b""
        if len(paths) > _MOST_BYTES:
            find.kill()
            raise OSError("too many of its folders have changed")
    if find.returncode:
        raise OSError(f"find exits with {find.returncode}")
    return {os.fsdecode(path) for path in paths.split(b"\0") if path}


def _restore(root: Path, view: LayerView, tops: Iterable[str], changed: set[str]) -> None:
    """Make changed folders of a root, and missing files of its top, what they are in the layers.

    A folder that may have been moved to its place is compared with all that is in it: it has
    changed, and so has the one above.
    """
    for name in tops:
        entry = view.entry(name)
        if entry is not None and _restore_entry(root / name, entry):
            _restore_folders(root, name, view, is_deep=True)
    for path in sorted(changed):
        if _is_folder(root / path):  # it may be removed meanwhile
            _restore_folders(root, path, view, is_deep=os.path.dirname(path) in changed)


def _restore_folders(root: Path, top: str, view: LayerView, *, is_deep: bool) -> None:
    """Make a folder what it is in the layers: its new folders too; if `is_deep`, all in it."""
    pending = [top]
    while pending:
        path = pending.pop()
        folder, entry = root / path, view.entry(path)
        if entry is None:
            raise OSError(f"{path} is not in the layers")
        folder.chmod(0o700)
        names = view.names_in(path)
        for name in set(os.listdir(folder)).difference(names):
            copy_tree.remove(folder / name)
        for name in names:
            inner = view.entry(f"{path}/{name}")
            if inner is not None and (
                _restore_entry(folder / name, inner) or (is_deep and inner.is_folder)
            ):
                pending.append(f"{path}/{name}")
        _copy_attributes(entry.path, folder)


def _restore_entry(path: Path, entry: Entry) -> bool:
    """Make a path the layers' file, or a folder; return whether it is a new folder."""
    if entry.is_folder and _is_folder(path):
        return False
    if not entry.is_folder and os.path.lexists(path) and os.path.samestat(entry.stat, path.lstat()):
        return False
    if os.path.lexists(path):
        copy_tree.remove(path)
    if entry.is_folder:
        path.mkdir()
        return True
    os.link(entry.path, path, follow_symlinks=False)
    return False


def _copy_attributes(source: str, target: Path) -> None:
    """Give a folder the mode, times and extended attributes of another."""
    for name in set(os.listxattr(target)).difference(os.listxattr(source)):
        os.removexattr(target, name)
    shutil.copystat(source, target)


def _is_folder(path: Path) -> bool:
    return os.path.lexists(path) and stat.S_ISDIR(path.lstat().st_mode)
