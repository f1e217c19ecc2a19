"""Mount propagation of binds: whether later mounts below them appear on the other side.

source: moby daemon/oci_linux.go: ensureShared, ensureSharedOrSlave; mount_namespaces(7).
"""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import ApiError


def check(source: str, mode: str, mountinfo: str | None = None) -> None:
    """Refuse a propagation that the mount of the source does not have.

    The engine's mounts are slaves of the host's, so that `shared` is rarely possible.

    Args:
        source: a path of the host.
        mode: rprivate, rshared, rslave ...
        mountinfo: the text of proc(5)'s mountinfo; None for this process's.

    Raises:
        ApiError: the mount does not have it.
    """
    kind = mode.removeprefix("r")
    if kind not in {"shared", "slave"}:
        return
    text = Path("/proc/self/mountinfo").read_text() if mountinfo is None else mountinfo
    mount, tags = _mount_of(os.path.realpath(source), text)
    accepted = ("shared:",) if kind == "shared" else ("shared:", "master:")
    if not any(tag.startswith(accepted) for tag in tags):
        wanted = "shared" if kind == "shared" else "shared or slave"
        raise ApiError(f"path {source} is mounted on {mount} but it is not a {wanted} mount")


def _mount_of(path: str, mountinfo: str) -> tuple[str, list[str]]:
    """Return the mount point that a path lies on, and its optional fields (`shared:1`)."""
    longest: tuple[str, list[str]] = ("/", [])
    for line in mountinfo.splitlines():
        fields = line.split()
        mount = fields[4].encode().decode("unicode_escape")  # \040 is a space
        contains = path == mount or path.startswith(mount.rstrip("/") + "/")
        if contains and len(mount) >= len(longest[0]):
            longest = mount, fields[6 : fields.index("-")]
    return longest
