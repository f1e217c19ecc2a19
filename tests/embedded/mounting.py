"""Containers with hostile mounts, for tests of the embedded engine."""

from __future__ import annotations

import contextlib
import ctypes
import io
import os
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
from embedded.shared import with_layers

_EXCHANGE = 2
#: Executes its arguments with openat2, open_tree, move_mount and mount_setattr missing.
HIDE_NEW_CALLS = """
import ctypes, os, struct, sys
numbers = (428, 429, 437, 442)
program = [(0x20, 0, 0, 0)]
program += [(0x15, len(numbers) - at, 0, number) for at, number in enumerate(numbers)]
program += [(0x06, 0, 0, 0x7FFF0000), (0x06, 0, 0, 0x50000 | 38)]
code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in program))
head = struct.pack("HxxxxxxP", len(program), ctypes.addressof(code))
prctl = ctypes.CDLL(None, use_errno=True).prctl
if os.geteuid():
    prctl(38, 1, 0, 0, 0)
assert prctl(22, 2, ctypes.c_char_p(head), 0, 0) == 0
os.execvp(sys.argv[1], sys.argv[1:])
"""


def image(api: docker.DockerClient, busybox: bytes, name: str, links: dict[str, str]) -> str:
    """Load busybox with symbolic links: path -> target."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for path, target in links.items():
            info = tarfile.TarInfo(path)
            info.type, info.linkname = tarfile.SYMTYPE, target
            tar.addfile(info)
    api.images.load(with_layers(busybox, name, archive.getvalue()))
    return name


def run(api: docker.DockerClient, name: str, script: str, **options: Any) -> str:
    output: bytes = api.containers.run(name, ["sh", "-c", script], remove=True, **options)
    return output.decode()


def refusal(api: docker.DockerClient, name: str, **options: Any) -> str:
    """Return why a container cannot be started."""
    with pytest.raises(docker.errors.APIError) as caught:
        run(api, name, "true", **options)
    return str(caught.value)


def bound(source: str | Path, target: str, mode: str = "rw") -> dict[str, Any]:
    return {"volumes": [f"{source}:{target}:{mode}"]}


@contextlib.contextmanager
def swapped(one: Path, other: Path) -> Iterator[None]:
    """Exchange two names without end, as a container that shares the folder can."""
    stop = threading.Event()
    names = (-100, os.fsencode(one), -100, os.fsencode(other), _EXCHANGE)

    def swap() -> None:
        libc = ctypes.CDLL(None)
        while not stop.is_set():
            libc.renameat2(*names)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def part(volume: str, subpath: str, **more: Any) -> dict[str, Any]:
    mount = docker.types.Mount("/m", volume, type="volume", **more)
    mount.setdefault("VolumeOptions", {})["Subpath"] = subpath
    return {"mounts": [mount]}


def of_dev(**options: Any) -> dict[str, Any]:
    """Bind /dev, in which /dev/shm is another mount."""
    mount = docker.types.Mount("/s", "/dev", type="bind", read_only=True)
    mount["BindOptions"] = options
    return {"mounts": [mount]}
