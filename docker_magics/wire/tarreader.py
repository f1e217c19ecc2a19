"""Read untrusted tar archives as a stream, with bounded memory, as Go's archive/tar does.

Python's tarfile keeps global pax headers, and sparse maps of any length.

source: POSIX, pax interchange format; GNU tar manual, "Basic Tar Format", "Storing Sparse Files";
Go, archive/tar/reader.go.
"""

from __future__ import annotations

import re
import tarfile
from array import array
from collections.abc import Callable, Iterator

from .tarstream import Readable

#: The prefix of extended attributes among pax headers.
XATTR = "SCHILY.xattr."
#: The bytes of one extension: a long name, pax records, a sparse map.
_MAX_EXTENSION = 1 << 20
#: The bytes of a name or a link's target: Linux's PATH_MAX.
_MAX_NAME = 4095
_MAX_ID = (1 << 32) - 2
_MAX_SIZE = (1 << 63) - 1
_BLOCK = tarfile.BLOCKSIZE
_BUFFER = 1 << 16
_ZEROS = bytes(_BUFFER)
_INVALID = "archive/tar: invalid tar header"
_SPARSE = "GNU.sparse."
_PAX_TYPES = (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE)
#: Types without content, whatever size their header states.
_HEADER_ONLY = (
    tarfile.LNKTYPE,
    tarfile.SYMTYPE,
    tarfile.CHRTYPE,
    tarfile.BLKTYPE,
    tarfile.DIRTYPE,
    tarfile.FIFOTYPE,
)
_TIME = re.compile(r"-?[0-9]{1,18}(\.[0-9]*)?")


class TarError(ValueError):
    """A damaged archive, with the message of Go's archive/tar."""


