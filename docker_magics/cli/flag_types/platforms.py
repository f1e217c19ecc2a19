"""Platforms: `linux/arm64`, `arm64`, `linux/arm/v7`.

source: containerd/platforms, platforms.go: Parse; database.go.
"""

from __future__ import annotations

import os
import re
import sys

_KNOWN_SYSTEM = (
    "aix|android|darwin|dragonfly|freebsd|hurd|illumos|ios|js|linux|nacl|netbsd|openbsd|plan9"
    "|solaris|windows|zos"
)
_KNOWN_ARCHITECTURE = (
    "386|amd64|amd64p32|arm|armbe|arm64|arm64be|ppc64|ppc64le|loong64|mips|mipsle|mips64|mips64le"
    "|mips64p32|mips64p32le|ppc|riscv|riscv64|s390|s390x|sparc|sparc64|wasm"
)
_NAMES = {
    "i386": ("386", ""),
    "x86_64": ("amd64", None),
    "x86-64": ("amd64", None),
    "aarch64": ("arm64", None),
    "armhf": ("arm", "v7"),
    "armel": ("arm", "v6"),
}
_VARIANTS = {
    "amd64": {"v1": ""},
    "arm64": {"8": "", "v8": "", "v8.0": "", "9": "v9", "9.0": "v9", "v9.0": "v9"},
    "arm": {"": "v7", "5": "v5", "6": "v6", "7": "v7", "8": "v8"},
}
_PART = r"[A-Za-z0-9_.-]+"
_SYSTEM = r"([A-Za-z0-9_-]+)(?:\(([A-Za-z0-9_.-]*)\))?"


def normalized(text: str) -> str:
    """Normalize a platform to `os/architecture[/variant]`."""
    parts = text.split("/")
    system = re.fullmatch(_SYSTEM, parts[0])
    if system is None or not all(re.fullmatch(_PART, part) for part in parts[1:]):
        raise ValueError(f'"{text}": invalid platform: invalid argument')
    name = system[1].lower().replace("macos", "darwin")
    match parts[1:]:
        case [] if re.fullmatch(_KNOWN_SYSTEM, name):
            return f"{name}/{_architecture(os.uname().machine, '')[0]}"
        case []:
            architecture, variant = _architecture(parts[0], "")
            if not re.fullmatch(_KNOWN_ARCHITECTURE, architecture):
                message = f'"{text}": unknown operating system or architecture: invalid argument'
                raise ValueError(message)
            name = sys.platform
        case [architecture]:
            architecture, variant = _architecture(architecture, "")
        case [architecture, variant]:
            architecture, variant = _architecture(architecture, variant)
            variant = variant or ("v8" if architecture == "arm64" else "")
            return "/".join(filter(None, (name, architecture, variant)))
        case _:
            raise ValueError(f'"{text}": cannot parse platform specifier: invalid argument')
    # v7 is the default variant of arm.
    return "/".join(filter(None, (name, architecture, variant if variant != "v7" else "")))


def _architecture(name: str, variant: str) -> tuple[str, str]:
    name, variant = name.lower(), variant.lower()
    name, fixed = _NAMES.get(name, (name, None))
    variant = variant if fixed is None else fixed
    return name, _VARIANTS.get(name, {}).get(variant, variant)
