"""Creates a container's namespaces and mounts its root filesystem, in its init process.

source: OCI runtime specification, "Linux Container Configuration".
"""

from __future__ import annotations

import contextlib
import os
import socket

from .. import syscalls
from ..storage.rootfs import Rootfs
from ..syscalls import MS_BIND, MS_RDONLY, MS_REMOUNT
from . import dev, mount_points
from .child import CannotStart, working_folder_error
from .kernel_filesystems import KernelFilesystems
from .mount_points import as_runc_error
from .overlay_mount import mount_overlay
from .spec import ContainerSpec, Namespaces, TreeSpec

_NAMESPACE_FLAGS = {
    "net": syscalls.CLONE_NEWNET,
    "ipc": syscalls.CLONE_NEWIPC,
    "uts": syscalls.CLONE_NEWUTS,
}


def unshare(namespaces: Namespaces) -> None:
    """Create or join the mount, net, ipc and uts namespaces of a container.

    Raises:
        OSError: the kernel or its policy forbids it.
    """
    flags = syscalls.CLONE_NEWNS
    for name, flag in _NAMESPACE_FLAGS.items():
        match namespaces.get(name, "new"):
            case "new" | "none":
                flags |= flag
            case int(pid):
                syscalls.join_namespace(pid, name)
    syscalls.unshare(flags)


def build(spec: ContainerSpec) -> None:
    """Mount a container's root filesystem, and make it the root of this process.

    Raises:
        CannotStart: a mount, a hostname or a sysctl fails; the message is runc's.
        OSError: another step failed.
    """
    merged = spec["rootfs"]["merged"]
    mount_overlay(spec["rootfs"])
    with Rootfs(merged) as root:
        _fill(root, spec)
    if spec["rootfs"].get("readonly"):
        syscalls.mount("none", merged, flags=MS_BIND | MS_REMOUNT | MS_RDONLY)
    if spec.get("nodev"):
        dev.disable_others(merged, spec["devices"])
    syscalls.pivot_root(merged)
    _set_hostname(spec)


def _fill(root: Rootfs, spec: ContainerSpec) -> None:
    """Mount everything below the root. What needs a trusted procfs comes before other mounts."""
    with contextlib.closing(KernelFilesystems(root, spec)) as kernel:
        for name, value in spec["default_sysctls"].items():
            with contextlib.suppress(CannotStart):  # an outer sandbox may forbid it
                kernel.write_sysctl(name, value)
        for name, value in spec["sysctls"].items():
            kernel.write_sysctl(name, value)
        for mount in kernel.further_mounts():
            mount_points.mount(root, mount)
        for device in kernel.devices():
            with as_runc_error(f"error creating device nodes: mknod {device['target']}"):
                dev.add(root, device)
        _make_working_folder(root, spec["cwd"])
        if not spec["privileged"]:
            kernel.mask()
            kernel.make_read_only()


def _make_working_folder(root: Rootfs, path: str) -> None:
    try:
        os.close(root.make_dirs(path))
    except OSError as error:
        raise working_folder_error(path, error, made=True) from None


def mount_tree(spec: TreeSpec) -> None:
    """Mount the file tree of a container that does not run, and change this process's folder to it.

    Raises:
        CannotStart: a mount cannot be made; the message is runc's.
        OSError: the tree cannot be mounted.
    """
    mount_overlay(spec["rootfs"])
    os.chdir(spec["rootfs"]["merged"])
    with Rootfs(".") as root:
        for mount in spec["mounts"]:
            in_kernel_filesystem = mount["target"].split("/")[1] in {"proc", "sys"}
            if mount["kind"] == "bind" and not in_kernel_filesystem:
                mount_points.mount(root, mount)


def _set_hostname(spec: ContainerSpec) -> None:
    if spec["namespaces"].get("uts", "new") != "new":
        return
    with as_runc_error("sethostname"):
        socket.sethostname(spec["hostname"])
    if domain := spec["domainname"]:
        with as_runc_error("setdomainname"):
            syscalls.set_domain_name(domain)
