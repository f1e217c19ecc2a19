"""Writing responses to files, atomically.

source: docker/cli, cli/command/container/export.go; moby/sys, atomicwriter.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from docker_magics.cli.terminal import Terminal
from docker_magics.errors import UsageError

if TYPE_CHECKING:
    from docker_magics.engine.http_response import Response


def write_archive(
    name: str, terminal: Terminal, request: Callable[[], Response], failure: str
) -> None:
    """Send a request and write the response to a file, or to stdout if no file is named.

    Raises:
        UsageError: stdout is a terminal or a cell, or the file cannot be written.
        ApiError: the engine answered with an error.
    """
    if name:
        write_file(name, request, failure)
    elif terminal.stdout is None:
        message = "cowardly refusing to save to a terminal. Use the -o flag or redirect"
        raise UsageError(message, hint="Add -o FILE.")
    else:
        with request() as response:
            for piece in response.pieces():
                terminal.stdout.write(piece)


def write_file(name: str, request: Callable[[], Response], failure: str) -> None:
    """Send a request and write the response to a file that only the owner can read.

    Args:
        name: the file; it is replaced at the end, and unchanged if an error occurs.
        request: sends the request; called after the checks of the file.
        failure: the beginning of error messages.

    Raises:
        UsageError: the file cannot be written.
        ApiError: the engine answered with an error.
    """
    target = Path(name)
    if problem := _problem(target):
        raise UsageError(f"{failure}: {problem}")
    try:
        _write_response(target, request)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        raise UsageError(f"{failure}: {place}{error.strerror}") from error


def _write_response(target: Path, request: Callable[[], Response]) -> None:
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".tmp-")
    try:
        with os.fdopen(handle, "wb") as file, request() as response:
            for piece in response.pieces():
                file.write(piece)
        Path(temporary).replace(target)
    finally:
        Path(temporary).unlink(missing_ok=True)


@contextmanager
def cannot_write(name: str) -> Iterator[None]:
    """Convert the errors of writing a file or folder to a UsageError."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"cannot write {name}: {str(error.strerror or error).lower()}") from error


@contextmanager
def replaced(name: str) -> Iterator[BinaryIO]:
    """Yield a file that takes the place of another one at the end, unless an error occurs.

    A device or named pipe is written itself, and so is a mount point at the end, as it cannot be
    replaced. The mode and a symbolic link to the file are kept.

    Raises:
        UsageError: the file cannot be written.
    """
    with cannot_write(name):
        target = Path(name).expanduser()
        mode = _mode(target)
        if mode is not None and not stat.S_ISREG(mode):
            with target.open("wb") as file:
                yield file
            return
        target = target.resolve()
        temporary = target.with_name(f".tmp-{secrets.token_hex(8)}")
        try:
            private = 0o666 if mode is None else 0o600  # until it has the mode of the other one
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, private)
            with os.fdopen(handle, "wb") as file:
                yield file
            if mode is not None:
                temporary.chmod(stat.S_IMODE(mode))
            _move(temporary, target)
        finally:
            temporary.unlink(missing_ok=True)


def _mode(target: Path) -> int | None:
    """Return the mode of a file, None if it does not exist; a loop of links raises OSError."""
    try:
        return target.stat().st_mode
    except FileNotFoundError:
        return None


def _move(temporary: Path, target: Path) -> None:
    try:
        temporary.replace(target)
    except OSError as error:
        if error.errno != errno.EBUSY:
            raise
        shutil.copyfile(temporary, target)  # a mount point


def _problem(target: Path) -> str:
    """Return why the file cannot be written, or ""."""
    if not target.parent.is_dir():
        return f"invalid output path: stat {target.parent}: no such file or directory"
    if target.is_symlink():
        return "cannot write to a symbolic link directly"
    if target.is_dir():
        return "cannot write to a directory"
    if target.exists() and not stat.S_ISREG(target.stat().st_mode):
        return "cannot write to a special file"
    return ""
