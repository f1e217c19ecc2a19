"""Users and groups by a container's passwd and group files."""

from __future__ import annotations

import pytest

from docker_magics.embedded.runtime import privilege_drop, users
from docker_magics.embedded.runtime.users import NoSuchUser, User

FILES = {
    "/etc/passwd": (
        "root:x:0:0:root:/root:/bin/sh\n"
        "app:x:1000:1001:App:/home/app:/bin/sh\n"
        "homeless:x:1002:1002:::\n"
        "42:x:7:7::/seven:\n"
        "4242:x:0:0::/root:\n"
        "bad:x:zero:0::/:\n"
        "worse:x:8:zero::/:\n"
        "arabic:x:\u0663:3::/:\n"
        "last:x:4294967295:0::/:\n"
        "minus:x:-5:0::/:\n"
        f"huge:x:{'9' * 5000}:0::/:\n"
        "damaged:x\n"
    ),
    "/etc/group": (
        "root:x:0:\nusers:x:100:app,other\naudio:x:29:other,app\n1234:x:55:\nx:x:9\nempty:x:10:\n"
    ),
}


def read(path: str) -> str:
    """Read a file of the container."""
    return FILES.get(path, "")


def nothing(_path: str) -> str:
    """Read a file of an empty container."""
    return ""


@pytest.mark.parametrize(
    ("text", "user"),
    [
        ("", User(0, 0, (), "/root")),
        ("root", User(0, 0, (), "/root")),
        ("0", User(0, 0, (), "/root")),
        ("app", User(1000, 1001, (100, 29), "/home/app")),
        ("1000", User(1000, 1001, (100, 29), "/home/app")),
        ("app:users", User(1000, 100, (), "/home/app")),
        ("app:0", User(1000, 0, (), "/home/app")),
        ("4711", User(4711, 0, (), "/")),
        ("4711:4712", User(4711, 4712, (), "/")),
        ("+5", User(5, 0, (), "/")),
        ("homeless", User(1002, 1002, (), "/")),
        ("42", User(42, 0, (), "/")),  # not the user of that name
        ("4242:4242", User(4242, 4242, (), "/")),
        ("7", User(7, 7, (), "/seven")),
        ("app:1234", User(1000, 1234, (), "/home/app")),  # not the group of that name
        ("2147483647:2147483647", User(2147483647, 2147483647, (), "/")),
    ],
)
def test_resolve(text: str, user: User) -> None:
    assert users.resolve(text, (), read) == user


def test_supplementary_groups() -> None:
    user = users.resolve("app", ["audio", "empty", "77", "77"], read)
    assert user.groups == (100, 29, 10, 77)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nobody", "unable to find user nobody: no matching entries in passwd file"),
        ("damaged", "unable to find user damaged: no matching entries in passwd file"),
        ("app:nope", "unable to find group nope: no matching entries in group file"),
        ("app:x", "unable to find group x: no matching entries in group file"),
        ("-1", "uids and gids must be in range 0-2147483647"),
        ("2147483648", "uids and gids must be in range 0-2147483647"),
        ("0:99999999999", "uids and gids must be in range 0-2147483647"),
        ("bad", "unable to find user bad: no matching entries in passwd file"),
        ("arabic", "unable to find user arabic: no matching entries in passwd file"),
        ("huge", "unable to find user huge: no matching entries in passwd file"),
        ("\u0663", "unable to find user \u0663: no matching entries in passwd file"),
        ("9" * 30, f"unable to find user {'9' * 30}: no matching entries in passwd file"),
        ("worse", "uids and gids must be in range 0-2147483647"),
        ("last", "uids and gids must be in range 0-2147483647"),
        ("minus", "uids and gids must be in range 0-2147483647"),
        ("../../x", "unable to find user ../../x: no matching entries in passwd file"),
    ],
)
def test_unknown_names_and_numbers(text: str, message: str) -> None:
    with pytest.raises(NoSuchUser) as caught:
        users.resolve(text, (), read)
    assert str(caught.value) == message


def test_unknown_supplementary_groups_have_a_capitalized_message() -> None:
    with pytest.raises(NoSuchUser) as caught:
        users.resolve("", ["nope"], read)
    assert str(caught.value).startswith("Unable to find group nope")
    assert (caught.value.kind, caught.value.name) == ("group", "nope")


def test_containers_without_files() -> None:
    assert users.resolve("", (), nothing) == User(0, 0, (), "/")
    assert users.resolve("12:34", ["56"], nothing) == User(12, 34, (56,), "/")
    with pytest.raises(NoSuchUser):
        users.resolve("root", (), nothing)


@pytest.mark.parametrize(
    ("script", "user"),
    [
        ('#!/bin/sh\nexec gosu app "$0" "$@"\n', "app"),
        ("#!/bin/bash\nset -e\n\texec su-exec 'app' redis\n", "app"),
        ("#!/bin/sh\nexec setpriv --reuid=app --clear-groups x\n", "app"),
        ("#!/bin/sh\nexec setpriv --init-groups --reuid app x\n", "app"),
        ("#!/bin/sh\n# exec gosu app\nexec x\n", ""),
        ("#!/bin/sh\nexec gosu nobody x\n", ""),  # does not exist
        ("#!/bin/sh\nexec x\n", ""),
        ("#!/bin/sh\n" + "setpriv " * 60_000 + "\nexec gosu app x\n", "app"),
        ("\x7fELF gosu app", ""),
        ("", ""),
    ],
)
def test_entrypoints_that_drop_privileges(script: str, user: str) -> None:
    def read_script(path: str) -> str:
        return script if path == "/entrypoint" else read(path)

    assert privilege_drop.target_user("/entrypoint", read_script) == user
