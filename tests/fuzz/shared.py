"""Strategies that several files use."""

from __future__ import annotations

import io
import tarfile
from typing import Any

from hypothesis import strategies as st

#: Text as it arrives: any character, but no half of a surrogate pair.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


def texts_of(spaced: str, *others: str, size: int = 12, joint: str = "") -> st.SearchStrategy[str]:
    """Return texts that are made of a grammar's tokens, with some noise.

    Args:
        spaced: tokens, separated by spaces.
        *others: tokens that contain spaces.
        size: the largest number of tokens.
        joint: what is between two tokens.
    """
    tokens = [*spaced.split(), *others]
    return st.lists(st.sampled_from(tokens) | st.text(max_size=2), max_size=size).map(joint.join)


def json_like(known: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    """Return objects with known fields, each of which may be missing or have any value."""
    fields = {name: values | JSON for name, values in known.items()}
    return st.fixed_dictionaries({}, optional=fields)


_NAMES = st.sampled_from([
    "a", "a/b", "./a", "/a", "a/", "../a", "a/../..", "b/c/d", "", ".", "/", "x" * 120, "x" * 300,
    ".wh.a", "a/.wh.b", ".wh..wh..opq", "a/.wh..wh..opq", ".wh..", ".wh...", "ü", "\udcff\udc80",
    "manifest.json", "index.json", "Dockerfile", ".dockerignore", "a\nb",
])  # fmt: skip
_TYPES = st.sampled_from(b"\00123456789AKLMNSVXgxz").map(lambda code: bytes([code]))
_NUMBERS = st.sampled_from([0, 1, -1, 0o644, 0o4755, 0o777, 65536, 2**31, 2**33, -(2**40), 2**50])
_PAX_NAMES = st.sampled_from([
    "SCHILY.xattr.security.capability", "SCHILY.xattr.user.a", "SCHILY.xattr.trusted.a", "path",
    "linkpath", "size", "mtime", "uid", "mode", "GNU.sparse.size", "GNU.sparse.map",
    "GNU.sparse.major", "GNU.sparse.numblocks", "comment", "hdrcharset",
])  # fmt: skip
_PAX_VALUES = st.sampled_from([
    "", "0", "1", "-1", "1.5", "x", "../a", "9" * 30, "nan", "inf", "BINARY"
])  # fmt: skip
_PAX = st.dictionaries(_PAX_NAMES, _PAX_VALUES, max_size=2)


@st.composite
def _members(draw: st.DrawFn) -> tuple[tarfile.TarInfo, bytes, int]:
    info = tarfile.TarInfo(draw(_NAMES))
    info.type, info.linkname = draw(_TYPES), draw(_NAMES)
    info.mode, info.uid, info.gid = (draw(_NUMBERS) for _ in range(3))
    info.mtime = draw(_NUMBERS)
    info.pax_headers = draw(_PAX)
    content = draw(st.binary(max_size=40)) if info.isreg() else b""
    info.size = len(content)
    return info, content, draw(st.sampled_from([tarfile.PAX_FORMAT, tarfile.GNU_FORMAT]))


@st.composite
def archives(draw: st.DrawFn) -> bytes:
    """Return a tar archive of odd members, at times damaged or cut off."""
    buffer = io.BytesIO()
    for info, content, form in draw(st.lists(_members(), max_size=6)):
        buffer.write(info.tobuf(form, "utf-8", "surrogateescape"))
        buffer.write(content + bytes(-len(content) % tarfile.BLOCKSIZE))
    data = bytearray(buffer.getvalue() + bytes(1024))
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 3]))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    return bytes(data[: draw(st.sampled_from([None, None, None, 700, 513, 100]))])
