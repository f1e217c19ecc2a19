"""The engine's root folder: who may use it, where things lie, and files never half written.

ROOT/engine.lock                 held by the one engine that runs on this root
ROOT/containers/ID/              config.json, ID-json.log, upper/, hosts, shim.sock, exit.json
ROOT/networks/ID.json            one file a network
ROOT/volumes/NAME/               volume.json, _data/
ROOT/images/                     the image store's own
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

#: The end of the names of files that are being written.
_DRAFT = ".draft"


class RootInUse(RuntimeError):
    """Another engine runs on this root."""


class State:
    """The root folder, held by one engine.

    Args:
        root: made (0700) where it is missing.

    Raises:
        RootInUse: another engine holds it.
    """

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        root.chmod(0o700)
        self.root = root.resolve()
        self._lock = self._hold()
        self._sweep()
        self.tmp = self.folder("tmp")

    def folder(self, *names: str) -> Path:
        """A private folder below the root, made where it is missing."""
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
        """Let another engine use the root."""
        os.close(self._lock)

    def _sweep(self) -> None:
        """Take away what an engine that was killed had half written."""
        remove_tree(self.root / "tmp")
        for depth in ("", "*/", "*/*/"):
            for path in self.root.glob(f"{depth}.*{_DRAFT}"):
                path.unlink()

    def _hold(self) -> int:
        lock = os.open(self.root / "engine.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            # Not flock: what the engine forks outlives it, and would go on holding the lock.
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            msg = f"another engine runs on {self.root}: stop it, or give this one its own --root"
            raise RootInUse(msg) from None
        return lock


def read_json(path: Path) -> Any:
    """The JSON in a file.

    Raises:
        ApiError: the file is damaged.
        FileNotFoundError: there is none.
    """
    text = path.read_text()
    try:
        return json.loads(text)
    except ValueError as error:
        raise ApiError(f"{path} is damaged: {error}") from error


def write_json(path: Path, value: Any) -> None:
    """Write JSON so that readers see the old file or the new one, whole (mode 0600)."""
    handle, name = tempfile.mkstemp(_DRAFT, ".", path.parent)
    try:
        with os.fdopen(handle, "w") as file:
            json.dump(value, file, separators=(",", ":"))
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def remove_tree(path: Path) -> None:
    """Remove a folder of strangers' files, whatever their modes."""
    if os.geteuid() != 0:  # root needs no permission
        for folder, _, _ in os.walk(path):
            os.chmod(folder, 0o700)

    def forgive(_call: object, _path: str, problem: Any) -> None:
        if not isinstance(problem[1], FileNotFoundError):  # a shim takes its own files away
            raise problem[1]

    shutil.rmtree(path, onerror=forgive)
