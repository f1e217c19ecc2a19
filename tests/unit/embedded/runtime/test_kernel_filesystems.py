"""A container's /proc, /sys and /dev, with the calls that mount recorded instead of made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from unit.embedded.runtime.recorded_kernel import Kernel

from docker_magics.embedded import syscalls
from docker_magics.embedded.runtime import dev, kernel_filesystems
from docker_magics.embedded.runtime.child import CannotStart
from docker_magics.embedded.runtime.kernel_filesystems import KernelFilesystems
from docker_magics.embedded.storage.rootfs import Rootfs

IS_NULL_DEVICE = kernel_filesystems._is_null_device  # noqa: SLF001


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Kernel:
    recorded = Kernel(monkeypatch)
    monkeypatch.setattr(kernel_filesystems, "_is_null_device", lambda _status: True)
    monkeypatch.setattr(dev, "fill", lambda folder, _spec: recorded.calls.append(("fill", folder)))
    return recorded


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Rootfs]:
    """Return files as they are once procfs and sysfs are mounted."""
    tree = tmp_path / "root"
    for name in ("proc/sys/net", "proc/acpi", "sys/firmware", "etc/secret", "dev"):
        (tree / name).mkdir(parents=True)
    for name in ("proc/keys", "proc/sys/net/port", "proc/sys/other", "dev/null"):
        (tree / name).touch()
    (tree / "proc/sys/net/link").symlink_to("../other")
    (tree / "linked").symlink_to("/etc/secret")
    (tree / "proc/link").symlink_to("keys")
    with Rootfs(tree) as opened:
        yield opened


def spec(*mounts: Any, **more: Any) -> Any:
    default = {
        "masked": [],
        "read_only": [],
        "devices": [],
        "privileged": False,
        "writable_cgroups": False,
    }
    return {**default, "mounts": list(mounts), **more}


def bind(target: str, source: str = "/") -> Any:
    return {"kind": "bind", "source": source, "target": target, "readonly": False}


def targets(kernel: Kernel) -> list[str]:
    return [Path(call[2]).name for call in kernel.calls if call[0] == "mount"]


def test_defaults(kernel: Kernel, root: Rootfs) -> None:
    device = {"source": "/dev/x", "target": "/dev/x"}
    given = spec(bind("/data"), devices=[device], cgroup_folders={"cpu": "/host/cpu"})
    filesystems = KernelFilesystems(root, given)
    assert filesystems.further_mounts() == [bind("/data")]
    assert filesystems.devices() == [device]
    filesystems.close()
    mounted = [(Path(call[2]).name, call[3]) for call in kernel.calls if call[0] == "mount"]
    assert mounted == [
        ("proc", "proc"), ("sys", "sysfs"), ("cgroup", "tmpfs"), ("cpu", ""), ("cpu", ""),
        ("dev", "tmpfs"),
    ]  # fmt: skip
    assert kernel.calls[-1][0] == "fill"


def test_mounts_in_place_of_the_defaults(kernel: Kernel, root: Rootfs) -> None:
    mounts = [bind("/proc"), bind("/sys"), bind("/dev"), bind("/data")]
    device = {"source": "/dev/x", "target": "/dev/x"}
    given = spec(*mounts, devices=[device], cgroup_folders={"cpu": "/host/cpu"})
    filesystems = KernelFilesystems(root, given)
    assert filesystems.further_mounts() == [bind("/dev"), bind("/data")]
    assert filesystems.devices() == []
    filesystems.close()
    moved = [Path(call[1]).name for call in kernel.calls if call[0] == "move_mount"]
    assert moved == ["proc", "sys"]
    assert not [call for call in kernel.calls if call[0] == "fill"]


def test_a_tmpfs_as_dev_is_filled(kernel: Kernel, root: Rootfs) -> None:
    tmpfs: Any = {"kind": "tmpfs", "target": "/dev", "flags": 0, "data": "size=1"}
    filesystems = KernelFilesystems(root, spec(tmpfs))
    assert filesystems.further_mounts() == []
    filesystems.close()
    assert kernel.calls[-2][-1].endswith(",size=1")
    assert kernel.calls[-1][0] == "fill"


@pytest.mark.parametrize(("name", "kind"), [("proc", "proc"), ("sys", "sysfs")])
@pytest.mark.parametrize("target", ["/etc", "/", "/proc/sys", "missing", None])
def test_an_image_with_a_link_or_a_file_there(
    kernel: Kernel, tmp_path: Path, name: str, kind: str, target: str | None
) -> None:
    (tmp_path / "etc").mkdir()
    if target is None:
        (tmp_path / name).touch()
    else:
        (tmp_path / name).symlink_to(target)
    with (
        Rootfs(tmp_path) as root,
        pytest.raises(CannotStart, match=f'filesystem "{kind}" must be mounted on ordinary'),
    ):
        KernelFilesystems(root, spec())
    assert name not in targets(kernel)


def test_sysctls(kernel: Kernel, root: Rootfs) -> None:
    filesystems = KernelFilesystems(root, spec())
    filesystems.write_sysctl("net.port", "80")
    assert (root.path / "proc/sys/net/port").read_text() == "80"
    for name in ("net.link", "none", "net", "/etc"):
        with pytest.raises(CannotStart, match=r"^error during container init: open /proc/sys/"):
            filesystems.write_sysctl(name, "1")
    kernel.type = 0xEF53
    with pytest.raises(CannotStart, match=r"open /proc/sys/net/port: invalid cross-device link"):
        filesystems.write_sysctl("net.port", "8080")
    assert (root.path / "proc/sys/net/port").read_text() == "80"
    assert (root.path / "proc/sys/other").read_text() == ""
    filesystems.close()


def test_masks(kernel: Kernel, root: Rootfs) -> None:
    masked = ["/proc/keys", "/proc/acpi", "/sys/firmware", "/proc/none", "/linked", "/none"]
    filesystems = KernelFilesystems(root, spec(masked=masked))
    kernel.calls.clear()
    filesystems.mask()
    filesystems.close()
    assert [(call[1], Path(call[2]).name, call[3]) for call in kernel.calls] == [
        (f"{root.path}/dev/null", "keys", ""),
        ("tmpfs", "acpi", "tmpfs"),
        ("tmpfs", "firmware", "tmpfs"),
        ("tmpfs", "secret", "tmpfs"),
    ]


def test_a_mask_that_fails_is_an_error(kernel: Kernel, root: Rootfs) -> None:
    for path in ("/proc/keys", "/proc/link", "/proc/../etc"):
        filesystems = KernelFilesystems(root, spec(masked=[path]))
        kernel.missing = {"mount"}
        with pytest.raises(CannotStart, match="can't mask path"):
            filesystems.mask()
        filesystems.close()
        kernel.missing = set()


def test_a_null_device_that_is_none(
    kernel: Kernel, root: Rootfs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel_filesystems, "_is_null_device", IS_NULL_DEVICE)
    filesystems = KernelFilesystems(root, spec(masked=["/proc/keys"]))
    kernel.calls.clear()
    null = root.path / "dev/null"
    with pytest.raises(CannotStart, match="can't mask paths: container's /dev/null is invalid"):
        filesystems.mask()
    null.unlink()
    null.symlink_to("/proc/sys/other")
    with pytest.raises(CannotStart, match="can't mask paths: container's /dev/null is invalid"):
        filesystems.mask()
    null.unlink()
    with pytest.raises(CannotStart, match="can't mask paths: open /dev/null: no such file"):
        filesystems.mask()
    filesystems.close()
    assert kernel.calls == []


def test_read_only_paths(kernel: Kernel, root: Rootfs) -> None:
    filesystems = KernelFilesystems(root, spec(read_only=["/proc/sys", "/proc/none", "/linked"]))
    kernel.calls.clear()
    filesystems.make_read_only()
    assert kernel.calls == [
        ("open_tree", f"{root.path}/proc/sys", True),
        ("move_mount", f"{root.path}/proc/sys"),
        ("set_read_only", False),
        ("open_tree", f"{root.path}/etc/secret", True),
        ("move_mount", f"{root.path}/etc/secret"),
        ("set_read_only", False),
    ]
    kernel.missing = {"move_mount"}
    with pytest.raises(CannotStart, match='can\'t make read-only "/proc/sys": function not'):
        filesystems.make_read_only()
    filesystems.close()


def test_what_an_outer_sandbox_forbids(
    kernel: Kernel, root: Rootfs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New mounts of procfs and sysfs are refused: the sandbox's own are bound."""
    record = kernel.mount

    def mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
        if kind in {"proc", "sysfs"}:
            raise PermissionError(1, "forbidden")
        record(source, target, kind, flags, data)

    monkeypatch.setattr(syscalls, "mount", mount)
    KernelFilesystems(root, spec()).close()
    flags = syscalls.MS_BIND | syscalls.MS_REC
    bound = [(call[1], call[4]) for call in kernel.calls if call[0] == "mount"][:2]
    assert bound == [("/proc", flags), ("/sys", flags)]