class TarReader:
    """Iterates over the members of an archive; `read` returns the content of the last one.

    Members are `tarfile.TarInfo` with the pax records applied. Their `pax_headers` have extended
    attributes only. Global pax headers are ignored, as by moby.

    Args:
        source: the archive, not compressed.
        on_bytes: receives the archive's bytes in order, but for the content that `read` returns.
            The content of sparse files is received, as it has another form in the archive.
    """

    def __init__(self, source: Readable, on_bytes: Callable[[bytes], object] | None = None) -> None:
        self._source = source
        self._on_bytes = on_bytes
        self._buffered = b""
        self._at = 0
        #: The bytes of the member's content, those that are left of it and of its data in the
        #: archive, and of that data's padding.
        self._size = self._left = self._data_left = self._padding = 0
        #: Offset and length of each piece of a sparse file's data.
        self._map: array[int] | None = None
        self._next_piece = 0

    def __iter__(self) -> Iterator[tarfile.TarInfo]:
        """Yield the members.

        Raises:
            TarError: the archive is damaged, or exceeds a bound.
        """
        while (member := self._next()) is not None:
            yield member

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes of the member's content; holes of sparse files are zeros.

        Raises:
            TarError: the archive ends before.
        """
        data = self._read_mapped(min(size, self._left))
        self._left -= len(data)
        return data

    @property
    def is_sparse(self) -> bool:
        """Whether the member's content has another form in the archive."""
        return self._map is not None

    def skip_rest(self) -> None:
        """Read what follows the last member: a stream that is cut off is an error."""
        while self._some(_BUFFER):
            pass

    # --- content

    def _read_mapped(self, size: int) -> bytes:
        """Return data, or zeros of a hole."""
        if self._map is None:
            return self._read_data(size, self._fetch)
        position = self._size - self._left
        while self._next_piece < len(self._map):
            start, length = self._map[self._next_piece : self._next_piece + 2]
            if position < start:
                return _ZEROS[: min(size, start - position)]
            if position < start + length:
                return self._read_data(min(size, start + length - position), self._some)
            self._next_piece += 2
        return _ZEROS[:size]

    def _read_data(self, size: int, fetch: Callable[[int], bytes]) -> bytes:
        if size > self._data_left:
            raise TarError("archive/tar: sparse file references non-existent data")
        data = fetch(size) if size else b""
        if size and not data:
            raise TarError("unexpected EOF")
        self._data_left -= len(data)
        return data

    def _skip(self) -> None:
        """Skip what is left of a member's data. Its padding may be missing at the end."""
        while self._data_left:
            self._read_data(min(self._data_left, _BUFFER), self._some)
        self._exactly(self._padding)
        self._padding = 0

    def _some(self, size: int) -> bytes:
        """Return up to `size` bytes of the archive, and pass them on; none at its end."""
        data = self._fetch(size)
        if self._on_bytes is not None:
            self._on_bytes(data)
        return data

    def _fetch(self, size: int) -> bytes:
        """Return up to `size` bytes of the archive; none at its end."""
        if self._at >= len(self._buffered):
            if size >= _BUFFER:
                return self._source.read(size)
            self._buffered, self._at = self._source.read(_BUFFER), 0
        data = self._buffered[self._at : self._at + size]
        self._at += len(data)
        return data

    def _exactly(self, size: int) -> bytes:
        """Return `size` bytes of the archive; less at its end."""
        data = b""
        while len(data) < size and (piece := self._some(size - len(data))):
            data += piece
        return data

    # --- headers

    def _next(self) -> tarfile.TarInfo | None:
        self._skip()
        pax: dict[str, str] = {}
        long_name = long_link = ""
        while (block := self._header_block()) is not None:
            try:
                info = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
            except (tarfile.HeaderError, ValueError, OverflowError) as error:
                raise TarError(_INVALID) from error
            self._begin(info)
            if info.type in _PAX_TYPES:
                pax = _parse_pax(self._extension(info))
            elif info.type == tarfile.XGLTYPE:
                self._skip()
            elif info.type == tarfile.GNUTYPE_LONGNAME:
                long_name = _text(self._extension(info))
            elif info.type == tarfile.GNUTYPE_LONGLINK:
                long_link = _text(self._extension(info))
            else:
                self._complete(info, block, pax)
                info.name = long_name or info.name
                info.linkname = long_link or info.linkname
                return _checked(info)
        return None

    def _header_block(self) -> bytes | None:
        """Return the next header; None at the end, which two blocks of zeros should mark."""
        block = self._exactly(_BLOCK)
        if block and len(block) < _BLOCK:
            raise TarError("unexpected EOF")
        if block.strip(b"\0"):
            return block
        if self._exactly(_BLOCK).strip(b"\0"):
            raise TarError(_INVALID)
        return None

    def _begin(self, info: tarfile.TarInfo) -> None:
        """Take over the size of a member's data."""
        if not 0 <= info.size <= _MAX_SIZE:
            raise TarError(_INVALID)
        self._map, self._next_piece = None, 0
        self._size = self._left = self._data_left = 0 if info.type in _HEADER_ONLY else info.size
        self._padding = -self._data_left % _BLOCK

    def _extension(self, info: tarfile.TarInfo) -> bytes:
        if info.size > _MAX_EXTENSION:
            raise TarError("archive/tar: header field too long")
        data = self._exactly(info.size)
        if len(data) < info.size:
            raise TarError("unexpected EOF")
        self._data_left = 0
        self._skip()
        return data

    def _complete(self, info: tarfile.TarInfo, block: bytes, pax: dict[str, str]) -> None:
        """Apply pax records and the sparse map."""
        for key, (field, parse) in _FIELDS.items():
            if pax.get(key):
                setattr(info, field, parse(pax[key]))
        info.pax_headers = {key: pax[key] for key in pax if key.startswith(XATTR)}
        self._begin(info)
        version = pax.get(f"{_SPARSE}major"), pax.get(f"{_SPARSE}minor")
        if info.type == tarfile.GNUTYPE_SPARSE:
            numbers = self._old_sparse_map(block)
            info.size = _number(block, 483, 12)
        elif version == ("1", "0"):
            numbers = self._sparse_map()
        elif f"{_SPARSE}map" in pax and version in {(None, None), ("0", "0"), ("0", "1")}:
            numbers = array("Q", map(_decimal, filter(None, pax[f"{_SPARSE}map"].split(","))))
        else:
            return
        info.name = _name(pax.get(f"{_SPARSE}name") or info.name)
        if size := pax.get(f"{_SPARSE}realsize") or pax.get(f"{_SPARSE}size"):
            info.size = _decimal(size)
        self._map = _valid_map(numbers, info.size)
        self._size = self._left = info.size

    def _old_sparse_map(self, block: bytes) -> array[int]:
        """Return the map of GNU's old format, which goes on in blocks after the header."""
        numbers: array[int] = array("Q")
        fields, extended = range(386, 482, 24), block[482]
        while True:
            for at in fields:
                if block[at : at + 24].strip(b"\0"):
                    numbers.extend((_number(block, at, 12), _number(block, at + 12, 12)))
            if not extended:
                return numbers
            block = self._exactly(_BLOCK)
            if len(block) < _BLOCK:
                raise TarError("unexpected EOF")
            if len(numbers) * 8 > _MAX_EXTENSION:
                raise TarError("archive/tar: header field too long")
            fields, extended = range(0, 504, 24), block[504]

    def _sparse_map(self) -> array[int]:
        """Return the map of format 1.0: decimal numbers, one a line, in blocks before the data."""
        numbers: array[int] = array("Q")
        rest = b""
        count, read = None, 0
        while count is None or len(numbers) < count:
            block = self._exactly(min(_BLOCK, self._data_left))
            read += len(block)
            self._data_left -= len(block)
            if len(block) < _BLOCK:
                raise TarError("unexpected EOF")
            if read > _MAX_EXTENSION:
                raise TarError("archive/tar: header field too long")
            *lines, rest = (rest + block).split(b"\n")
            if count is None and lines:
                count = 2 * _decimal(_text(lines.pop(0)))
            if count is not None:
                numbers.extend(_decimal(_text(line)) for line in lines[: count - len(numbers)])
        return numbers


