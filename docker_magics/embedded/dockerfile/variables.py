"""Variables in the arguments of instructions."""

from __future__ import annotations

from collections.abc import Mapping

from ...wire import expansion
from ..errors import BadParameter


class Variables:
    """Expands variables in an instruction's arguments.

    Args:
        values: the values by name.
        escape: the Dockerfile's escape character.
    """

    def __init__(self, values: Mapping[str, str], escape: str = "\\") -> None:
        self._values = values
        self._escape = escape

    def expand(self, text: str) -> str:
        """Return one argument with its variables expanded.

        Raises:
            BadParameter: a syntax error, or `${x?message}` of an unset variable.
        """
        try:
            return expansion.expand(text, self._values, self._escape)
        except expansion.ExpansionError as error:
            raise BadParameter(str(error)) from error

    def split(self, text: str) -> list[str]:
        """Return one argument with its variables expanded, which may make it several.

        Raises:
            BadParameter: as `expand`.
        """
        try:
            return expansion.split(text, self._values, self._escape)
        except expansion.ExpansionError as error:
            raise BadParameter(str(error)) from error
