"""The blob store is atomic."""

from __future__ import annotations

from pathlib import Path

import pytest

from docker_magics.embedded.images import disk_room
from docker_magics.embedded.images.blobs import Blobs
from docker_magics.embedded.images.disk_room import DiskFull
from docker_magics.wire import digest


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_restarted_blob_has_the_digest_of_the_last_content(blobs: Blobs, tmp_path: Path) -> None:
    """A download that cannot be resumed starts again."""
    with blobs.writer() as writer:
        writer.write(b"longer than what follows")
        writer.restart()
        writer.write(b"all")
        assert (writer.size, writer.digest) == (3, digest.of(b"all"))
        with writer.open() as file:
            assert file.read() == b"all"
        writer.move(tmp_path / "kept")
    assert (tmp_path / "kept").read_bytes() == b"all"
    assert files(tmp_path) == ["kept"]


def test_what_is_not_kept_leaves_nothing(blobs: Blobs, tmp_path: Path) -> None:
    with blobs.writer() as writer:
        writer.write(b"x")
    assert files(tmp_path) == []


def test_a_sweep_keeps_what_is_used(blobs: Blobs, tmp_path: Path) -> None:
    used, unused = blobs.add(b"used"), blobs.add(b"unused")
    (tmp_path / "drafts/left").touch()
    blobs.sweep({used})
    assert files(tmp_path) == [digest.hex_of(used)]
    assert not blobs.has(unused)


def test_a_blob_leaves_room_on_the_disk(
    blobs: Blobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk_room, "CHECK_EVERY", 2)
    monkeypatch.setattr(disk_room, "RESERVE", 1 << 62)
    with blobs.writer() as writer:
        writer.write(b"x")
        with pytest.raises(DiskFull, match="no space left on device"):
            writer.write(b"yz")
        assert writer.size == 1
    assert files(tmp_path) == []
