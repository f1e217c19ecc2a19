"""Resolves a process's user and groups by the container's /etc/passwd and /etc/group.

source: moby daemon/oci_linux.go: getUser; opencontainers/runc user.GetExecUser.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

_MAX_ID = (1 << 31) - 1
_NUMBER = re.compile(r"[+-]?\d+")


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


def resolve(text: str, extra: Iterable[str], read: ReadFile) -> User:
    """Return the user of `name`, `1000`, `name:group`, `1000:1000` or an empty text (root).

    Args:
        text: the value of USER or --user.
        extra: supplementary groups, by name or number.
        read: reads the container's files.

    Raises:
        NoSuchUser: a name is not in the container's files, or a number is out of range.
    """
    name, group = [*text.split(":"), ""][:2]
    users = [line.split(":") for line in read("/etc/passwd").splitlines() if line.count(":") >= 5]
    groups = [line.split(":") for line in read("/etc/group").splitlines() if line.count(":") >= 3]
    entry = next((user for user in users if user[0] == (name or "root")), None) or next(
        (user for user in users if user[2] == (name or "0")), None
    )
    if entry is not None:
        uid, gid, login, home = int(entry[2]), int(entry[3]), entry[0], entry[5]
    elif _NUMBER.fullmatch(name) or not name:
        uid, gid, login, home = _number(name or "0"), 0, "", "/"
    else:
        raise NoSuchUser("user", name)
    members = () if group else _memberships(login, groups)
    gid = _group(group, groups) if group else gid
    supplementary = dict.fromkeys([*members, *_extra_groups(extra, groups)])
    return User(uid, gid, tuple(supplementary), home or "/")


def _memberships(login: str, groups: list[list[str]]) -> tuple[int, ...]:
    return tuple(
        int(group[2]) for group in groups if login and login in group[3].split(",") and group[2]
    )


def _extra_groups(extra: Iterable[str], groups: list[list[str]]) -> tuple[int, ...]:
    try:
        return tuple(_group(name, groups) for name in extra)
    except NoSuchUser as error:  # moby, not runc, looks these up: its message is capitalized
        message = str(error)
        raise NoSuchUser(error.kind, error.name, message[0].upper() + message[1:]) from None


def _group(text: str, groups: list[list[str]]) -> int:
    entry = next((group for group in groups if text in {group[0], group[2]}), None)
    if entry is not None:
        return int(entry[2])
    if _NUMBER.fullmatch(text):
        return _number(text)
    raise NoSuchUser("group", text)


def _number(text: str) -> int:
    if not 0 <= int(text) <= _MAX_ID:
        raise NoSuchUser("user", text, "uids and gids must be in range 0-2147483647")
    return int(text)
