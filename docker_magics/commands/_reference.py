"""References to images and plugins on command lines."""

from __future__ import annotations

from docker_magics.errors import UsageError
from docker_magics.wire import reference


def parse_reference(text: str) -> reference.Reference:
    """Parse a reference.

    Raises:
        UsageError: the text is not a reference.
    """
    try:
        return reference.parse(text)
    except reference.ReferenceError as error:
        raise UsageError(str(error)) from error
