"""Extended attributes as PAX headers."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from docker_magics.embedded.storage import xattrs

VERSION_2 = bytes.fromhex("0100000200040000000000000000000000000000")
VERSION_3 = bytes.fromhex("010000030004000000000000000000000000000007000000")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may set capabilities: sudo make test")
@pytest.mark.parametrize("value", [VERSION_2, VERSION_3])
def test_capabilities_lose_the_root_of_a_user_namespace(tmp_path: Path, value: bytes) -> None:
    path = tmp_path / "f"
    path.touch()
    os.setxattr(path, xattrs.CAPABILITY, value)
    (header,) = xattrs.headers_of(str(path), xattrs.IN_LAYERS).values()
    assert header.encode("utf-8", "surrogateescape") == VERSION_2


def test_only_the_attributes_of_some_prefixes_are_read(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.touch()
    for name in ("user.kept", "user.overlay.opaque"):
        os.setxattr(path, name, b"1")
    assert xattrs.headers_of(str(path), xattrs.IN_LAYERS) == {"SCHILY.xattr.user.kept": "1"}
    assert xattrs.headers_of(str(path), (xattrs.CAPABILITY,)) == {}
