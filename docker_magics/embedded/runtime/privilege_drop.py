"""Detects entrypoint scripts that start as root, prepare folders and then drop privileges.

Such a script executes itself again as the other user. With one mapped user ID, the change of user
only appears to succeed, and the script would repeat itself forever. It is therefore started as
that user from the beginning, who owns all files there.

source: the entrypoints of Docker's official images (redis, postgres, mariadb, mongo).
"""

from __future__ import annotations

import re

from . import users

_DROP_COMMAND = re.compile(
    r"^[^#\n]*?\b(?:gosu|su-exec|setpriv\s[^\n]*?--reuid[= ])\s*[\"']?([a-z_][\w-]*)", re.MULTILINE
)


def target_user(script: str, read: users.ReadFile) -> str:
    """Return the user that an entrypoint switches to; "" if none, or one that does not exist.

    Args:
        script: its path.
        read: reads the container's files.
    """
    text = read(script)
    match = _DROP_COMMAND.search(text) if text.startswith("#!") else None
    if match is None:
        return ""
    try:
        users.resolve(match[1], (), read)
    except users.NoSuchUser:
        return ""
    return match[1]
