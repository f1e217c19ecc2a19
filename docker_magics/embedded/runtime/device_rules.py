"""Which devices the programs of a container may use: rules of the control group `devices`.

All that no rule allows is denied. A container may create any device, but open only those here.

source: Linux, Documentation/admin-guide/cgroup-v1/devices.rst; moby oci/defaults.go;
opencontainers/runc, libcontainer/specconv: AllowedDevices.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

_RULE = re.compile(r"([acb]) ([0-9]+|\*):([0-9]+|\*) ([rwm]{1,3})")


class DeviceRule(NamedTuple):
    """Devices, and what is allowed with them.

    Attributes:
        kind: b for block devices, c for character devices.
        major, minor: the device's numbers; None for all.
        access: of r (read), w (write) and m (mknod).
    """

    kind: str
    major: int | None
    minor: int | None
    access: str

    def __str__(self) -> str:
        """The rule as the control group's files take it: `c 1:* rwm`."""
        major, minor = ("*" if value is None else value for value in (self.major, self.minor))
        return f"{self.kind} {major}:{minor} {self.access}"


def parse(text: str) -> list[DeviceRule]:
    """Parse a rule such as `c 1:3 rwm`; `a` means block and character devices.

    Raises:
        ValueError: it has another form.
    """
    match = _RULE.fullmatch(text)
    if match is None:
        raise ValueError(f"invalid device cgroup rule format: '{text}'")
    kinds, major, minor, access = match.groups()
    numbers = [None if value == "*" else int(value) for value in (major, minor)]
    return [DeviceRule(kind, numbers[0], numbers[1], access) for kind in kinds.replace("a", "bc")]


#: Those of each container: mknod, null, zero, full, random, urandom, tty, console, ptmx, terminals.
DEFAULT = tuple(
    rule
    for text in (
        "a *:* m", "c 1:3 rwm", "c 1:5 rwm", "c 1:7 rwm", "c 1:8 rwm", "c 1:9 rwm", "c 5:0 rwm",
        "c 5:1 rwm", "c 5:2 rwm", "c 136:* rwm",
    )
    for rule in parse(text)
)  # fmt: skip


def apply(folder: Path, rules: Iterable[DeviceRule]) -> None:
    """Allow the devices of rules, and no other, to a group of version 1.

    Raises:
        OSError: the kernel rejects a rule: the engine itself may not use the device.
    """
    (folder / "devices.deny").write_text("a")
    for rule in rules:
        # an outer sandbox may forbid some of those that are not asked for
        denied = (PermissionError,) if rule in DEFAULT else ()
        with contextlib.suppress(*denied):
            (folder / "devices.allow").write_text(str(rule))
