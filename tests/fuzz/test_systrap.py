"""What systrap's pure functions read: paths, ELF files, first lines of scripts."""

from __future__ import annotations

import ctypes
import functools
import ipaddress
import posixpath
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.systrap import library
from unit.systrap.library import ELF_HEAD, SCRIPT_HEAD, WRITABLE, Config, Plan
from unit.systrap.test_programs import elf

from tools import systrap

_NAMES = st.sampled_from(["a", "b", ".", "..", "", "...", "..a", "data", "x" * 255])
PATHS = st.lists(_NAMES, max_size=6).map("/".join)
ABSOLUTE = PATHS.map("/{}".format)
_SIZES = st.sampled_from([0, 1, 9, 0xFFF, 0x1000, 0x1001, 2**31, 2**47, 2**63, 2**64 - 1])
_SEGMENTS = st.tuples(
    st.sampled_from([1, 1, 1, 3, 6, 7]), st.integers(0, 7), *[_SIZES] * 5
)  # type, flags, offset, address, size, memory, alignment
ELF_FILES = st.lists(_SEGMENTS, max_size=40).map(lambda segments: elf(*segments))


@functools.cache
def functions() -> ctypes.CDLL:
    """Return the functions, of a library that is built once."""
    library.require()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "systrap.so")
        systrap.build_library(path)
        return ctypes.CDLL(str(path))


@pytest.fixture(autouse=True, scope="module")
def _built() -> None:
    """Build the library before the first case, whose time is limited."""
    functions()


@given(PATHS)
def test_dots(path: str) -> None:
    odd = any(name in {".", ".."} for name in path.split("/")) or "//" in path
    assert bool(functions().path_has_dots(path.encode())) == odd


@given(PATHS.filter(bool))
def test_a_split_path_is_the_same_path(path: str) -> None:
    start, size = ctypes.c_int64(), ctypes.c_int64()
    code = path.encode()
    functions().path_split.restype = ctypes.c_int64
    folder = functions().path_split(code, ctypes.byref(start), ctypes.byref(size))
    name = code[start.value : start.value + size.value]
    assert b"/" not in name
    assert name == posixpath.basename(code.rstrip(b"/"))
    assert code[:folder].rstrip(b"/") == posixpath.dirname(code.rstrip(b"/")).rstrip(b"/")


@given(ABSOLUTE, st.lists(ABSOLUTE.filter(lambda path: len(path) > 1), max_size=3, unique=True))
def test_host_paths_and_back(path: str, targets: list[str]) -> None:
    targets = [target.rstrip("/") for target in targets if target.strip("/")]
    binds = [(b"/host/%d" % at, target.encode(), WRITABLE) for at, target in enumerate(targets)]
    config = Config(functions(), *binds)
    assert config.to_guest(b"/srv/box" + path.encode()).decode() == path
    for source, target, _ in binds:
        assert config.to_guest(source + b"/x") == target + b"/x"


@given(ELF_FILES | st.binary(max_size=200) | ELF_FILES.map(lambda head: head[:-7]))
def test_elf_files(head: bytes) -> None:
    planned = library.plan(functions(), head[:ELF_HEAD])
    if not isinstance(planned, Plan):
        assert planned == library.ENOEXEC
        return
    assert planned.segments
    for segment in planned.segments:
        assert segment.start % 4096 == 0
        assert planned.low <= segment.start <= segment.file_end <= segment.end < 2**47
        assert segment.end <= planned.low + planned.size
        assert not segment.from_file or segment.offset % 4096 == 0
    assert planned.interpreter_size < 512


@given(st.binary(max_size=SCRIPT_HEAD) | st.text("#!/a \t\n", max_size=40).map(str.encode))
def test_first_lines(head: bytes) -> None:
    parsed = library.script(functions(), head)
    if not head.startswith(b"#!"):
        assert parsed == 0
    elif isinstance(parsed, tuple):
        interpreter, argument = parsed
        line = head[2:].split(b"\n")[0].split(b"\0")[0].strip(b" \t")
        assert line.startswith(interpreter)
        assert argument is None or line.endswith(argument)
    else:
        assert parsed == library.ENOEXEC


_FIELDS = st.sampled_from(
    [" ", "\t", "\n", "#", "127.64.4.1", "10.5.0.5", "1.2", "256.1.1.1", "db"]
)


@given(
    st.lists(_FIELDS | st.text(max_size=9)).map("".join), st.booleans(), st.integers(1, 2**32 - 1)
)
def test_hosts_files(text: str, is_reverse: bool, address: int) -> None:  # noqa: FBT001
    code = text.encode(errors="surrogatepass").partition(b"\0")[0]
    look = functions().hosts_look
    look.restype = ctypes.c_uint32
    other = look(code, int(is_reverse), ctypes.c_uint32(address))
    shown = str(ipaddress.IPv4Address(address))
    assert not other or shown.encode() in code or b"0" in code  # as leading zeroes do not count
