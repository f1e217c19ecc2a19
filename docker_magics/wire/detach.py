"""Detach keys, which leave a container's terminal without stopping it: by default ctrl-p ctrl-q.

source: moby pkg/term, ascii.go and proxy.go.
"""

from __future__ import annotations

import re

_DEFAULT = "ctrl-p,ctrl-q"
_SPECIAL = {"@": 0, "[": 27, "\\": 28, "]": 29, "^": 30, "_": 31}
#: A terminal's report that a program has requested, such as the cursor's position. It is not typed
#: input, and may arrive between two keys. source: ECMA-48, sections 8.3.14 (CPR), 8.3.24 (DA).
_REPORT = re.compile(rb"\x1b\[[?>]?[\d;]*[Rcn]")


class Detached(Exception):
    """The detach keys were typed."""


def read(text: str) -> bytes:
    """Return the bytes of a key sequence such as `ctrl-p,ctrl-q`.

    Raises:
        ValueError: the text is not a key sequence.
    """
    keys = bytearray()
    for word in text.split(","):
        key = word.lower().removeprefix("ctrl-")
        if word.lower().startswith("ctrl-") and len(key) == 1:
            if key.isalpha():
                keys.append(ord(key) - ord("a") + 1)
                continue
            if key in _SPECIAL:
                keys.append(_SPECIAL[key])
                continue
        if len(word) != 1:
            raise ValueError(f"Invalid detach keys ({text}) provided")
        keys += word.encode()
    return bytes(keys)


class DetachKeys:
    """Detects the detach keys in typed input.

    Args:
        text: the key sequence; "" for the default.
        active: whether the input is a terminal's, as only those have detach keys.

    Raises:
        ValueError: the text is not a key sequence.
    """

    def __init__(self, text: str, *, active: bool) -> None:
        self._keys = read(text or _DEFAULT)
        self._active = active
        self._typed = b""

    def passed(self, data: bytes) -> bytes:
        """Return the input for the process; a possible prefix of the sequence is held back.

        A terminal's report that arrives by itself does not interrupt the sequence.

        Raises:
            Detached: the sequence is complete.
        """
        if not self._active or _REPORT.fullmatch(data):
            return data
        out = bytearray()
        for byte in data:
            self._typed += bytes([byte])
            if self._typed == self._keys:
                raise Detached
            while self._typed and not self._keys.startswith(self._typed):
                out.append(self._typed[0])
                self._typed = self._typed[1:]
        return bytes(out)
