"""Layers are unpacked once and packed again with the same digest."""

from __future__ import annotations

import gzip
import os
import stat
from pathlib import Path

import pytest
from unit.embedded.images.support import tar

from docker_magics.embedded.errors import ApiError, BadParameter
from docker_magics.embedded.images import pack
from docker_magics.embedded.images.blobs import Blobs
from docker_magics.embedded.images.layers import Layers
from docker_magics.embedded.images.streams import stream_of
from docker_magics.embedded.images.unpack import unpack
from docker_magics.embedded.storage import whiteouts
from docker_magics.wire import digest


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "blobs")


@pytest.fixture
def layers(tmp_path: Path, blobs: Blobs) -> Layers:
    return Layers(tmp_path / "layers", blobs)


def left(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "layers").iterdir())


def test_an_archive_becomes_a_layer_that_keeps_it(layers: Layers, blobs: Blobs) -> None:
    archive = tar(d__f="text")
    blob = blobs.add(gzip.compress(archive))
    layer = layers.add(blob, "kind", digest.of(archive))
    assert (layer.diff_id, layer.size, layer.blob) == (digest.of(archive), 4, blob)
    assert layers.get(layer.diff_id) == layer
    assert (layer.files / "d/f").read_text() == "text"
    assert b"".join(layers.packed(layer)) == archive
    layers.remove(layer.diff_id)
    assert not layers.has(layer.diff_id)
    assert not blobs.has(blob)


def test_a_layer_with_another_digest_or_a_damaged_one_leaves_nothing(
    layers: Layers, blobs: Blobs, tmp_path: Path
) -> None:
    blob = blobs.add(tar(f="text"))
    with pytest.raises(digest.DigestError, match="expected diff ID"):
        layers.add(blob, expected=digest.of(b"other"))
    for damaged in (gzip.compress(tar(f="text"))[:-20], tar(f="x" * 2000)[:1000], b"garbage" * 99):
        with pytest.raises(BadParameter):
            layers.add(blobs.add(damaged))
    assert left(tmp_path) == []


def test_equal_folders_are_one_layer(layers: Layers, tmp_path: Path) -> None:
    diff_ids = []
    for _ in range(2):
        with layers.draft() as draft:
            (draft.files / "f").write_text("text")
            os.utime(draft.files / "f", (1, 1))
            diff_ids.append(layers.keep(draft).diff_id)
    assert diff_ids[0] == diff_ids[1]
    assert left(tmp_path) == [digest.hex_of(diff_ids[0])]
    with layers.draft() as draft:
        (draft.files / "g").touch()
    assert left(tmp_path) == [digest.hex_of(diff_ids[0])]


def test_a_modified_layer_is_not_sent(layers: Layers) -> None:
    with layers.draft() as draft:
        (draft.files / "f").write_text("text")
        layer = layers.keep(draft)
    assert digest.of(b"".join(layers.packed(layer))) == layer.diff_id
    (layer.files / "f").write_text("evil")
    os.utime(layer.files / "f", (5, 5))
    with pytest.raises(ApiError, match="has been changed on the disk"):
        b"".join(layers.packed(layer))


def test_a_missing_layer_is_named(layers: Layers) -> None:
    name = digest.of(b"")
    with pytest.raises(ApiError, match=f"layer {name} is missing from the store"):
        layers.get(name)


def test_packing_and_unpacking_a_folder_changes_nothing(tmp_path: Path) -> None:
    source, copy = tmp_path / "source", tmp_path / "copy"
    (source / "d/hidden").mkdir(parents=True)
    copy.mkdir()
    (source / "d/f").write_text("text")
    (source / "d/f").chmod(0o751)
    os.link(source / "d/f", source / "hard")
    (source / "soft").symlink_to("d/f")
    os.mkfifo(source / "pipe")
    os.setxattr(source / "d/f", "user.kept", b"\xff\x00")
    fd = os.open(source / "d", os.O_RDONLY)
    whiteouts.make_whiteout("gone", fd)
    os.close(fd)
    fd = os.open(source / "d/hidden", os.O_RDONLY)
    whiteouts.make_opaque(fd)
    os.close(fd)
    unpack(stream_of(pack.packed(source)), copy, layer=True)
    assert pack.digest_of(copy) == pack.digest_of(source)
    assert (copy / "hard").samefile(copy / "d/f")
    assert os.getxattr(copy / "d/f", "user.kept") == b"\xff\x00"
    assert stat.S_IMODE((copy / "d/f").stat().st_mode) == 0o751
    assert stat.S_ISFIFO((copy / "pipe").stat().st_mode)
    assert whiteouts.is_opaque(str(copy / "d/hidden"))
    assert not whiteouts.is_opaque(str(copy / "d"))
    assert whiteouts.is_whiteout(str(copy / "d/gone"), os.lstat(copy / "d/gone"))


def test_the_size_of_a_folder_counts_each_file_once(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d/f").write_text("12345")
    os.link(tmp_path / "d/f", tmp_path / "again")
    (tmp_path / "link").symlink_to("123")
    assert pack.content_size(tmp_path) == 8


def test_a_file_that_is_removed_meanwhile_has_no_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("kept", "removed"):
        (tmp_path / name).write_text("12345")
    listdir = os.listdir

    def list_and_remove(folder: int) -> list[str]:
        names = listdir(folder)
        (tmp_path / "removed").unlink(missing_ok=True)
        return names

    monkeypatch.setattr(os, "listdir", list_and_remove)
    assert pack.content_size(tmp_path) == 5
    assert pack.content_size(tmp_path / "gone") == 0
