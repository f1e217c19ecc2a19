"""The description of a path of a container: the header X-Docker-Container-Path-Stat.

source: Engine API, ContainerArchiveInfo; Go's os.FileMode.
"""

from __future__ import annotations

import base64
import json
import os
import posixpath
import stat

from .. import clock
from ..errors import ApiError, NotFound
from ..storage.rootfs import Rootfs

_MAX_LINKS = 40
_GO_TYPES = {
    stat.S_IFDIR: 1 << 31,
    stat.S_IFLNK: 1 << 27,
    stat.S_IFIFO: 1 << 25,
    stat.S_IFSOCK: 1 << 24,
    stat.S_IFCHR: (1 << 26) | (1 << 21),
    stat.S_IFBLK: 1 << 26,
}
_GO_BITS = {stat.S_ISUID: 1 << 23, stat.S_ISGID: 1 << 22, stat.S_ISVTX: 1 << 20}


def path_stat(root: Rootfs, path: str) -> str:
    """Return base64-encoded JSON: name, size (bytes), mode (Go's), mtime (RFC 3339), linkTarget.

    Raises:
        NotFound: no such file.
        ApiError: it cannot be read.
    """
    status = _lstat(root, path)
    fields = {
        "name": posixpath.basename(path.rstrip("/")) or "/",
        "size": status.st_size,
        "mode": go_mode(status.st_mode),
        "mtime": clock.stamp(status.st_mtime_ns),
        "linkTarget": _link_target(root, path) if stat.S_ISLNK(status.st_mode) else "",
    }
    return base64.b64encode(json.dumps(fields).encode()).decode()


def _lstat(root: Rootfs, path: str) -> os.stat_result:
    try:
        if path.endswith("/") or posixpath.basename(path) in {"", "."}:
            return root.stat(f"{path}/.")  # fails unless it is a folder
        return root.lstat(path)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFound(f"Could not find the file {path} in container") from error
    except OSError as error:
        raise ApiError(f"{path}: {error.strerror}") from error


def _link_target(root: Rootfs, path: str) -> str:
    """Return where a link leads in the end, whether that exists or not."""
    for _ in range(_MAX_LINKS):
        try:
            return root.resolve(path)
        except OSError:
            folder, name = root.open_parent(path)
        try:
            target = os.readlink(name, dir_fd=folder)
        except OSError:
            return posixpath.normpath(path)
        finally:
            os.close(folder)
        path = posixpath.join(posixpath.dirname(path), target)
    return path


def go_mode(mode: int) -> int:
    """Return Go's os.FileMode of a mode of stat(2)."""
    value = (mode & 0o777) | _GO_TYPES.get(stat.S_IFMT(mode), 0)
    for bit, go_bit in _GO_BITS.items():
        if mode & bit:
            value |= go_bit
    return value
