"""Extended attributes of files in archives: PAX headers `SCHILY.xattr.NAME`.

source: star's and GNU tar's PAX headers; moby pkg/archive, ReadSecurityXattrToTarHeader.
"""

from __future__ import annotations

import errno
import os

from ...wire.tarreader import XATTR
from . import whiteouts

CAPABILITY = "security.capability"
#: Prefixes of the attributes that a layer may have.
IN_LAYERS = (CAPABILITY, "user.")
#: Where a capability's version is, and the versions without and with a user namespace's root.
_VERSION_AT, _VERSION_2, _VERSION_3 = 3, 2, 3
_SIZE_OF_VERSION_2 = 20


def headers_of(path: str, prefixes: tuple[str, ...]) -> dict[str, str]:
    """Return a file's attributes as PAX headers, except for overlayfs's.

    Args:
        path: leads to the file itself, as /proc/self/fd/N does; a link is followed.
        prefixes: of the attributes' names.
    """
    try:
        names = os.listxattr(path)
    except OSError as error:
        if error.errno in {errno.ENOTSUP, errno.EPERM}:
            return {}
        raise
    return {
        XATTR + name: _value(path, name).decode("utf-8", "surrogateescape")
        for name in sorted(names)
        if name.startswith(prefixes) and not name.startswith(whiteouts.OWN_ATTRIBUTES)
    }


def _value(path: str, name: str) -> bytes:
    value = os.getxattr(path, name)
    if name == CAPABILITY and value[_VERSION_AT] == _VERSION_3:
        # The root that it names is another one where the archive is unpacked.
        value = value[:_VERSION_AT] + bytes([_VERSION_2]) + value[_VERSION_AT + 1 :]
        return value[:_SIZE_OF_VERSION_2]
    return value
