"""The engine's root folder: its lock, its layout, and atomic writes.

ROOT/engine.lock                 locked by the engine that runs on this root
ROOT/containers/ID/              config.json, ID-json.log, upper/, hosts, shim.sock, exit.json
ROOT/networks/ID.json            one file a network
ROOT/volumes/NAME/               volume.json, _data/
ROOT/images/                     see images/store.py
ROOT/tmp/                        emptied at start
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import Any

from .errors import ApiError

#: The suffix of files that are being written.
_DRAFT = ".draft"


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
        OSError: it cannot be created.
    """

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        root.chmod(0o700)
        self.root = root.resolve()
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
        remove_tree(self.root / "tmp")
        for depth in ("", "*/", "*/*/"):
            for path in self.root.glob(f"{depth}.*{_DRAFT}"):
                path.unlink()

    def _acquire_lock(self) -> int:
        lock = os.open(self.root / "engine.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            # not flock: processes that the engine forks outlive it, and would keep the lock
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            msg = f"another engine runs on {self.root}: stop it, or pass another --root"
            raise RootInUse(msg) from None
        return lock


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
    handle, name = tempfile.mkstemp(_DRAFT, ".", path.parent)
    try:
        with os.fdopen(handle, "w") as file:
            json.dump(value, file, separators=(",", ":"))
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def remove_tree(path: Path) -> None:
    """Remove a folder that a container filled, whatever the modes of its files. Idempotent.

    Raises:
        OSError: a file cannot be removed.
    """
    if os.geteuid() != 0:  # root needs no permission
        for folder, _, _ in os.walk(path):
            os.chmod(folder, 0o700)

    def ignore_missing(_function: object, _path: str, info: Any) -> None:
        if not isinstance(info[1], FileNotFoundError):  # a shim removes its files meanwhile
            raise info[1]

    shutil.rmtree(path, onerror=ignore_missing)
