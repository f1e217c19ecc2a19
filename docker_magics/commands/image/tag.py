"""docker tag: add a name to an image."""

from __future__ import annotations

from docker_magics.cli.command import Command, operand
from docker_magics.engine.client import Engine, path
from docker_magics.errors import UsageError
from docker_magics.wire import reference


class ImageTag(Command):
    """Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE"""

    usage = "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]"
    aliases = ("tag",)
    interspersed = False

    source: str = operand()
    target: str = operand()

    def run(self, engine: Engine) -> None:
        """Return None.

        source: Engine API, ImageTag.
        """
        if not reference.is_identity(self.source):
            _parsed(self.source)
        image = _parsed(self.target)
        if image.digest:
            raise UsageError("refusing to create a tag with a digest reference")
        query = {"repo": image.name, "tag": image.tagged.tag}
        engine.post(path("images", self.source, "tag"), query)


def _parsed(text: str) -> reference.Reference:
    try:
        return reference.parse(text)
    except reference.ReferenceError as error:
        message = f'error parsing reference: "{text}" is not a valid repository/tag'
        raise UsageError(f"{message}: {error}") from error
