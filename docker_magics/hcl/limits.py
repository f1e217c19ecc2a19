"""Limits of an evaluation, so that a hostile file takes neither the memory nor the day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from .values import HclError

_Value = TypeVar("_Value")
#: The size of all values of an evaluation, and its steps: it ends within seconds and 100 MB.
_MAX = 4_000_000
#: What an element of a list, a key or a number counts, beside its characters.
_ELEMENT = 10


class Budget:
    """The size of the values and the steps that are left for an evaluation."""

    def __init__(self) -> None:
        self._left = _MAX

    def spend(self, amount: int) -> None:
        """Take an amount.

        Raises:
            HclError: less is left.
        """
        self._left -= amount
        if self._left < 0:
            raise HclError(f"its values and steps are more than {_MAX}")

    def paid(self, value: _Value) -> _Value:
        """Take the size of a value, and return the value.

        Raises:
            HclError: less is left.
        """
        self.spend(size(value))
        return value


def size(value: Any) -> int:
    """Return the size of a value: its characters and elements, counted up to the limit."""
    total, waiting = 0, [value]
    while waiting and total <= _MAX:
        match waiting.pop():
            case str() as text:
                total += len(text)
            case list() as values:
                waiting += values
            case dict() as pairs:
                waiting += [*pairs, *pairs.values()]
        total += _ELEMENT
    return total


def bounded(parts: Iterable[_Value], extra: int = 0) -> Iterator[_Value]:
    """Yield parts, with an extra length each, up to the limit.

    Raises:
        HclError: they are longer than the limit.
    """
    budget = Budget()
    for part in parts:
        budget.spend(extra)
        yield budget.paid(part)


def bounded_join(separator: str, texts: Iterable[str]) -> str:
    """Return texts with a separator between them.

    Raises:
        HclError: the text would be longer than the limit.
    """
    return separator.join(bounded(texts, len(separator)))
