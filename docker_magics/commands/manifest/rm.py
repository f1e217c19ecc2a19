"""docker manifest rm: remove local manifest lists."""

from __future__ import annotations

from docker_magics.cli.command import Command, operands
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError

from ._experimental import experimental
from ._image import reference_of
from ._store import ManifestStore


class ManifestRm(Command):
    """Delete one or more manifest lists from local storage"""

    usage = "MANIFEST_LIST [MANIFEST_LIST...]"
    long = experimental("rm")

    manifest_lists: list[str] = operands(1)

    def run(self, engine: Engine) -> None:  # noqa: ARG002 - the CLI's configuration folder has them
        """Remove the lists.

        Raises:
            UsageError: some do not exist; the others were removed.

        source: docker/cli, cli/command/manifest/rm.go.
        """
        store, problems = ManifestStore(), []
        for name in self.manifest_lists:
            try:
                store.remove(reference_of(name))
            except UsageError as error:
                problems.append(error.message)
        if problems:
            raise UsageError("\n".join(problems))
