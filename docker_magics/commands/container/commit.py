"""docker commit: create an image from a container's changes."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag, operand
from docker_magics.commands._reference import parse_reference
from docker_magics.commands._session_label import instructions
from docker_magics.engine.client import Engine, checked_name, path
from docker_magics.errors import UsageError
from docker_magics.results.text import Text


class ContainerCommit(Command):
    """Create a new image from a container's changes"""

    usage = "[OPTIONS] CONTAINER [REPOSITORY[:TAG]]"
    aliases = ("commit",)
    interspersed = False

    author: str = flag(
        "-a, --author string", 'Author (e.g., "John Hannibal Smith <hannibal@a-team.com>")'
    )
    change: list[str] = flag(
        "-c, --change list", "Apply Dockerfile instruction to the created image"
    )
    message: str = flag("-m, --message string", "Commit message")
    no_pause: bool = flag("--no-pause", "Disable pausing container during commit")
    pause: bool = flag(
        "-p, --pause",
        "Pause container during commit",
        default=True,
        deprecated="and enabled by default. Use --no-pause to disable pausing during commit.",
    )
    container: str = operand()
    reference: str | None = operand(optional=True)

    def run(self, engine: Engine) -> Text:
        """Return the new image's ID.

        source: Engine API, ImageCommit.
        """
        query = {
            "container": checked_name("container", self.container),
            "comment": self.message,
            "author": self.author,
            "changes": [*instructions(engine), *self.change],
            "pause": "" if self.pause and not self.no_pause else "0",
        }
        # `null` means no config; Podman requires the body.
        answer = engine.request(
            "POST",
            path("commit"),
            query=query | self._name(),
            data=b"null",
            headers={"Content-Type": "application/json"},
        )
        return Text(answer.json()["Id"])

    def _name(self) -> dict[str, str | None]:
        if not self.reference:
            return {}
        name = parse_reference(self.reference).tagged
        if name.digest:
            raise UsageError("refusing to create a tag with a digest reference")
        return {"repo": name.name, "tag": name.tag}
