"""Writing an engine's answer to a file: whole, or not at all.

source: docker/cli, cli/command/container/export.go; moby/sys, atomicwriter.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from docker_magics.errors import UsageError

if TYPE_CHECKING:
    from requests import Response

_CHUNK = 1024 * 1024


def write_file(name: str, request: Callable[[], Response], failure: str) -> None:
    """Send the request and write what it answers to the file, which only its owner may read.

    Args:
        name: the file; it is replaced at the end, and untouched where something goes wrong.
        request: sends it, once the file is known to be writable.
        failure: how messages begin.

    Raises:
        UsageError: no such file can be written.
        ApiError: the engine refused.
    """
    target = Path(name)
    if fault := _fault(target):
        raise UsageError(f"{failure}: {fault}")
    try:
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".tmp-{target.name}")
    except OSError as error:
        raise UsageError(f"{failure}: {error.filename}: {error.strerror}") from error
    try:
        with os.fdopen(handle, "wb") as file, request() as response:
            for piece in response.iter_content(_CHUNK):
                file.write(piece)
        Path(temporary).replace(target)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _fault(target: Path) -> str:
    """Why the file cannot be written; nothing where it can."""
    if not target.parent.is_dir():
        return f"invalid output path: stat {target.parent}: no such file or directory"
    if target.is_symlink():
        return "cannot write to a symbolic link directly"
    if target.is_dir():
        return "cannot write to a directory"
    if target.exists() and not stat.S_ISREG(target.stat().st_mode):
        return "cannot write to what is no regular file"
    return ""
