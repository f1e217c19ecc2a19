"""docker manifest inspect: show the manifest of an image, or a manifest list."""

from __future__ import annotations

import json
from typing import Any

from docker_magics.cli.command import Command, flag, operands
from docker_magics.engine.client import Engine
from docker_magics.results.text import Text

from ._experimental import experimental
from ._image import fetch, go_json, index_of, raw, reference_of
from ._store import ManifestStore, NoSuchManifest


class ManifestInspect(Command):
    """Display an image manifest, or manifest list"""

    usage = "[OPTIONS] [MANIFEST_LIST] MANIFEST"
    long = experimental("inspect")

    insecure: bool = flag("--insecure", "Allow communication with an insecure registry")
    verbose: bool = flag("-v, --verbose", "Output additional info including layers and platform")
    manifests: list[str] = operands(1, 2)

    def run(self, engine: Engine) -> Text:  # noqa: ARG002 - only registries are asked
        """Return the manifest as JSON: of the local list, else of the registry.

        Raises:
            UsageError: the list on this machine does not have the manifest.
            RegistryError: the registry does not have it, or refuses.

        source: docker/cli, cli/command/manifest/inspect.go.
        """
        *lists, reference = map(reference_of, self.manifests)
        store = ManifestStore()
        manifest: dict[str, Any] | list[dict[str, Any]]
        if lists:
            manifest = store.image(lists[0], reference)
        else:
            try:
                manifest = store.images(reference)
            except NoSuchManifest:
                manifest = fetch(reference, insecure=self.insecure)
        if self.verbose:
            return Text(go_json(manifest, "\t"))
        if isinstance(manifest, list):
            return Text(index_of(reference, manifest).data.decode())
        return Text(json.dumps(json.loads(raw(manifest)), indent="\t", ensure_ascii=False))
