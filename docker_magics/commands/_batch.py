"""One request for each of several operands, as `docker stop a b c` does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from docker_magics.errors import DockerMagicsError, EngineError
from docker_magics.results.text import Lines

Got = TypeVar("Got")
Result = TypeVar("Result")


def for_each(names: Sequence[str], action: Callable[[str], Any]) -> Lines:
    """Do it for every name, whatever became of the others; the names that it was done for.

    Raises:
        EngineError: the first that failed (where several did: all, a line each); `result` has the
            names that it was done for.
    """

    def named(name: str) -> str:
        action(name)
        return name

    return collect(names, named, Lines)


def collect(
    names: Sequence[str], action: Callable[[str], Got], together: Callable[[list[Got]], Result]
) -> Result:
    """Do it for every name, whatever became of the others, and put together what that gave.

    Raises:
        EngineError: as of `each`; `result` has what the others gave, together.
    """
    found: list[Got] = []
    failed: list[EngineError] = []
    for name in names:
        try:
            found.append(action(name))
        except EngineError as error:
            failed.append(error)
    result = together(found)
    if failed:
        raise merge_errors(failed, result)
    return result


def merge_errors(errors: Sequence[EngineError], done: Any) -> DockerMagicsError:
    """Several errors as one, with what was done all the same."""
    if len(errors) == 1:
        errors[0].result = done
        return errors[0]
    hints = dict.fromkeys(error.hint for error in errors if error.hint)
    messages = "\n".join(error.message for error in errors)
    return EngineError(messages, hint="\n".join(hints) or None, result=done)
