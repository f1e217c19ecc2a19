"""The description of a flag type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple


class FlagType(NamedTuple):
    """Converts a flag's text to a value.

    Attributes:
        parse: text -> value; raises ValueError with the CLI's message.
        many: whether a repeated flag appends to a list; `parse` returns one element.
        split: whether `parse` returns a list of elements (comma-separated values).
        bare: the value of the flag without an argument; None if one is required.
        zero: the value if the flag is missing.
    """

    parse: Callable[[str], Any]
    many: bool = False
    split: bool = False
    bare: str | None = None
    zero: Any = None

    @property
    def empty(self) -> Any:
        """A new zero value."""
        return [] if self.many else self.zero
