"""The flags of RUN: `--mount` and `--network`.

source: Dockerfile reference, "RUN --mount", "RUN --network".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ...wire.dockerfile import Instruction
from ..dockerfile.variables import Variables
from ..errors import BadParameter
from ..runtime.spec import MountSpec
from ..storage.rootfs import Rootfs

_TYPES = frozenset({"cache", "bind", "tmpfs", "secret", "ssh"})
_NETWORKS = frozenset({"default", "none", "host"})
_ALIASES = {"dst": "target", "destination": "target", "src": "source"}

#: The keys and values of one `--mount`; a key without a value has an empty one.
Mount = Mapping[str, str]


@dataclass(frozen=True)
class RunFlags:
    """The flags of one RUN.

    Attributes:
        mounts: each `--mount`, in their order.
        network: default, none or host; empty if the flag is not given.
    """

    mounts: tuple[Mount, ...] = ()
    network: str = ""

    @property
    def sources(self) -> Iterator[str]:
        """The stages and images that files are mounted from."""
        return (mount["from"] for mount in self.mounts if mount.get("from"))


def parse_flags(instruction: Instruction, variables: Variables, network_mode: str) -> RunFlags:
    """Parse the flags of a RUN.

    Args:
        instruction: the RUN.
        variables: its variables.
        network_mode: the build's.

    Raises:
        BadParameter: an invalid mount or network mode, or one that only the user may allow, as with
            BuildKit: the Dockerfile may be a stranger's.
    """
    mounts, network = [], ""
    for flag in instruction.flags:
        name, _, value = flag.removeprefix("--").partition("=")
        if name == "mount":
            mounts.append(_parse_mount(variables.expand(value)))
        elif name == "network":
            if value not in _NETWORKS:
                raise BadParameter(f"unsupported network mode {value}")
            if value == "host" and network_mode != "host":
                raise BadParameter("network.host is not allowed: build with --network=host")
            network = value
        elif name == "security" and value != "sandbox":
            raise BadParameter(f"security.{value} is not allowed")
    return RunFlags(tuple(mounts), network)


def _parse_mount(text: str) -> Mount:
    mount = {"type": "bind"}
    for field in text.split(","):
        key, _, value = field.partition("=")
        mount[_ALIASES.get(key, key)] = value
    mount_type = mount["type"]
    if mount_type not in _TYPES:
        raise BadParameter(f'unsupported mount type "{mount_type}"')
    if mount_type not in {"secret", "ssh"} and not mount.get("target"):
        raise BadParameter(
            f'invalid mount config for type "{mount_type}": field target must not be empty'
        )
    return mount


def plan_mounts(
    mounts: tuple[Mount, ...],
    roots: Mapping[str, Rootfs],
    workdir: str,
    cache_folder: Callable[[str], Path],
    copy_of: Callable[[Rootfs, str], Path],
) -> list[MountSpec]:
    """Return the mounts of a RUN's container.

    Args:
        mounts: of its flags.
        roots: the files of stages and images by name; the build's context is "".
        workdir: relative targets are below it.
        cache_folder: returns the folder of a cache by its ID.
        copy_of: copies a file or folder of an image, whose mounts another process cannot bind.

    Raises:
        BadParameter: a source that does not exist, or a required secret.
    """
    specs = []
    for mount in mounts:
        target = mount.get("target") or ""
        if not target.startswith("/"):
            target = f"{workdir.rstrip('/')}/{target}".rstrip("/")
        match mount["type"]:
            case "secret" | "ssh":
                _check_not_required(mount)
            case "tmpfs":
                size = f"size={mount['size']}" if "size" in mount else ""
                specs.append(_tmpfs(target, size))
            case "cache":
                source = cache_folder(mount.get("id") or target)
                readonly = _is_on(mount, "readonly") or _is_on(mount, "ro")
                specs.append(_bind(source, target, readonly=readonly))
            case _:
                writable = _is_on(mount, "rw") or _is_on(mount, "readwrite")
                source = _bind_source(mount, roots, copy_of)
                specs.append(_bind(source, target, readonly=not writable))
    return specs


def _tmpfs(target: str, options: str) -> MountSpec:
    return {"kind": "tmpfs", "target": target, "flags": 0, "data": options}


def _bind(source: Path, target: str, *, readonly: bool) -> MountSpec:
    return {"kind": "bind", "source": str(source), "target": target, "readonly": readonly}


def _check_not_required(mount: Mount) -> None:
    """Reject a required secret or SSH agent: the classic builder has no session to get it from."""
    if mount.get("required") in {"true", ""}:
        raise BadParameter(f"{mount['type']} {mount.get('id', '')}: not found")


def _bind_source(
    mount: Mount, roots: Mapping[str, Rootfs], copy_of: Callable[[Rootfs, str], Path]
) -> Path:
    root, path = roots[mount.get("from", "")], mount.get("source", "")
    try:
        real = root.resolve(f"/{path}")
    except OSError:
        raise BadParameter(f"bind source {path}: not found") from None
    return copy_of(root, real) if mount.get("from") else root.path / real.lstrip("/")


def _is_on(mount: Mount, name: str) -> bool:
    return mount.get(name) in {"", "true", "1"}
