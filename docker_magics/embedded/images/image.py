"""An image: its configuration and its layers.

source: Docker image specification v1.2 and OCI image specification, config.md.
"""

from __future__ import annotations

import json
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...wire import digest
from ..errors import BadParameter

Config = dict[str, Any]
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "i686": "386"}
#: What a machine runs beside its own.
_ALSO = {"amd64": "386", "arm64": "arm"}
#: The containers' own, where an image says nothing: as dockerd's oci.DefaultPathEnv.


@dataclass(frozen=True)
class Image:
    """An image in the store.

    Attributes:
        id: `sha256:` and the digest of its configuration.
        config: the whole configuration: `config`, `rootfs`, `history`, `architecture`...
        layers: the folders of its unpacked layers, bottom first.
        parent: the image that a build made it from, or empty.
        tagged_at: when it last got a name, as RFC 3339, or the zero time.
    """

    id: str
    config: Config
    layers: tuple[Path, ...]
    parent: str = ""
    tagged_at: str = ""

    @property
    def diff_ids(self) -> list[str]:
        """The diff IDs of its layers, bottom first."""
        return list(self.config["rootfs"]["diff_ids"])

    @property
    def chain_ids(self) -> list[str]:
        """The chain IDs, bottom first."""
        return list(digest.chain(self.diff_ids))

    @property
    def run_config(self) -> Config:
        """What containers of it run by default: Env, Cmd, Labels..."""
        return self.config.get("config") or {}

    @property
    def labels(self) -> dict[str, str]:
        """Its labels."""
        return self.run_config.get("Labels") or {}

    @property
    def platform(self) -> Platform:
        """What it is made for."""
        config = self.config
        return Platform(
            config.get("os") or "linux",
            config.get("architecture") or "",
            config.get("variant") or "",
        )


@dataclass(frozen=True)
class Platform:
    """`linux/arm64/v8`."""

    os: str
    architecture: str
    variant: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)

    def accepts(self, other: Platform) -> bool:
        """Whether an image for the other one is what was wanted."""
        same = (self.os, self.architecture) == (other.os, other.architecture)
        return same and (not self.variant or not other.variant or self.variant == other.variant)

    def runs(self, other: Platform) -> bool:
        """Whether a machine of this platform runs what is for the other one."""
        return self.accepts(other) or other.architecture == _ALSO.get(self.architecture)


def host_platform() -> Platform:
    """The platform of this machine."""
    machine = platform.machine()
    return Platform("linux", _MACHINES.get(machine, machine), "v8" if machine == "aarch64" else "")


_OSES = {"linux", "windows", "darwin", "freebsd"}
_ARCHITECTURES = {
    "386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64",
    "ppc64le", "riscv64", "s390x", "wasm",
}  # fmt: skip
_ALIASES = {
    "x86_64": "amd64",
    "x86-64": "amd64",
    "aarch64": "arm64",
    "i386": "386",
    "macos": "darwin",
}


def parse_platform(text: str) -> Platform:
    """`linux/amd64`, `arm64`, `linux`.

    Raises:
        BadParameter: it is none.

    source: containerd/platforms, platforms.go: Parse.
    """
    parts = [_ALIASES.get(part, part) for part in text.lower().split("/")]
    if len(parts) > 3:
        raise BadParameter(f'"{text}": cannot parse platform specifier: invalid argument')
    if not all(part.replace("_", "").isalnum() for part in parts):
        raise BadParameter(f'"{text}" is an invalid component of "{text}": invalid platform')
    host = host_platform()
    if len(parts) == 1:
        if parts[0] in _OSES:
            return Platform(parts[0], host.architecture, host.variant)
        if parts[0] in _ARCHITECTURES:
            return Platform(host.os, parts[0])
        raise BadParameter(f'"{text}": unknown operating system or architecture: invalid argument')
    variant = parts[2] if len(parts) == 3 else ("v7" if parts[1] == "arm" else "")
    return Platform(parts[0], parts[1], variant)


def parse_config(data: bytes) -> Config:
    """An image's configuration.

    Raises:
        BadParameter: it is no JSON, or lacks its layers.
    """
    try:
        config = json.loads(data)
        rootfs = config["rootfs"]
        if rootfs["type"] != "layers":
            raise BadParameter(f"unsupported rootfs type: {rootfs['type']}")
        rootfs["diff_ids"] = [digest.check(each) for each in rootfs.get("diff_ids") or []]
        filled = [each for each in config.get("history") or [] if not each.get("empty_layer")]
        config.get("config")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadParameter(f"invalid image configuration: {error}") from error
    if filled and len(filled) > len(rootfs["diff_ids"]):
        raise BadParameter("invalid image configuration: more history than layers")
    return dict(config)


def dump_config(config: Config) -> bytes:
    """A configuration as it is stored and hashed."""
    return json.dumps(config, separators=(",", ":"), ensure_ascii=False).encode()
