"""docker manifest create: make a local list of the manifests of several platforms."""

from __future__ import annotations

import contextlib
from typing import Any

from docker_magics.cli.command import Command, flag, operand, operands
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError
from docker_magics.results.text import Text
from docker_magics.wire.reference import Reference

from ._experimental import experimental
from ._image import fetch_one, reference_of
from ._store import ManifestStore, NoSuchManifest


class ManifestCreate(Command):
    """Create a local manifest list for annotating and pushing to a registry"""

    usage = "MANIFEST_LIST MANIFEST [MANIFEST...]"
    long = experimental("create")

    amend: bool = flag("-a, --amend", "Amend an existing manifest list")
    insecure: bool = flag("--insecure", "Allow communication with an insecure registry")
    manifest_list: str = operand()
    manifests: list[str] = operands(1)

    def run(self, engine: Engine) -> Text:  # noqa: ARG002 - only registries are asked
        """Return what the CLI prints.

        Raises:
            UsageError: the list exists.
            RegistryError: a registry does not have an image, or refuses.

        source: docker/cli, cli/command/manifest/create_list.go.
        """
        target, store = reference_of(self.manifest_list), ManifestStore()
        with contextlib.suppress(NoSuchManifest):
            if store.images(target) and not self.amend:
                problem = "refusing to amend an existing manifest list with no --amend flag"
                raise UsageError(problem)
        for name in self.manifests:
            reference = reference_of(name)
            store.save(target, reference, self._image(store, target, reference))
        return Text(f"Created manifest list {target}")

    def _image(
        self, store: ManifestStore, target: Reference, reference: Reference
    ) -> dict[str, Any]:
        try:
            return store.image(target, reference)
        except NoSuchManifest:
            return fetch_one(reference, insecure=self.insecure)
