"""The mounts of a container's root filesystem that need no privileges to be planned."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from docker_magics.embedded import syscalls
from docker_magics.embedded.runtime import overlay_mount, sandbox


@pytest.fixture
def overlays(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Record the folders of each overlay: its options, each name resolved."""
    calls: list[list[str]] = []

    def mount(_source: str, target: str, _kind: str = "", _flags: int = 0, data: str = "") -> None:
        resolved = [target]
        for option in data.split(","):
            name, _, value = option.partition("=")
            resolved += [f"{name}={Path(fd).readlink().name}" for fd in value.split(":") if fd]
            resolved += [] if value else [name]
        calls.append(resolved)

    monkeypatch.setattr(syscalls, "mount", mount)
    return calls


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, str]:
    """Return folders, one with a name that mount options cannot hold."""
    names = {"a": "a", "b": "b:,=", "upper": "upper", "work": "work"}
    for name in names.values():
        (tmp_path / name).mkdir()
    return {key: str(tmp_path / name) for key, name in names.items()}


def test_the_topmost_layer_is_first(overlays: list[list[str]], folders: dict[str, str]) -> None:
    rootfs = {
        "lower": [folders["a"], folders["b"]], "upper": folders["upper"], "work": folders["work"],
        "merged": "/m", "readonly": False, "userxattr": True,
    }  # fmt: skip
    before = Path.cwd()
    overlay_mount.mount_overlay(cast("Any", rootfs))
    assert overlays == [
        ["/m", "lowerdir=b:,=", "lowerdir=a", "upperdir=upper", "workdir=work", "userxattr"]
    ]
    assert Path.cwd() == before


def test_a_layer_that_an_image_has_twice(
    overlays: list[list[str]], folders: dict[str, str]
) -> None:
    lower = [folders["a"], folders["b"], folders["a"]]
    overlay_mount.mount_overlay(cast("Any", {"lower": lower, "merged": "/m"}))
    assert overlays == [["/m", "lowerdir=a", "lowerdir=b:,="]]


def test_a_layer_that_does_not_exist(overlays: list[list[str]], folders: dict[str, str]) -> None:
    before = Path.cwd()
    with pytest.raises(FileNotFoundError):
        overlay_mount.mount_overlay(
            cast("Any", {"lower": [folders["a"], "/missing"], "merged": "/m"})
        )
    assert overlays == []
    assert Path.cwd() == before


@pytest.mark.parametrize(
    ("namespaces", "flags", "joined"),
    [
        ({}, {"NET", "IPC", "UTS"}, []),
        ({"net": "host", "ipc": "none"}, {"IPC", "UTS"}, []),
        ({"net": 7, "ipc": 7, "uts": "host"}, set(), [(7, "net"), (7, "ipc")]),
    ],
)
def test_namespaces(
    monkeypatch: pytest.MonkeyPatch, namespaces: Any, flags: set[str], joined: list[Any]
) -> None:
    calls: list[Any] = []
    unshared: list[int] = []
    monkeypatch.setattr(syscalls, "join_namespace", lambda *args: calls.append(args))
    monkeypatch.setattr(syscalls, "unshare", unshared.append)
    sandbox.unshare(namespaces)
    expected = syscalls.CLONE_NEWNS
    for name in flags:
        expected |= getattr(syscalls, f"CLONE_NEW{name}")
    assert (unshared, calls) == ([expected], joined)
