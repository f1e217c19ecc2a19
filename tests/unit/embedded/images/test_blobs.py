"""The blob store is atomic."""

from __future__ import annotations

from pathlib import Path

import pytest

from docker_magics.embedded.images.blobs import Blobs
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
        assert writer.size == 3
        name = writer.commit(digest.of(b"all"))
    assert blobs.read(name) == b"all"
    assert files(tmp_path) == [digest.hex_of(name)]


def test_a_wrong_digest_or_a_missing_commit_leaves_nothing(blobs: Blobs, tmp_path: Path) -> None:
    with blobs.writer() as writer:
        writer.write(b"x")
        with pytest.raises(digest.DigestError, match="expected digest"):
            writer.commit(digest.of(b"y"))
    assert files(tmp_path) == []


def test_a_sweep_keeps_what_is_used(blobs: Blobs, tmp_path: Path) -> None:
    used, unused = blobs.add(b"used"), blobs.add(b"unused")
    (tmp_path / "drafts/left").touch()
    blobs.sweep({used})
    assert files(tmp_path) == [digest.hex_of(used)]
    assert not blobs.has(unused)
