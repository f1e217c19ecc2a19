"""Detects entrypoint scripts that start as root, prepare folders and then drop privileges.

Such a script executes itself again as the other user. With one mapped user ID, the change of user
only appears to succeed, and the script would repeat itself forever. In proot, setpriv fails, as it
changes the group after the user. The script is therefore started as that user from the beginning,
who owns all files there.

source: the entrypoints of Docker's official images (redis, postgres, mariadb, mongo).
"""

from __future__ import annotations

import re

from . import users

SETPRIV = r"setpriv\s[^\n]*?--reuid[= ]"
#: The beginnings of all commands that change the user.
ANY = rf"gosu|su-exec|{SETPRIV}"


def target_user(script: str, read: users.ReadFile, commands: str = ANY) -> str:
    """Return the user that an entrypoint switches to; "" if none, or one that does not exist.

    Args:
        script: its path.
        read: reads the container's files.
        commands: SETPRIV or ANY: the commands to look for.
    """
    text = read(script)
    drop = rf"^[^#\n]*?\b(?:{commands})\s*[\"']?([a-z_][\w-]*)"
    match = re.search(drop, text, re.MULTILINE) if text.startswith("#!") else None
    if match is None:
        return ""
    try:
        users.resolve(match[1], (), read)
    except users.NoSuchUser:
        return ""
    return match[1]
