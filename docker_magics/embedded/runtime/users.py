"""Who a container's process is: names of its own /etc/passwd and /etc/group.

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
    """Reads a small text file of the container; empty where there is none."""

    def __call__(self, path: str) -> str: ...


class NoSuchUser(ValueError):
    """The container knows no user or group of that name.

    Attributes:
        kind: user or group.
        name: what was looked for.
    """

    def __init__(self, kind: str, name: str, words: str = "") -> None:
        file = "passwd" if kind == "user" else "group"
        missing = f"unable to find {kind} {name}: no matching entries in {file} file"
        super().__init__(words or missing)
        self.kind = kind
        self.name = name


@dataclass(frozen=True)
class User:
    """IDs, and the home folder."""

    uid: int
    gid: int
    groups: tuple[int, ...]
    home: str


def resolve(text: str, extra: Iterable[str], read: ReadFile) -> User:
    """The user that `name`, `1000`, `name:group`, `1000:1000` or nothing means.

    Args:
        text: as USER or --user have it.
        extra: further groups, by name or number.
        read: reads the container's files.

    Raises:
        NoSuchUser: a name that is not in the container's files, or a number out of range.
    """
    name, group = [*text.split(":"), ""][:2]
    users = [line.split(":") for line in read("/etc/passwd").splitlines() if line.count(":") >= 5]
    groups = [line.split(":") for line in read("/etc/group").splitlines() if line.count(":") >= 3]
    entry = next((each for each in users if each[0] == (name or "root")), None) or next(
        (each for each in users if each[2] == (name or "0")), None
    )
    if entry is not None:
        uid, gid, login, home = int(entry[2]), int(entry[3]), entry[0], entry[5]
    elif _NUMBER.fullmatch(name) or not name:
        uid, gid, login, home = _number(name or "0"), 0, "", "/"
    else:
        raise NoSuchUser("user", name)
    members = () if group else _memberships(login, groups)
    gid = _group(group, groups) if group else gid
    wanted = dict.fromkeys([*members, *_further(extra, groups)])
    return User(uid, gid, tuple(wanted), home or "/")


def _memberships(login: str, groups: list[list[str]]) -> tuple[int, ...]:
    return tuple(
        int(each[2]) for each in groups if login and login in each[3].split(",") and each[2]
    )


def _further(extra: Iterable[str], groups: list[list[str]]) -> tuple[int, ...]:
    try:
        return tuple(_group(each, groups) for each in extra)
    except NoSuchUser as error:  # moby looks these up itself, and begins with a capital
        words = str(error)
        raise NoSuchUser(error.kind, error.name, words[0].upper() + words[1:]) from None


def _group(text: str, groups: list[list[str]]) -> int:
    found = next((each for each in groups if text in {each[0], each[2]}), None)
    if found is not None:
        return int(found[2])
    if _NUMBER.fullmatch(text):
        return _number(text)
    raise NoSuchUser("group", text)


def _number(text: str) -> int:
    if not 0 <= int(text) <= _MAX_ID:
        raise NoSuchUser("user", text, "uids and gids must be in range 0-2147483647")
    return int(text)
