"""Propagations that a bind's source allows."""

from __future__ import annotations

from pathlib import Path

import pytest

from docker_magics.embedded.containers import propagation
from docker_magics.embedded.errors import ApiError


@pytest.fixture
def mountinfo(tmp_path: Path) -> str:
    (tmp_path / "with space").mkdir()
    escaped = str(tmp_path / "with space").replace(" ", "\\040")
    return "\n".join([
        "1 0 0:1 / / rw shared:1 - ext4 /dev/sda rw",
        f"2 1 0:2 / {tmp_path} rw - tmpfs tmpfs rw",
        f"3 2 0:3 / {tmp_path}/slave rw master:7 - tmpfs tmpfs rw",
        f"4 2 0:4 / {escaped} rw shared:9 master:7 - tmpfs tmpfs rw",
    ])  # fmt: skip


@pytest.mark.parametrize("mode", ["rprivate", "private", ""])
def test_private_is_always_possible(mode: str, tmp_path: Path, mountinfo: str) -> None:
    propagation.check(str(tmp_path), mode, mountinfo)


@pytest.mark.parametrize(
    ("place", "mode"),
    [
        ("/etc", "shared"),
        ("/", "rslave"),
        ("slave", "slave"),
        ("slave/below", "rslave"),
        ("with space", "rshared"),
    ],
)
def test_propagations_of_the_mount(place: str, mode: str, tmp_path: Path, mountinfo: str) -> None:
    propagation.check(str(tmp_path / place), mode, mountinfo)


@pytest.mark.parametrize(
    ("place", "mode", "mount", "wanted"),
    [
        ("slave", "rshared", "slave", "shared"),
        ("own", "rshared", "", "shared"),
        ("own", "slave", "", "shared or slave"),
        ("slaves", "slave", "", "shared or slave"),  # another mount with a common prefix
    ],
)
def test_propagations_that_the_mount_lacks(
    *, place: str, mode: str, mount: str, wanted: str, tmp_path: Path, mountinfo: str
) -> None:
    source = tmp_path / place
    with pytest.raises(ApiError) as caught:
        propagation.check(str(source), mode, mountinfo)
    expected = f"path {source} is mounted on {tmp_path / mount} but it is not a {wanted} mount"
    assert str(caught.value) == expected


def test_the_default_is_this_process_s_mount_table() -> None:
    own = Path("/proc/self/mountinfo").read_text()
    assert refusal("/", None) == refusal("/", own)


def refusal(source: str, mountinfo: str | None) -> str:
    try:
        propagation.check(source, "shared", mountinfo)
    except ApiError as error:
        return str(error)
    return ""
