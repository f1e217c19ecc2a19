"""Platforms: the operating system and the processor that an image is built for.

source: OCI image specification, image-index.md, "platform"; containerd/platforms.
"""

from __future__ import annotations

import platform
from dataclasses import dataclass

from ..api import go_types
from ..api.messages import Request
from ..api.untrusted_json import parse_json
from ..errors import BadParameter
from .config import ImageConfig

_MACHINES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "i686": "386"}
#: The older architecture that a 64-bit processor runs as well.
_COMPATIBLE = {"amd64": "386", "arm64": "arm"}
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


@dataclass(frozen=True)
class Platform:
    """`linux/arm64/v8`."""

    os: str
    architecture: str
    variant: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)

    def accepts(self, other: Platform) -> bool:
        """Whether an image for the other platform satisfies a request for this one."""
        same = (self.os, self.architecture) == (other.os, other.architecture)
        return same and (not self.variant or not other.variant or self.variant == other.variant)

    def runs(self, other: Platform) -> bool:
        """Whether a machine of this platform runs images for the other one."""
        return self.accepts(other) or other.architecture == _COMPATIBLE.get(self.architecture)


def of_config(config: ImageConfig) -> Platform:
    """Return the platform that an image with this configuration is built for."""
    return Platform(
        config.get("os") or "linux",
        config.get("architecture") or "",
        config.get("variant") or "",
    )


def host_platform() -> Platform:
    """Return the platform of this machine."""
    machine = platform.machine()
    return Platform("linux", _MACHINES.get(machine, machine), "v8" if machine == "aarch64" else "")


def decode_platform(text: str) -> Platform:
    """Parse the OCI platform that a request has as JSON: `{"os": "linux", "architecture": "arm"}`.

    Raises:
        BadParameter: it is not such an object, or lacks operating system or architecture.

    source: moby api/server/httputils/form.go: DecodePlatform.
    """
    try:
        value = go_types.decoded(parse_json(text.encode()), "ocispec.Platform") or {}
    except (ValueError, BadParameter) as error:
        message = str(error).removeprefix("invalid JSON: ")
        raise BadParameter(f"failed to parse platform: {message}") from error
    platform_ = Platform(*(value.get(name) or "" for name in ("os", "architecture", "variant")))
    if platform_.os and platform_.architecture:
        return platform_
    if not platform_.os and not platform_.architecture and value.keys() - {"os", "architecture"}:
        raise BadParameter("optional platform fields provided, but OS and Architecture are missing")
    raise BadParameter("both OS and Architecture must be provided")


def of_request(request: Request, since: tuple[int, int]) -> Platform | None:
    """Return the `platform` parameter of a request; None for none, or in an older API version.

    Args:
        request: the request.
        since: the version that added the parameter to it.

    Raises:
        BadParameter: it is not an OCI platform, or there are several.
    """
    texts = request.all("platform") if request.version >= since else []
    if len(texts) > 1:
        raise BadParameter("multiple platform parameters not supported")
    return decode_platform(texts[0]) if texts and texts[0] else None


def parse_platform(text: str) -> Platform:
    """Parse `linux/amd64`, `arm64` or `linux`.

    Raises:
        BadParameter: the text is not a platform.

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
