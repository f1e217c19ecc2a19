"""Commands with several operands: one request for each, as in `docker stop a b c`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from docker_magics.errors import DockerMagicsError, EngineError
from docker_magics.results.text import Lines

Item = TypeVar("Item")
Result = TypeVar("Result")


def for_each(names: Sequence[str], action: Callable[[str], Any]) -> Lines:
    """Call `action` for every name, even if it fails for others. Return the successful names.

    Raises:
        DockerMagicsError: the action failed for some names; the message has a line for each, and
            `result` has the successful names.
    """

    def named(name: str) -> str:
        action(name)
        return name

    return collect(names, named, Lines)


def collect(
    names: Sequence[str], action: Callable[[str], Item], combine: Callable[[list[Item]], Result]
) -> Result:
    """Call `action` for every name, even if it fails for others, and combine the results.

    Args:
        names: the operands.
        action: name -> item.
        combine: combines the items of the successful names.

    Raises:
        DockerMagicsError: as `for_each`; `result` has the combined results.
    """
    items: list[Item] = []
    errors: list[DockerMagicsError] = []
    for name in names:
        try:
            items.append(action(name))
        except DockerMagicsError as error:
            errors.append(error)
    result = combine(items)
    if errors:
        raise merge_errors(errors, result)
    return result


def merge_errors(errors: Sequence[DockerMagicsError], partial_result: Any) -> DockerMagicsError:
    """Merge errors into one that has the partial result."""
    if len(errors) == 1:
        errors[0].result = partial_result
        return errors[0]
    hints = dict.fromkeys(error.hint for error in errors if error.hint)
    messages = "\n".join(error.message for error in errors)
    return EngineError(messages, hint="\n".join(hints) or None, result=partial_result)
