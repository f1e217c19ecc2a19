"""docker pull: download an image from a registry."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag, operand
from docker_magics.commands import _flags
from docker_magics.commands._platform import checked_platform, chosen_platform
from docker_magics.commands._reference import parse_reference
from docker_magics.commands._transfer import transfer
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError
from docker_magics.results.layers import LayersProgress
from docker_magics.wire.reference import Reference


class ImagePull(Command):
    """Download an image from a registry"""

    usage = "[OPTIONS] NAME[:TAG|@DIGEST]"
    aliases = ("pull",)

    all_tags: bool = flag("-a, --all-tags", "Download all tagged images in the repository")
    disable_content_trust: bool = _flags.disable_content_trust()
    platform: str = flag("--platform string", "Set platform if server is multi-platform capable")
    quiet: bool = flag("-q, --quiet", "Suppress verbose output")
    reference: str = operand()

    def run(self, engine: Engine) -> LayersProgress:
        """Return the progress of the layers; its result is the reference of what was pulled.

        source: Engine API, ImageCreate.
        """
        image = selected_reference(self.reference, all_tags=self.all_tags)
        query = {
            "fromImage": image.name,
            "tag": image.digest or image.tag,
            "platform": checked_platform(chosen_platform(self.platform)),
        }
        return transfer(
            engine,
            image,
            "/images/create",
            query=query,
            title=f"Pulling {image.familiar}",
            interrupted="The pull was cancelled.",
            quiet=self.quiet,
            notices=[] if self.all_tags else tag_notices(self.reference),
        )


def tag_notices(text: str) -> list[str]:
    """Return the notice about a reference without a tag or digest."""
    image = parse_reference(text)
    return [] if image.tag or image.digest else [f"Using default tag: {image.tagged.tag}"]


def selected_reference(text: str, *, all_tags: bool) -> Reference:
    """Return the reference to transfer: with its tag, or without for the whole repository.

    Raises:
        UsageError: the text is not a reference, or has a tag despite --all-tags.
    """
    image = parse_reference(text)
    if not all_tags:
        return image.tagged
    if image.tag or image.digest:
        raise UsageError("tag can't be used with --all-tags/-a")
    return image
