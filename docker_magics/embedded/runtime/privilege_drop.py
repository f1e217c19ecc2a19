"""Detects entrypoint scripts that start as root, prepare folders and then drop privileges.

Such a script executes itself again as the other user. With one mapped user ID, the change of user
only appears to succeed, and the script would repeat itself forever. In proot, setpriv fails, as it
changes the group after the user. The script is therefore started as that user from the beginning,
who owns all files there.

source: the entrypoints of Docker's official images (redis, postgres, mariadb, mongo).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from . import users

SETPRIV = r"setpriv\s[^\n]*?--reuid[= ]"
#: The beginnings of all commands that change the user.
ANY = rf"gosu|su-exec|{SETPRIV}"
#: Longer lines are passed over: a search takes quadratic time, and images are strangers'.
_MAX_LINE = 1000


def target_user(script: str, read: users.ReadFile, commands: str = ANY) -> str:
    """Return the user that an entrypoint switches to; "" if none, or one that does not exist.

    Args:
        script: its path.
        read: reads the container's files.
        commands: SETPRIV or ANY: the commands to look for.
    """
    text = read(script)
    name = next(_named_users(text, commands), "") if text.startswith("#!") else ""
    try:
        users.resolve(name, (), read)
    except users.NoSuchUser:
        return ""
    return name


def _named_users(script: str, commands: str) -> Iterator[str]:
    drop = re.compile(rf"[^#\n]*?\b(?:{commands})\s*[\"']?([a-z_][\w-]*)")
    for line in script.splitlines():
        if len(line) <= _MAX_LINE and (match := drop.match(line)):
            yield match[1]
