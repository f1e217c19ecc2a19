"""Whether a bind's propagation can be had: what is mounted below it later, on either side.

source: moby daemon/oci_linux.go: ensureShared, ensureSharedOrSlave; mount_namespaces(7).
"""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import ApiError


def check(source: str, mode: str) -> None:
    """Refuse a propagation that the source's own mount does not have.

    The engine's mounts follow the host's and never lead there: `shared` is not to be had.

    Raises:
        ApiError: in dockerd's words.
    """
    kind = mode.removeprefix("r")
    if kind not in {"shared", "slave"}:
        return
    place, has = _mount_of(os.path.realpath(source))
    known = ("shared:",) if kind == "shared" else ("shared:", "master:")
    if not any(each.startswith(known) for each in has):
        wanted = "shared" if kind == "shared" else "shared or slave"
        raise ApiError(f"path {source} is mounted on {place} but it is not a {wanted} mount")


def _mount_of(path: str) -> tuple[str, list[str]]:
    """Where the mount is that a path lies on, and its optional fields."""
    found: tuple[str, list[str]] = ("/", [])
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        fields = line.split()
        place = fields[4].encode().decode("unicode_escape")  # \040 is a space
        is_below = path == place or path.startswith(place.rstrip("/") + "/")
        if is_below and len(place) >= len(found[0]):
            found = place, fields[6 : fields.index("-")]
    return found
