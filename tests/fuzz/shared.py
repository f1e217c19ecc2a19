"""Strategies that several files use."""

from __future__ import annotations

import io
import math
import string
import tarfile
from collections.abc import Sequence
from typing import Any, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")
#: Text as it arrives: any character, but no half of a surrogate pair.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_SCALARS = (
    st.sampled_from([None, False, True, 0, -1, 1 << 31, 1 << 64, 0.5, 1e308, math.inf, math.nan])
    | st.integers()
    | TEXTS
)


def _containers(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return _SCALARS | st.lists(items, max_size=3) | st.dictionaries(TEXTS, items, max_size=3)


_VALUES = _containers(_containers(_SCALARS))


@st.composite
def _json_values(draw: st.DrawFn) -> Any:
    return draw(_VALUES)


#: Faster than st.recursive. One alternative in `values | JSON`, not six of seven.
JSON = _json_values()
_NOISE = (
    string.printable + "\0\x1b\x7f\x85\xa0éßİ\u0300\u2028\u202e\u3000한😀\ufeff\uffff\U000e0001"
)


def texts_of(spaced: str, *others: str, size: int = 12, joint: str = "") -> st.SearchStrategy[str]:
    """Return texts that are made of a grammar's tokens, with some noise.

    Args:
        spaced: tokens, separated by spaces.
        *others: tokens that contain spaces.
        size: the largest number of tokens.
        joint: what is between two tokens.
    """
    # one draw of a text whose letters stand for tokens, not a draw for each token
    tokens = dict(enumerate([*spaced.split(), *others, *_NOISE]))
    letters = st.text([chr(number) for number in tokens], max_size=size)
    return letters.map(lambda text: joint.join(tokens[ord(letter)] for letter in text))


def json_like(known: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    """Return objects with known fields, each of which may be missing or have any value."""
    fields = {name: values | JSON for name, values in known.items()}
    return st.fixed_dictionaries({}, optional=fields)


_NAMES = (
    "a", "a/b", "./a", "/a", "a/", "../a", "a/../..", "b/c/d", "", ".", "/", "x" * 120, "x" * 300,
    ".wh.a", "a/.wh.b", ".wh..wh..opq", "a/.wh..wh..opq", ".wh..", ".wh...", "ü", "\udcff\udc80",
    "manifest.json", "index.json", "Dockerfile", ".dockerignore", "a\nb",
)  # fmt: skip
_TYPES = b"\00123456789AKLMNSVXgxz"
_NUMBERS = (0, 1, -1, 0o644, 0o4755, 0o777, 65536, 2**31, 2**33, -(2**40), 2**50)
_PAX_NAMES = (
    "SCHILY.xattr.security.capability", "SCHILY.xattr.user.a", "SCHILY.xattr.trusted.a", "path",
    "linkpath", "size", "mtime", "uid", "mode", "GNU.sparse.size", "GNU.sparse.map",
    "GNU.sparse.major", "GNU.sparse.numblocks", "comment", "hdrcharset",
)  # fmt: skip
_PAX_VALUES = ("", "0", "1", "-1", "1.5", "x", "../a", "9" * 30, "nan", "inf", "BINARY")


@st.composite
def _members(draw: st.DrawFn) -> tuple[tarfile.TarInfo, bytes, int]:
    choices = iter(draw(st.binary(min_size=13, max_size=13)))  # a draw of each is slow

    def pick(values: Sequence[T]) -> T:
        return values[next(choices) % len(values)]

    info = tarfile.TarInfo(pick(_NAMES))
    info.type, info.linkname = bytes([pick(_TYPES)]), pick(_NAMES)
    info.mode, info.uid, info.gid, info.mtime = (pick(_NUMBERS) for _ in range(4))
    info.pax_headers = {pick(_PAX_NAMES): pick(_PAX_VALUES) for _ in range(pick((0, 0, 1, 2)))}
    content = draw(st.binary(max_size=40)) if info.isreg() else b""
    info.size = len(content)
    return info, content, pick((tarfile.PAX_FORMAT, tarfile.GNU_FORMAT))


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
