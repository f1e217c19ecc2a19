"""Layers are unpacked once and packed again with the same digest."""

from __future__ import annotations

import gzip
import os
import stat
import tarfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from unit.embedded.images.support import tar

from docker_magics.embedded.errors import ApiError, BadParameter
from docker_magics.embedded.images import disk_room, pack
from docker_magics.embedded.images.blobs import Blobs
from docker_magics.embedded.images.layers import Layer, Layers
from docker_magics.embedded.images.streams import stream_of
from docker_magics.embedded.images.unpack import unpack
from docker_magics.embedded.storage import whiteouts
from docker_magics.wire import digest, media_types, tarstream


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "blobs")


@pytest.fixture
def layers(tmp_path: Path) -> Layers:
    return Layers(tmp_path / "layers")


@pytest.fixture
def add(layers: Layers, blobs: Blobs) -> Callable[..., Layer]:
    """Add an archive as a layer."""

    def add(archive: bytes, expected: str | None = None) -> Layer:
        with blobs.writer() as writer:
            writer.write(archive)
            return layers.add(writer, expected)

    return add


def left(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "layers").iterdir())


def test_an_archive_becomes_a_layer(
    layers: Layers, add: Callable[..., Layer], tmp_path: Path
) -> None:
    archive = tar(d__f="text")
    compressed = gzip.compress(archive)
    layer = add(compressed, digest.of(archive))
    blob = {
        "mediaType": media_types.DOCKER_LAYER_GZIP,
        "digest": digest.of(compressed),
        "size": len(compressed),
    }
    assert (layer.diff_id, layer.size, layer.blobs) == (digest.of(archive), 4, (blob,))
    assert layers.get(layer.diff_id) == layer
    assert (layer.files / "d/f").read_text() == "text"
    assert b"".join(layers.packed(layer)) == archive
    layers.remove(layer.diff_id)
    assert not layers.has(layer.diff_id)
    assert left(tmp_path) == []


def joined_archives(*archives: bytes) -> bytes:
    """Return archives as one."""
    contents = [archive.rstrip(b"\0") for archive in archives]
    return b"".join(content + bytes(-len(content) % 512) for content in contents) + tarstream.END


def symlink(name: str, target: str) -> bytes:
    """Return a symbolic link."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = tarfile.SYMTYPE, target
    return tarstream.header(info)


def sparse(size: int, *pieces: tuple[int, bytes]) -> bytes:
    """Return a sparse file of format 0.1, with its pieces of data at offsets."""
    numbers = [str(number) for at, data in pieces for number in (at, len(data))]
    info = tarfile.TarInfo("sparse")
    info.pax_headers = {"GNU.sparse.map": ",".join(numbers), "GNU.sparse.size": str(size)}
    return b"".join(tarstream.member(info, b"".join(data for _, data in pieces)))


@pytest.mark.parametrize(
    ("archive", "kept"),
    [
        (tar(a="a" * 512, b="", c="c" * 3_000_000), "tar-split.gz"),
        (tar(f="text") + b"what follows the end", "tar-split.gz"),
        (tar(f="text").rstrip(b"\0"), "tar-split.gz"),
        (b"", "tar-split.gz"),
        (sparse(1 << 20, (4096, b"data" * 128)) + tar(g="text"), "tar-split.gz"),
        (joined_archives(tar(d__e=""), symlink("lib", "/d"), tar(lib__f="text")), "tar-split.gz"),
        (
            joined_archives(tar(d__f="text", e__f=""), symlink("d", "e"), tar(d__f="more")),
            "archive",
        ),
        (tar(**{".wh.gone": "content of a whiteout", "d__.wh..wh..opq": ""}), "tar-split.gz"),
        (joined_archives(tar(f="first"), tar(f="last")), "archive"),
        (joined_archives(tar(f="removed"), tar(**{".wh.f": ""})), "archive"),
    ],
)
def test_an_archive_is_not_kept_beside_its_files(
    layers: Layers, add: Callable[..., Layer], archive: bytes, kept: str
) -> None:
    for form in (archive, gzip.compress(archive)):
        layer = add(form, digest.of(archive))
        parts = sorted(path.name for path in layer.files.parent.iterdir())
        assert parts == sorted(["fs", "layer.json", kept])
        assert b"".join(layers.packed(layer)) == archive
        layers.remove(layer.diff_id)


def test_a_layer_with_another_digest_or_a_damaged_one_leaves_nothing(
    add: Callable[..., Layer], tmp_path: Path
) -> None:
    with pytest.raises(digest.DigestError, match="expected diff ID"):
        add(tar(f="text"), digest.of(b"other"))
    for damaged in (gzip.compress(tar(f="text"))[:-20], tar(f="x" * 2000)[:1000], b"garbage" * 99):
        with pytest.raises(BadParameter):
            add(damaged)
    assert left(tmp_path) == []
    assert [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()] == []


def _replace_by_a_link(layer: Layer) -> None:
    (layer.files / "f").unlink()
    (layer.files / "f").symlink_to("/etc/passwd")


def _cut_off_the_split(layer: Layer) -> None:
    os.truncate(layer.files.parent / "tar-split.gz", 40)


@pytest.mark.parametrize(
    "change",
    [
        lambda layer: (layer.files / "f").write_text("evil"),
        lambda layer: (layer.files / "f").write_text("t"),
        lambda layer: (layer.files / "f").unlink(),
        _replace_by_a_link,
        _cut_off_the_split,
    ],
)
def test_a_modified_layer_is_not_joined(
    layers: Layers, add: Callable[..., Layer], change: Callable[[Layer], None]
) -> None:
    layer = add(tar(f="text"))
    change(layer)
    with pytest.raises(ApiError, match="has been changed on the disk"):
        b"".join(layers.packed(layer))


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
    assert pack.measure(copy) == pack.measure(source)
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


def test_what_is_kept_beside_the_files_leaves_the_disk_room(
    add: Callable[..., Layer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes behind the end of an archive are kept too, and may be much more than its blob."""
    free = iter([1 << 40, 0])  # when unpacking begins, and after the first bytes
    monkeypatch.setattr(disk_room, "CHECK_EVERY", 1 << 20)
    monkeypatch.setattr(
        os, "statvfs", lambda _path: SimpleNamespace(f_bavail=next(free), f_frsize=1)
    )
    with pytest.raises(ApiError, match="no space left on device"):
        add(tar(f="text") + bytes(1 << 20))
    assert not left(tmp_path)
