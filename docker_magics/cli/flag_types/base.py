"""What a kind of flag value is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FlagType:
    """How a flag's text becomes its value.

    Attributes:
        parse: text -> value; ValueError with the CLI's words where it is none.
        many: a repeated flag adds to a list; what `parse` gives is one element.
        split: `parse` gives a list of elements (values separated by commas).
        bare: the value of the flag given without one.
        zero: the value where the flag was not given.
    """

    parse: Callable[[str], Any]
    many: bool = False
    split: bool = False
    bare: str | None = None
    zero: Any = None

    @property
    def empty(self) -> Any:
        """A fresh value for a flag that was not given."""
        return [] if self.many else self.zero
