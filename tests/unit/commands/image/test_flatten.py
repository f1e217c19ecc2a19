"""The layers of an image as one tar."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Mapping

from docker_magics.commands.image._flatten import flatten

#: Path -> content, None for a folder, or the target of a hard link.
Layer = Mapping[str, "bytes | str | None"]


def _tar(files: Layer) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            if content is None:
                info.type = tarfile.DIRTYPE
            elif isinstance(content, str):
                info.type, info.linkname = tarfile.LNKTYPE, content
            else:
                info.size = len(content)
            tar.addfile(info, io.BytesIO(content) if isinstance(content, bytes) else None)
    return buffer.getvalue()


def _flattened(*layers: Layer) -> dict[str, bytes | None]:
    """Flatten an image of the layers, bottom first."""
    names = [f"{number}/layer.tar" for number in range(len(layers))]
    manifest = json.dumps([{"Layers": names}]).encode()
    files = dict(zip(names, map(_tar, layers), strict=True))
    target = io.BytesIO()
    flatten(io.BytesIO(_tar({**files, "manifest.json": manifest})), target)
    target.seek(0)
    with tarfile.open(fileobj=target) as tar:
        assert len(set(tar.getnames())) == len(tar.getnames())
        contents = {}
        for member in tar:
            content = tar.extractfile(member)
            contents[member.name] = content.read() if content else None
        return contents


def test_upper_files_hide_lower_ones() -> None:
    lower = {"a": None, "a/f": b"1", "a/g": b"2", "b": None, "b/f": b"3"}
    assert _flattened(lower, {"a": None, "a/f": b"4", "b": b"5"}) == {
        "a": None,
        "a/f": b"4",
        "a/g": b"2",
        "b": b"5",
    }


def test_whiteouts_hide_only_what_is_below() -> None:
    lower = {"a": None, "a/f": b"1", "b": None, "b/f": b"2", "c/d/e": b"3"}
    upper = {"./a/.wh.f": b"", "b/.wh..wh..opq": b"", "b/g": b"4", ".wh.c": b""}
    top = {"a/f": b"5"}
    assert _flattened(lower, upper) == {"a": None, "b": None, "b/g": b"4"}
    assert _flattened(lower, upper, top)["a/f"] == b"5"


def test_a_hard_link_keeps_its_content_when_its_target_is_replaced() -> None:
    assert _flattened({"f": b"old", "g": "f"}, {"f": b"new"}) == {"f": b"new", "g": b"old"}
