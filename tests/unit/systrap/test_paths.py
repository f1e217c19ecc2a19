"""Rules of paths, and the configuration that they read."""

from __future__ import annotations

import ctypes

import pytest
from unit.systrap.library import HOST, READ_ONLY, WRITABLE, Config

BINDS = (
    (b"/proc", b"/proc", HOST),
    (b"/home/me/data", b"/data", WRITABLE),
    (b"/home/me/deep", b"/data/deep", READ_ONLY),
    (b"/var/hosts", b"/etc/hosts", WRITABLE),
)


@pytest.fixture
def config(functions: ctypes.CDLL) -> Config:
    """A container with binds."""
    return Config(functions, *BINDS, shims=(8, 9), loopback=(7, 2))


def test_the_configuration_is_handed_on(functions: ctypes.CDLL, config: Config) -> None:
    longest_first = sorted(BINDS, key=lambda bind: -len(bind[1]))
    expected = Config(functions, *longest_first, shims=(8, 9), loopback=(7, 2))
    assert config.written() == expected.text


@pytest.mark.parametrize(
    ("path", "target"),
    [
        (b"/data", b"/data"),
        (b"/data/x", b"/data"),
        (b"/data/deep/x", b"/data/deep"),
        (b"/data/deeper", b"/data"),
        (b"/database", None),
        (b"/etc/hosts", b"/etc/hosts"),
        (b"/etc/hosts.deny", None),
        (b"/", None),
    ],
)
def test_the_innermost_bind_counts(
    functions: ctypes.CDLL, config: Config, path: bytes, target: bytes | None
) -> None:
    functions.path_bind.restype = ctypes.POINTER(ctypes.c_char_p)
    bind = functions.path_bind(config.pointer, path)
    assert (bind[1] if bind else None) == target


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (b"/a/b", 0), (b"/", 0), (b"a", 0), (b"/a/..b", 0), (b"/a/...", 0), (b"/.a", 0), (b"", 0),
        (b"/a/", 0), (b"/a/.", 1), (b"/a/..", 1), (b"/../a", 1), (b"/a//b", 1), (b"/./a", 1),
        (b"..", 1), (b".", 1), (b"./a", 1), (b"a/../b", 1), (b"//", 1),
    ],
)  # fmt: skip
def test_dots(functions: ctypes.CDLL, path: bytes, expected: int) -> None:
    assert functions.path_has_dots(path) == expected


@pytest.mark.parametrize(
    ("path", "walk", "name"),
    [
        (b"a", 0, 1), (b"a/b", 0, 0), (b".", 0, 0), (b"..", 1, 0), (b"../a", 1, 0), (b"...", 0, 1),
        (b"data", 1, 0), (b"data/x", 1, 0), (b"database", 0, 1), (b"deep", 1, 0), (b"hosts", 1, 0),
        (b"etc/passwd", 1, 0), (b"", 0, 0), (b"/a", 0, 0), (b"..a", 0, 1),
    ],
)  # fmt: skip
def test_what_the_kernel_may_look_up(
    functions: ctypes.CDLL, config: Config, path: bytes, walk: int, name: int
) -> None:
    assert functions.path_needs_walk(config.pointer, path) == walk
    assert functions.path_is_name(config.pointer, path) == name


@pytest.mark.parametrize(
    ("host", "guest"),
    [
        (b"/srv/box", b"/"),
        (b"/srv/box/etc/passwd", b"/etc/passwd"),
        (b"/srv/boxes", b"/srv/boxes"),
        (b"/home/me/data", b"/data"),
        (b"/home/me/data/x", b"/data/x"),
        (b"/home/me/deep/x", b"/data/deep/x"),
        (b"/proc/self", b"/proc/self"),
        (b"pipe:[1]", b"pipe:[1]"),
    ],
)
def test_paths_of_the_host_are_translated(config: Config, host: bytes, guest: bytes) -> None:
    assert config.to_guest(host) == guest


@pytest.mark.parametrize(
    ("path", "folder", "name"),
    [
        (b"/a/b", b"/a", b"b"), (b"/a", b"/", b"a"), (b"a", b"", b"a"), (b"a/b", b"a", b"b"),
        (b"/a/b//", b"/a", b"b"), (b"a//b", b"a", b"b"), (b"/", b"", b""), (b"//a", b"/", b"a"),
    ],
)  # fmt: skip
def test_the_last_name(functions: ctypes.CDLL, path: bytes, folder: bytes, name: bytes) -> None:
    start, size = ctypes.c_int64(), ctypes.c_int64()
    functions.path_split.restype = ctypes.c_int64
    length = functions.path_split(path, ctypes.byref(start), ctypes.byref(size))
    assert path[start.value : start.value + size.value] == name
    assert not name or path[:length] == folder


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (b"/proc/self/exe", 1), (b"/proc/thread-self/exe", 1), (b"/proc/12/exe", 1),
        (b"/proc/13/exe", 0), (b"/proc/12exe", 0), (b"/proc/exe", 0), (b"/proc/self/exes", 0),
        (b"proc/self/exe", 0),
    ],
)  # fmt: skip
def test_the_own_program(functions: ctypes.CDLL, path: bytes, expected: int) -> None:
    assert functions.path_is_own_exe(path, ctypes.c_int64(12)) == expected


@pytest.mark.parametrize(
    ("path", "rest"),
    [
        (b"/proc/1", b""), (b"/proc/1/fd/2", b"/fd/2"), (b"/proc/12/fd", None),
        (b"/proc/self", None),
    ],
)  # fmt: skip
def test_the_first_process(functions: ctypes.CDLL, path: bytes, rest: bytes | None) -> None:
    functions.path_below_init.restype = ctypes.c_char_p
    assert functions.path_below_init(path) == rest


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (b"/proc/self/loginuid", 1), (b"/proc/12/task/12/sessionid", 1), (b"/proc/loginuids", 0),
        (b"/home/loginuid", 0),
    ],
)  # fmt: skip
def test_files_of_audit(functions: ctypes.CDLL, path: bytes, expected: int) -> None:
    assert functions.path_is_audit(path) == expected
