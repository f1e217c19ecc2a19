"""Values as Go's %q prints them in an image's history."""

from __future__ import annotations

from collections.abc import Iterable

_ESCAPED_RUNES = {
    7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 39: "'", 92: "\\"
}  # fmt: skip


def quoted_list(texts: Iterable[str]) -> str:
    """Return a list as `["sh" "-c"]`."""
    escaped = (text.replace("\\", "\\\\").replace('"', '\\"') for text in texts)
    return "[" + " ".join(f'"{text}"' for text in escaped) + "]"


def quoted_rune(number: int) -> str:
    r"""Return a number as %q prints it, which takes it for a character: 3 as `'\x03'`."""
    if number in _ESCAPED_RUNES:
        return f"'\\{_ESCAPED_RUNES[number]}'"
    return f"'\\x{number:02x}'" if number < 32 else f"'{chr(number)}'"
