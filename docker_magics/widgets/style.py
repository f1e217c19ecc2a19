"""The style of characters in a terminal, as control sequences change it.

source: ECMA-48, 8.3.117 SGR; xterm's control sequences, for 38 and 48.
"""

from __future__ import annotations

from collections.abc import Iterator

#: A colour: an index of the 256-colour palette, "#rrggbb", "inverse", or None for the default.
Colour = int | str | None

_LETTERS = {1: "b", 2: "d", 3: "i", 4: "u", 9: "s"}
_OFF = {22: "bd", 23: "i", 24: "u", 29: "s"}


class Style:
    """The current style of a terminal."""

    def __init__(self) -> None:
        self._front: Colour = None
        self._back: Colour = None
        self._letters = ""
        self._is_inverse = False

    def look(self) -> tuple[Colour, Colour, str]:
        """Return foreground, background and style letters.

        The letters of "bdius" stand for bold, dim, italic, underlined, struck through.
        """
        if not self._is_inverse:
            return self._front, self._back, self._letters
        front, back = self._front, self._back
        swapped = ("inverse" if back is None else back, "inverse" if front is None else front)
        return (*swapped, self._letters)

    def change(self, parameters: str) -> None:
        """Apply the parameters of an SGR sequence: `1;34`."""
        numbers = iter(
            [int(parameter or 0) for parameter in parameters.replace(":", ";").split(";")]
        )
        for number in numbers:
            self._apply(number, numbers)

    def _apply(self, number: int, rest: Iterator[int]) -> None:
        match number:
            case 0:
                self.__init__()  # type: ignore[misc]  # reset
            case 7 | 27:
                self._is_inverse = number == 7
            case 38 | 39:
                self._front = _extended(rest) if number == 38 else None
            case 48 | 49:
                self._back = _extended(rest) if number == 48 else None
            case _ if 30 <= number <= 37 or 90 <= number <= 97:
                self._front = _palette(number)
            case _ if 40 <= number <= 47 or 100 <= number <= 107:
                self._back = _palette(number - 10)
            case _ if number in _LETTERS:
                self._letters += _LETTERS[number] * (_LETTERS[number] not in self._letters)
            case _:
                cleared = _OFF.get(number, "")
                self._letters = "".join(letter for letter in self._letters if letter not in cleared)


def _palette(number: int) -> int:
    return number - 30 if number < 90 else number - 82


def _extended(rest: Iterator[int]) -> Colour:
    """Parse `5;N`, a palette index, or `2;R;G;B`, an RGB colour."""
    kind = next(rest, None)
    if kind == 5:
        number = next(rest, 256)
        return number if number < 256 else None
    if kind == 2:
        parts = [next(rest, 0) for _ in "rgb"]
        return "#" + "".join(f"{min(part, 255):02x}" for part in parts)
    return None
