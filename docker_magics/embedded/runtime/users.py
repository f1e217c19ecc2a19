"""Resolves a process's user and groups by the container's /etc/passwd and /etc/group.

source: moby daemon/oci_linux.go: getUser; opencontainers/runc user.GetExecUser.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

_MAX_ID = (1 << 31) - 1
_NUMBER = re.compile(r"[+-]?[0-9]{1,19}")


class ReadFile(Protocol):
    """Reads a small text file of the container; returns "" if it does not exist."""

    def __call__(self, path: str) -> str: ...


class NoSuchUser(ValueError):
    """The container has no user or group of that name.

    Attributes:
        kind: user or group.
        name: as it was given.
    """

    def __init__(self, kind: str, name: str, message: str = "") -> None:
        file = "passwd" if kind == "user" else "group"
        missing = f"unable to find {kind} {name}: no matching entries in {file} file"
        super().__init__(message or missing)
        self.kind = kind
        self.name = name


@dataclass(frozen=True)
class User:
    """User ID, group ID, supplementary groups and home folder."""

    uid: int
    gid: int
    groups: tuple[int, ...]
    home: str


class _Entry(NamedTuple):
    """A line of /etc/passwd or /etc/group.

    Attributes:
        name: of the user or group.
        number: its ID.
        fields: all fields of the line.
    """

    name: str
    number: int
    fields: list[str]


def resolve(text: str, extra: Iterable[str], read: ReadFile) -> User:
    """Return the user of `name`, `1000`, `name:group`, `1000:1000` or an empty text (root).

    A number is an ID, even if a name of the image looks like it.

    Args:
        text: the value of USER or --user.
        extra: supplementary groups, by name or number.
        read: reads the container's files, which may contain anything.

    Raises:
        NoSuchUser: a name is not in the container's files, or a number is out of range.
    """
    name, _, group = text.partition(":")
    group_file = read("/etc/group")
    entry = _find(name or "0", _entries(read("/etc/passwd"), fields=6))
    if entry is not None:
        uid, gid, home = entry.number, _number(entry.fields[3]), entry.fields[5]
    elif _is_number(name or "0"):
        uid, gid, home = _number(name or "0"), 0, "/"
    else:
        raise NoSuchUser("user", name)
    members = _memberships(entry.name, group_file) if entry and not group else ()
    gid = _group(group, group_file) if group else gid
    supplementary = dict.fromkeys([*members, *_extra_groups(extra, group_file)])
    return User(_number(str(uid)), gid, tuple(supplementary), home or "/")


def _entries(text: str, fields: int) -> Iterator[_Entry]:
    """Yield the lines that have so many fields, the third a number."""
    for line in text.splitlines():
        parts = line.split(":", 7)
        if len(parts) >= fields and _is_number(parts[2]):
            yield _Entry(parts[0], int(parts[2]), parts)


def _find(text: str, entries: Iterable[_Entry]) -> _Entry | None:
    """Return the first entry with a name or, for a number, an ID."""
    if _is_number(text):
        return next((entry for entry in entries if entry.number == int(text)), None)
    return next((entry for entry in entries if entry.name == text), None)


def _memberships(login: str, group_file: str) -> tuple[int, ...]:
    return tuple(
        _number(entry.fields[2])
        for entry in _entries(group_file, fields=4)
        if login and login in entry.fields[3].split(",")
    )


def _extra_groups(extra: Iterable[str], group_file: str) -> tuple[int, ...]:
    return tuple(_group(name, group_file) for name in extra)


def _group(text: str, group_file: str) -> int:
    entry = _find(text, _entries(group_file, fields=4))
    if entry is not None:
        return _number(entry.fields[2])
    if _is_number(text):
        return _number(text)
    raise NoSuchUser("group", text)


def _is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None


def _number(text: str) -> int:
    """Return an ID.

    Raises:
        NoSuchUser: it is not a number, or out of range.
    """
    if not _is_number(text) or not 0 <= int(text) <= _MAX_ID:
        raise NoSuchUser("user", text, "uids and gids must be in range 0-2147483647")
    return int(text)
