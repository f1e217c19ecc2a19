"""Archives in each format that Docker reads."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import struct
import tracemalloc
from collections.abc import Callable, Iterator

import pytest
import zstandard

from docker_magics.embedded.errors import BadParameter
from docker_magics.embedded.images import compression
from docker_magics.embedded.images.compression import Readable, decompressed, format_of
from docker_magics.embedded.images.streams import ahead, stream_of

DATA = os.urandom(1 << 20) + bytes(1 << 20)
FORMATS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "gzip": gzip.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
}


class Dribble:
    """Returns a few bytes at a time, like a socket."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def read(self, size: int, /) -> bytes:
        return self._data.read(min(size, 3))


def read_all(source: Readable) -> bytes:
    return b"".join(iter(lambda: source.read(100_000), b""))


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_is_detected_and_read(name: str) -> None:
    data = FORMATS[name](DATA)
    assert format_of(data) == name
    assert read_all(decompressed(io.BytesIO(data))) == DATA


def test_zstd_may_have_many_frames_and_those_without_content() -> None:
    """As zstd:chunked and the seekable format have."""
    compress = zstandard.ZstdCompressor().compress
    skippable = b"\x5e\x2a\x4d\x18" + (5).to_bytes(4, "little") + b"table"
    data = skippable + compress(b"one ") + skippable + compress(b"two") + skippable
    assert format_of(data) == "zstd"
    assert read_all(decompressed(io.BytesIO(data))) == b"one two"


@pytest.mark.parametrize("name", FORMATS)
def test_a_stream_that_comes_in_small_pieces(name: str) -> None:
    assert read_all(decompressed(Dribble(FORMATS[name](b"small")))) == b"small"


COMPRESSED = [name for name in FORMATS if name]


@pytest.mark.parametrize("cut", [1, 4, 30, 1000, 500_000])
@pytest.mark.parametrize("name", COMPRESSED)
def test_a_truncated_stream_is_an_error(name: str, cut: int) -> None:
    with pytest.raises(BadParameter, match="unexpected end"):
        read_all(decompressed(io.BytesIO(FORMATS[name](DATA)[:-cut])))


@pytest.mark.parametrize("rest", [b"rubbish" * 50, bytes(512), b"x"])
@pytest.mark.parametrize("name", COMPRESSED)
def test_what_follows_a_stream_is_ignored(name: str, rest: bytes) -> None:
    assert read_all(decompressed(io.BytesIO(FORMATS[name](b"data") + rest))) == b"data"


@pytest.mark.parametrize("name", COMPRESSED)
def test_streams_of_many_members(name: str) -> None:
    data = FORMATS[name](b"a") * 3000
    assert read_all(decompressed(io.BytesIO(data))) == b"a" * 3000
    with pytest.raises(BadParameter, match="unexpected end"):
        read_all(decompressed(io.BytesIO(data[:-2])))


def test_skippable_frames_of_zstd() -> None:
    skippable = struct.pack("<II", 0x184D2A5E, 5) + b"12345"
    data = skippable + FORMATS["zstd"](b"one") + skippable + FORMATS["zstd"](b"two")
    assert format_of(data) == "zstd"
    assert read_all(decompressed(io.BytesIO(data))) == b"onetwo"


@pytest.mark.parametrize("name", COMPRESSED)
def test_bombs_are_read_in_pieces(name: str) -> None:
    """80 MiB of zeros; of zstd, which allocates outside of Python, the largest piece counts."""
    data = FORMATS[name](bytes(80 << 20))
    source = decompressed(io.BytesIO(data))
    tracemalloc.start()
    try:
        size = sum(map(len, iter(lambda: source.read(1 << 20), b"")))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size == 80 << 20
    assert peak < 40 << 20


def test_a_huge_dictionary_is_refused() -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 28}]
    data = lzma.compress(b"small", filters=filters)
    with pytest.raises(BadParameter, match="damaged xz stream: Memory usage limit exceeded"):
        read_all(decompressed(io.BytesIO(data)))


@pytest.mark.parametrize("name", ["gzip", "zstd", "bzip2", "xz"])
def test_a_corrupt_stream_is_an_error(name: str) -> None:
    data = bytearray(FORMATS[name](DATA))
    data[6:40] = b"\xff" * 34
    with pytest.raises(BadParameter):
        read_all(decompressed(io.BytesIO(bytes(data))))


def test_gzip_of_several_members_and_padding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compression, "CHUNK", 64)
    data = gzip.compress(b"one") + gzip.compress(b"two" * 500) + bytes(300)
    assert read_all(decompressed(io.BytesIO(data))) == b"one" + b"two" * 500


def test_an_empty_stream_is_empty() -> None:
    assert read_all(decompressed(io.BytesIO(b""))) == b""


def test_pieces_are_a_stream() -> None:
    stream = stream_of(iter([b"ab", b"", b"cdef", b"g"]))
    assert stream.read(3) == b"abc"
    assert stream.read(100) == b"defg"
    assert stream.read(1) == b""


def test_an_error_in_the_read_ahead_is_raised_in_the_reader() -> None:
    def pieces() -> Iterator[bytes]:
        yield b"x" * 10
        raise BadParameter("damaged")

    with (
        ahead(stream_of(pieces())) as source,
        pytest.raises(BadParameter, match="damaged"),
    ):
        read_all(source)
