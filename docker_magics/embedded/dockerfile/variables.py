"""Variables in the arguments of instructions."""

from __future__ import annotations

from collections.abc import Mapping

from ...wire import expansion
from ..errors import BadParameter

#: The characters of all variables, and of what one instruction expands to.
_MAX_CHARACTERS = 8 << 20


class Variables:
    """Expands variables in an instruction's arguments.

    Args:
        values: the values by name.
        escape: the Dockerfile's escape character.

    Raises:
        BadParameter: they would fill the memory.
    """

    def __init__(self, values: Mapping[str, str], escape: str = "\\") -> None:
        self._values = values
        self._escape = escape
        self._remaining = _MAX_CHARACTERS
        self._count(*values.values())

    def expand(self, text: str) -> str:
        """Return one argument with its variables expanded.

        Raises:
            BadParameter: a syntax error, `${x?message}` of an unset variable, or too many
                characters.
        """
        try:
            expanded = expansion.expand(text, self._values, self._escape)
        except expansion.ExpansionError as error:
            raise BadParameter(str(error)) from error
        self._count(expanded)
        return expanded

    def split(self, text: str) -> list[str]:
        """Return one argument with its variables expanded, which may make it several.

        Raises:
            BadParameter: as `expand`.
        """
        try:
            fields = expansion.split(text, self._values, self._escape)
        except expansion.ExpansionError as error:
            raise BadParameter(str(error)) from error
        self._count(*fields)
        return fields

    def _count(self, *texts: str) -> None:
        self._remaining -= sum(map(len, texts))
        if self._remaining < 0:
            raise BadParameter(
                f"cannot expand the variables: more than {_MAX_CHARACTERS} characters"
            )
