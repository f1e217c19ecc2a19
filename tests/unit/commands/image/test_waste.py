"""Bytes of an image hidden by later layers, computed from the output of docker save."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Mapping

import pytest

from docker_magics.commands.image._waste import hidden_bytes, wasted_bytes

ROOT = [("/etc/keep", 10), ("/big", 3000), ("/d", None), ("/d/x", 200), ("/d/e/y", 50)]


@pytest.mark.parametrize(
    ("upper", "hidden"),
    [
        ([("/new", 5)], 0),
        ([("/.wh.big", 0)], 3000),
        ([("/big", 1)], 3000),
        ([("/big", None)], 0),  # only the mode of a folder changed
        ([("/.wh.d", 0)], 250),
        ([("/d/.wh..wh..opq", 0), ("/d/x", 7)], 250),
        ([("/d/e/.wh.y", 0)], 50),
        ([("/.wh.missing", 0)], 0),
        ([("/d/x", 1), ("/.wh.big", 0)], 3200),
    ],
)
def test_files_hidden_by_a_layer(upper: list[tuple[str, int | None]], hidden: int) -> None:
    assert hidden_bytes([ROOT, upper]) == [hidden, 0]


def test_hidden_bytes_are_counted_per_layer() -> None:
    layers = [[("/a", 1)], [("/a", 20), ("/b", 300)], [("/.wh.a", 0)], [("/b", 4000)]]
    assert hidden_bytes(layers) == [1, 320, 0, 0]


def packed(files: Mapping[str, bytes], links: Mapping[str, str] | None = None) -> bytes:
    """Return a tar archive."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        for name, target in (links or {}).items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            archive.addfile(member)
    return made.getvalue()


def test_waste_of_a_saved_image() -> None:
    history = [{}, {"empty_layer": True}, {}, {}]
    manifest = [{"Config": "c.json", "Layers": ["1/layer.tar", "2/layer.tar", "3/layer.tar"]}]
    files = {
        "1/layer.tar": packed({"big": b"x" * 3000}),
        "2/layer.tar": packed({".wh.big": b""}),
        "c.json": json.dumps({"history": history, "rootfs": {"diff_ids": [*"abc"]}}).encode(),
        "manifest.json": json.dumps(manifest).encode(),
    }
    archive = packed(files, {"3/layer.tar": "../1/layer.tar"})
    assert wasted_bytes(io.BytesIO(archive)) == [3000, 0, 0, 0]


def test_waste_of_small_compressed_layers() -> None:
    """Docker 29 saves layers compressed, many of them in fewer bytes than a tar's block."""
    layers = [gzip.compress(packed({"big": b"x" * 3000})), gzip.compress(packed({"big": b"y"}))]
    assert max(map(len, layers)) < tarfile.BLOCKSIZE
    manifest = [{"Config": "c", "Layers": ["blobs/1", "blobs/2"]}]
    files = {
        "blobs/1": layers[0],
        "blobs/2": layers[1],
        "c": json.dumps({"history": [{}, {}], "rootfs": {"diff_ids": [*"ab"]}}).encode(),
        "manifest.json": json.dumps(manifest).encode(),
    }
    assert wasted_bytes(io.BytesIO(packed(files))) == [3000, 0]


@pytest.mark.parametrize("files", [{}, {"manifest.json": b"[]"}, {"manifest.json": b'[{"a": 1}]'}])
def test_invalid_archives(files: dict[str, bytes]) -> None:
    with pytest.raises(ValueError, match="archive"):
        wasted_bytes(io.BytesIO(packed(files)))
    with pytest.raises(ValueError, match="archive"):
        wasted_bytes(io.BytesIO(b"nothing like it" * 100))
