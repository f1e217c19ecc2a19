"""The engine's root folder: its lock, its layout, and atomic writes.

ROOT/engine.lock                 locked by the engine that runs on this root
ROOT/containers/ID/              config.json, ID-json.log, upper/, hosts, shim.sock, exit.json
ROOT/networks/ID.json            one file a network
ROOT/volumes/NAME/               volume.json, _data/
ROOT/images/                     see images/store.py
ROOT/spares/                     see storage/spare_trees.py
ROOT/tmp/                        emptied at start
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import logging
import os
import secrets
import stat
import tempfile
from pathlib import Path
from typing import Any

from .errors import ApiError

#: The suffix of files that are being written.
_DRAFT = ".draft"
_FOLDER = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_log = logging.getLogger(__name__)
#: The device and inode of a folder.
_Identity = tuple[int, int]


class RootInUse(RuntimeError):
    """Another engine runs on this root."""


class State:
    """The root folder, locked by one engine.

    Args:
        root: created (0700) if missing.

    Attributes:
        root: its path without symbolic links.
        tmp: a folder for temporary files, empty at start.

    Raises:
        RootInUse: another engine runs on it.
        OSError: it cannot be created, or others may write to it.
    """

    def __init__(self, root: Path) -> None:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.root = root.resolve()
        check_owner(self.root)
        self.root.chmod(0o700)
        self._lock = self._acquire_lock()
        self._sweep()
        self.tmp = self.folder("tmp")

    def folder(self, *names: str) -> Path:
        """Return a folder below the root; create it (0700) if missing."""
        path = self.root.joinpath(*names)
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path

    def engine_id(self) -> str:
        """Return the engine's ID, the same for each start on this root folder."""
        path = self.root / "engine-id"
        if not path.exists():
            write_json(path, secrets.token_hex(16))
        return str(read_json(path))

    def release(self) -> None:
        """Release the lock, so that another engine may use the root."""
        os.close(self._lock)

    def _sweep(self) -> None:
        """Remove the drafts and temporary files of an engine that was killed."""
        remove_leftover(self.root / "tmp")
        for depth in ("", "*/", "*/*/"):
            for path in self.root.glob(f"{depth}.*{_DRAFT}"):
                path.unlink()

    def _acquire_lock(self) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        lock = os.open(self.root / "engine.lock", flags, 0o600)
        try:
            # not flock: processes that the engine forks outlive it, and would keep the lock
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            msg = f"another engine runs on {self.root}: stop it, or pass another --root"
            raise RootInUse(msg) from None
        return lock


def check_owner(folder: Path) -> None:
    """Reject a folder in which other users could replace the engine's files.

    Raises:
        PermissionError: another user owns it, or others may write to it without a sticky bit.
    """
    status = folder.stat()
    if status.st_uid not in {0, os.geteuid()}:
        reason = f"it belongs to the user {status.st_uid}"
    elif _others_may_write(status):
        reason = "other users may write to it"
    else:
        return
    raise PermissionError(f"cannot use {folder}: {reason}: pass another folder")


def _others_may_write(status: os.stat_result) -> bool:
    if status.st_mode & stat.S_ISVTX:
        return False
    shared = bool(status.st_mode & stat.S_IWGRP) and status.st_gid not in {0, os.getegid()}
    return shared or bool(status.st_mode & stat.S_IWOTH)


def read_json(path: Path) -> Any:
    """Return the JSON in a file.

    Raises:
        ApiError: the file is not JSON.
        FileNotFoundError: it does not exist.
    """
    text = path.read_text()
    try:
        return json.loads(text)
    except ValueError as error:
        raise ApiError(f"{path} is damaged: {error}") from error


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file (0600) atomically: readers see the old content or the new.

    Raises:
        OSError: it cannot be written; the old file stays.
    """
    content = json.dumps(value, separators=(",", ":"))  # which is faster than json.dump
    handle, name = tempfile.mkstemp(_DRAFT, ".", path.parent)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(content)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def remove_leftover(path: Path) -> None:
    """Remove a tree; log what fails, where the caller goes on without it."""
    try:
        remove_tree(path)
    except OSError as error:
        _log.warning("cannot remove %s: %s", path, error)


def remove_tree(path: Path | str, *, dir_fd: int | None = None) -> None:
    """Remove a folder that a container filled, of any depth and any modes. Idempotent.

    Paths of any length work, and no symbolic link is followed: names are relative to descriptors.

    Args:
        path: of the folder.
        dir_fd: the folder to which `path` is relative.

    Raises:
        OSError: a file cannot be removed.
    """
    with contextlib.suppress(FileNotFoundError):
        _empty(_open_folder(path, dir_fd))
        try:
            os.rmdir(path, dir_fd=dir_fd)
        except OSError as error:
            if error.errno != errno.ENOTEMPTY:
                raise
            _empty(_open_folder(path, dir_fd))  # a starting shim has added its socket
            os.rmdir(path, dir_fd=dir_fd)


def _empty(fd: int) -> None:
    """Remove all that is in a folder, depth first without recursion, and close its descriptor."""
    above: list[tuple[_Identity, list[str]]] = []  # the folders above, with subfolders to remove
    try:
        names = _remove_files(fd)
        while names or above:
            if not names:
                identity, names = above.pop()
                fd = _leave(fd, identity)
                with contextlib.suppress(FileNotFoundError):
                    os.rmdir(names.pop(), dir_fd=fd)
                continue
            child = _open_folder(names[-1], fd)
            above.append((_identity(fd), names))
            os.close(fd)
            fd = child
            names = _remove_files(fd)
    finally:
        os.close(fd)


def _leave(fd: int, identity: _Identity) -> int:
    """Close a folder, and return the descriptor of its parent."""
    parent = os.open("..", _FOLDER | os.O_RDONLY, dir_fd=fd)
    if _identity(parent) != identity:
        os.close(parent)
        raise OSError(errno.ESTALE, "the folder was moved while it was removed")
    os.close(fd)
    return parent


def _open_folder(path: Path | str, dir_fd: int | None) -> int:
    """Open a folder, whatever its mode."""
    if os.geteuid() == 0:  # root needs no permission
        return os.open(path, _FOLDER | os.O_RDONLY, dir_fd=dir_fd)
    fd = os.open(path, _FOLDER | os.O_PATH, dir_fd=dir_fd)
    try:
        os.chmod(f"/proc/self/fd/{fd}", 0o700)
        return os.open(".", _FOLDER | os.O_RDONLY, dir_fd=fd)
    finally:
        os.close(fd)


def _remove_files(fd: int) -> list[str]:
    """Remove the files of a folder; return the names of its subfolders."""
    with os.scandir(fd) as entries:
        folders = {entry.name: entry.is_dir(follow_symlinks=False) for entry in entries}
    for name, is_folder in folders.items():
        if not is_folder:
            with contextlib.suppress(FileNotFoundError):  # a shim removes its files meanwhile
                os.unlink(name, dir_fd=fd)
    return [name for name, is_folder in folders.items() if is_folder]


def _identity(fd: int) -> _Identity:
    status = os.fstat(fd)
    return status.st_dev, status.st_ino
