"""Where a container's mounts appear, and which ones are refused; nothing is mounted."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from unit.embedded.runtime.recorded_kernel import Kernel

from docker_magics.embedded import syscalls
from docker_magics.embedded.runtime import mount_points
from docker_magics.embedded.runtime.child import CannotStart
from docker_magics.embedded.storage.rootfs import Rootfs

READ_ONLY = syscalls.MS_BIND | syscalls.MS_REMOUNT | syscalls.MS_RDONLY


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Kernel:
    return Kernel(monkeypatch)


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Rootfs]:
    """Return an image with links into /proc, and with what a new procfs has."""
    tree = tmp_path / "root"
    for name in ("proc/sys/net", "proc/self", "etc", "data", "volume"):
        (tree / name).mkdir(parents=True)
    for name in ("proc/cpuinfo", "proc/version", "etc/hosts"):
        (tree / name).touch()
    links = {
        "toproc": "/proc", "tosys": "../proc/sys", "deep": "/volume/in", "volume/in": "/proc/self",
        "top": "/", "cpu": "proc/cpuinfo", "dangling": "/new/folder", "version": "proc/version",
        "loop": "loop",
    }  # fmt: skip
    for name, target in links.items():
        (tree / name).symlink_to(target)
    with Rootfs(tree) as opened:
        yield opened


@pytest.fixture
def sources(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "folder/part").mkdir(parents=True)
    (tmp_path / "folder/out").symlink_to("/")
    (tmp_path / "file").touch()
    return {"folder": str(tmp_path / "folder"), "file": str(tmp_path / "file")}


def bind(source: str, target: str, **more: Any) -> Any:
    return {"kind": "bind", "source": source, "target": target, "readonly": False, **more}


def tmpfs(target: str, data: str = "") -> Any:
    return {"kind": "tmpfs", "target": target, "flags": 2, "data": data}


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("/proc", '"/proc" cannot be mounted because it is not of type proc'),
        ("/proc/", '"/proc" cannot be mounted because it is not of type proc'),
        ("/toproc", '"/proc" cannot be mounted because it is not of type proc'),
        ("/proc/sys/net", '"/proc/sys/net" cannot be mounted because it is inside /proc'),
        ("/tosys", '"/proc/sys" cannot be mounted because it is inside /proc'),
        ("/tosys/net", '"/proc/sys/net" cannot be mounted because it is inside /proc'),
        ("/data/../tosys", '"/proc/sys" cannot be mounted because it is inside /proc'),
        ("/deep", '"/proc/self" cannot be mounted because it is inside /proc'),
        ("/top", 'mountpoint "/top" is on the top of rootfs'),
        ("/top/top", 'mountpoint "/top/top" is on the top of rootfs'),
        ("/loop/x", 'make mountpoint "/loop/x": too many levels of symbolic links'),
        ("/etc/hosts/x", 'make mountpoint "/etc/hosts/x": not a directory'),
    ],
)
def test_targets_that_are_refused(
    kernel: Kernel, root: Rootfs, sources: dict[str, str], target: str, reason: str
) -> None:
    for spec in (bind(sources["folder"], target), tmpfs(target)):
        with pytest.raises(CannotStart) as caught:
            mount_points.mount(root, spec)
        source = spec.get("source", "tmpfs")
        step = f'error mounting "{source}" to rootfs at "{target}": create mountpoint for {target}'
        assert str(caught.value).startswith(f"error during container init: {step} mount: ")
        assert str(caught.value).endswith(reason)
    assert kernel.calls == []


@pytest.mark.parametrize("target", ["/proc/version", "/version", "/proc/self"])
def test_files_of_proc_that_are_refused(
    kernel: Kernel, root: Rootfs, sources: dict[str, str], target: str
) -> None:
    with pytest.raises(CannotStart, match="cannot be mounted because it is inside /proc"):
        mount_points.mount(root, bind(sources["file"], target))
    assert kernel.calls == []


@pytest.mark.parametrize(
    ("target", "place"),
    [
        ("/proc/cpuinfo", "proc/cpuinfo"), ("/cpu", "proc/cpuinfo"), ("/etc/hosts", "etc/hosts"),
        ("/data/a/b", "data/a/b"), ("/dangling", "new/folder"), ("/dangling/x", "new/folder/x"),
    ],
)  # fmt: skip
def test_files(
    kernel: Kernel, root: Rootfs, sources: dict[str, str], target: str, place: str
) -> None:
    mount_points.mount(root, bind(sources["file"], target))
    source = sources["file"]
    private = syscalls.MS_PRIVATE | syscalls.MS_REC
    assert kernel.calls == [
        ("open_tree", source, True),
        ("move_mount", f"{root.path}/{place}"),
        ("mount", "none", source, "", private, ""),
    ]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"readonly": True}, [("set_read_only", True)]),
        ({"readonly": True, "readonly_submounts": "never"}, [("set_read_only", False)]),
        ({"readonly": True, "readonly_submounts": "always"}, [("set_read_only", True)]),
        ({}, []),
    ],
)
def test_read_only_binds(
    kernel: Kernel, root: Rootfs, sources: dict[str, str], options: Any, expected: Any
) -> None:
    spec = bind(sources["folder"], "/data", recursive=False, propagation="slave", **options)
    mount_points.mount(root, spec)
    assert kernel.calls[0] == ("open_tree", sources["folder"], False)
    assert kernel.calls[2] == ("mount", "none", sources["folder"], "", syscalls.MS_SLAVE, "")
    assert kernel.calls[3:] == expected


def test_kernels_without_the_new_calls(
    kernel: Kernel, root: Rootfs, sources: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel.missing = {"open_tree", "set_read_only"}
    monkeypatch.setattr(os.path, "sameopenfile", lambda *_fds: True)  # as if it were mounted
    mount_points.mount(root, bind(sources["folder"], "/data", readonly=True))
    target = f"{root.path}/data"
    bound, private, read_only = kernel.calls
    flags = syscalls.MS_BIND | syscalls.MS_REC
    assert bound == ("mount", sources["folder"], target, "", flags, "")
    assert private[2] == target
    assert (read_only[2], read_only[4] & READ_ONLY) == (target, READ_ONLY)
    with pytest.raises(CannotStart, match=r"rro is not supported: .* \(kernel is older than 5.12"):
        mount_points.mount(
            root, bind(sources["folder"], "/data", readonly=True, readonly_submounts="always")
        )
    monkeypatch.undo()


def test_a_target_that_is_replaced_meanwhile(
    kernel: Kernel, root: Rootfs, sources: dict[str, str]
) -> None:
    """Without open_tree, what was mounted has to be found again: here it is not there."""
    kernel.missing = {"open_tree"}
    with pytest.raises(CannotStart, match="device or resource busy"):
        mount_points.mount(root, bind(sources["folder"], "/data", readonly=True))
    assert len(kernel.calls) == 1


def test_a_part_of_a_volume(kernel: Kernel, root: Rootfs, sources: dict[str, str]) -> None:
    folder = sources["folder"]
    mount_points.mount(root, bind(folder, "/data", subpath="part"))
    assert kernel.calls[0] == ("open_tree", f"{folder}/part", True)
    for subpath in ("out", "out/etc", "..", "none"):
        with pytest.raises(CannotStart, match=f'error mounting "{folder}" to rootfs at "/data"'):
            mount_points.mount(root, bind(folder, "/data", subpath=subpath))
    assert len(kernel.calls) == 3


def test_a_folder_onto_a_file_and_a_missing_source(
    kernel: Kernel, root: Rootfs, sources: dict[str, str]
) -> None:
    flags = "via /proc/self/fd/6\\), flags: 0x5000: not a directory"
    for source, target in ((sources["file"], "/data"), (sources["folder"], "/proc/cpuinfo")):
        with pytest.raises(CannotStart, match=rf"not a directory|{flags}"):
            mount_points.mount(root, bind(source, target))
    with pytest.raises(CannotStart, match=r'error mounting "/missing" .*: no such file'):
        mount_points.mount(root, bind("/missing", "/data"))
    assert kernel.calls == []


def test_a_tmpfs_has_the_mode_of_its_target(kernel: Kernel, root: Rootfs) -> None:
    (root.path / "data").chmod(0o1750)
    mount_points.mount(root, tmpfs("/data"))
    mount_points.mount(root, tmpfs("/data", "mode=700,size=1m"))
    mount_points.mount(root, tmpfs("/new", "size=1m"))
    assert [call[5] for call in kernel.calls] == [
        "mode=1750", "mode=1750,mode=700,size=1m", "size=1m"
    ]  # fmt: skip


def test_errors_are_runcs(kernel: Kernel, root: Rootfs) -> None:
    kernel.missing = {"mount"}
    with pytest.raises(CannotStart) as caught:
        mount_points.mount(root, tmpfs("/new", "size=1"))
    call = "mount src=tmpfs, dst=/new, dstFd=/proc/thread-self/fd/14, flags=MS_NOSUID, data=size=1"
    step = f'error mounting "tmpfs" to rootfs at "/new": {call}'
    assert str(caught.value) == f"error during container init: {step}: function not implemented"


def test_the_hosts_proc(kernel: Kernel, root: Rootfs, sources: dict[str, str]) -> None:
    target = root.open("/proc")
    mount_points.mount_proc(root, bind(sources["folder"], "/proc"), target)
    assert kernel.calls[1] == ("move_mount", f"{root.path}/proc")
    kernel.type = 1
    for spec in (bind(sources["folder"], "/proc"), tmpfs("/proc")):
        with pytest.raises(CannotStart, match="cannot be mounted because it is not of type proc"):
            mount_points.mount_proc(root, spec, target)
    os.close(target)
