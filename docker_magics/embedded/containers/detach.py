"""The keys that leave a container without ending it: ctrl-p ctrl-q, or others.

source: moby pkg/term, ascii.go and proxy.go.
"""

from __future__ import annotations

from ..errors import BadParameter

_DEFAULT = "ctrl-p,ctrl-q"
_SPECIAL = {"@": 0, "[": 27, "\\": 28, "]": 29, "^": 30, "_": 31}


class Detached(Exception):
    """The keys were typed."""


def read(text: str, kind: str = "detach") -> bytes:
    """The bytes of `ctrl-p,ctrl-q`.

    Args:
        text: the keys.
        kind: what they are called where they make no sense.

    Raises:
        BadParameter: it is no sequence of keys.
    """
    found = bytearray()
    for word in text.split(","):
        key = word.lower().removeprefix("ctrl-")
        if word.lower().startswith("ctrl-") and len(key) == 1:
            if key.isalpha():
                found.append(ord(key) - ord("a") + 1)
                continue
            if key in _SPECIAL:
                found.append(_SPECIAL[key])
                continue
        if len(word) != 1:
            raise BadParameter(f"Invalid {kind} keys ({text}) provided")
        found += word.encode()
    return bytes(found)


class DetachKeys:
    """Looks for the keys in what is typed.

    Args:
        text: of the request; the usual ones where it is empty.
        active: only a terminal has detach keys.
    """

    def __init__(self, text: str, *, active: bool) -> None:
        self._keys = read(text or _DEFAULT)
        self._active = active
        self._typed = b""

    def passed(self, data: bytes) -> bytes:
        """What goes on to the process: keys that may begin the sequence wait.

        Raises:
            Detached: the sequence is complete.
        """
        if not self._active:
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
