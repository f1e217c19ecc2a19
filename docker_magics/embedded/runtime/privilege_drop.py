"""Entrypoints that begin as root, prepare folders, and give themselves up to another user.

Where there is one id nobody can become another: such a script, which begins again as who it has
become, would do so for ever. It begins as that user at once; there all files are its own anyway.

source: the entrypoints of Docker's official images (redis, postgres, mariadb, mongo).
"""

from __future__ import annotations

import re

from . import users

_DROPPED = re.compile(
    r"^[^#\n]*?\b(?:gosu|su-exec|setpriv\s[^\n]*?--reuid[= ])\s*[\"']?([a-z_][\w-]*)", re.MULTILINE
)


def target_user(script: str, read: users.ReadFile) -> str:
    """The user that an entrypoint becomes; "" where it becomes none, or none that there is.

    Args:
        script: where it lies.
        read: reads the container's files.
    """
    text = read(script)
    found = _DROPPED.search(text) if text.startswith("#!") else None
    if found is None:
        return ""
    try:
        users.resolve(found[1], (), read)
    except users.NoSuchUser:
        return ""
    return found[1]