def _checked(info: tarfile.TarInfo) -> tarfile.TarInfo:
    if not (0 <= info.uid <= _MAX_ID and 0 <= info.gid <= _MAX_ID):
        raise TarError(_INVALID)
    if max(len(info.name), len(info.linkname)) > _MAX_NAME:
        raise TarError("file name too long")
    return info


def _valid_map(numbers: array[int], size: int) -> array[int]:
    end = 0
    for at in range(0, len(numbers) - 1, 2):
        if numbers[at] < end:
            raise TarError(_INVALID)
        end = numbers[at] + numbers[at + 1]
    if len(numbers) % 2 or end > size:
        raise TarError(_INVALID)
    return numbers


def _parse_pax(data: bytes) -> dict[str, str]:
    """Return the pax records that are used: a length, a space, KEY=VALUE and a newline each."""
    records: dict[str, str] = {}
    sparse: list[str] = []
    at = 0
    while at < len(data):
        space = data.find(b" ", at, at + 20)
        end = at + _decimal(_text(data[at : max(at, space)]))
        key, equals, value = data[space + 1 : end - 1].partition(b"=")
        if not (space + 1 < end <= len(data) and data[end - 1] == ord("\n") and key and equals):
            raise TarError(_INVALID)
        at = end
        name = key.decode("utf-8", "surrogateescape")
        text = value.decode("utf-8", "surrogateescape")
        if name in {f"{_SPARSE}offset", f"{_SPARSE}numbytes"}:  # format 0.0
            if name.endswith("offset") == bool(len(sparse) % 2) or "," in text:
                raise TarError(_INVALID)
            sparse.append(text)
        elif name in _FIELDS or name.startswith((XATTR, _SPARSE)):
            records[name] = text
    if sparse:
        records[f"{_SPARSE}map"] = ",".join(sparse)
    return records


def _text(data: bytes) -> str:
    return data.split(b"\0", 1)[0].decode("utf-8", "surrogateescape")


def _decimal(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise TarError(_INVALID)
    value = int(text)
    if value > _MAX_SIZE:
        raise TarError(_INVALID)
    return value


def _number(block: bytes, at: int, length: int) -> int:
    """Return a numeric field: octal, or base 256 if its first bit is set."""
    field = block[at : at + length]
    try:
        value = (
            int.from_bytes(field, "big") ^ 0x80 << 8 * (length - 1)
            if field[0] & 0x80
            else int(field.strip(b"\0 ") or b"0", 8)
        )
    except ValueError as error:
        raise TarError(_INVALID) from error
    if not 0 <= value <= _MAX_SIZE:
        raise TarError(_INVALID)
    return value


def _seconds(text: str) -> float:
    if not _TIME.fullmatch(text):
        raise TarError(_INVALID)
    return float(text)


def _name(text: str) -> str:
    if "\0" in text:
        raise TarError(_INVALID)
    return text


#: Pax records that replace fields of the header.
_FIELDS: dict[str, tuple[str, Callable[[str], object]]] = {
    "path": ("name", _name),
    "linkpath": ("linkname", _name),
    "size": ("size", _decimal),
    "uid": ("uid", _decimal),
    "gid": ("gid", _decimal),
    "mtime": ("mtime", _seconds),
}
