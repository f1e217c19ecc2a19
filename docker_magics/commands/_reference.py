"""The image, or the plugin, that a command line names."""

from __future__ import annotations

from docker_magics.errors import UsageError
from docker_magics.wire import reference


def parse_reference(text: str) -> reference.Reference:
    """What a registry knows by this name.

    Raises:
        UsageError: the text is no reference.
    """
    try:
        return reference.parse(text)
    except reference.ReferenceError as error:
        raise UsageError(str(error)) from error
