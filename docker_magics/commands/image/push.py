"""docker push: upload an image to a registry."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag, operand
from docker_magics.commands import _flags
from docker_magics.commands._platform import platform_json
from docker_magics.commands._transfer import transfer
from docker_magics.engine.client import Engine, path
from docker_magics.errors import UsageError
from docker_magics.results.layers import LayersProgress
from docker_magics.results.text import Shown, Text

from .pull import selected_reference, tag_notices


class ImagePush(Command):
    """Upload an image to a registry"""

    usage = "[OPTIONS] NAME[:TAG]"
    aliases = ("push",)

    all_tags: bool = flag("-a, --all-tags", "Push all tags of an image to the repository")
    disable_content_trust: bool = _flags.disable_content_trust()
    platform: str = flag(
        "--platform string",
        "Push a platform-specific manifest as a single-platform image to the registry.\n"
        "Image index won't be pushed, meaning that other manifests, including attestations won't"
        " be preserved.\n"
        "'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)",
    )
    quiet: bool = flag("-q, --quiet", "Suppress verbose output")
    name: str = operand()

    def run(self, engine: Engine) -> LayersProgress:
        """Return the progress of the layers; its result is the reference of what was pushed.

        source: Engine API, ImagePush.
        """
        image = selected_reference(self.name, all_tags=self.all_tags)
        if image.digest:
            raise UsageError("cannot push a digest reference")
        query = {"tag": image.tag, "platform": platform_json(engine, self.platform, since="1.46")}
        return transfer(
            engine,
            image,
            path("images", image.name, "push"),
            query=query,
            title=f"Pushing {image.familiar}",
            interrupted="The push was cancelled.",
            quiet=self.quiet,
            notices=[] if self.all_tags else tag_notices(self.name),
            result=Text if self.quiet else Shown,
        )
