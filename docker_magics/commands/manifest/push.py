"""docker manifest push: send a local manifest list to its registry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from docker_magics.cli.command import Command, flag, operand
from docker_magics.commands._reference import parse_reference
from docker_magics.engine.client import Engine
from docker_magics.engine.registry import Manifest, Repository
from docker_magics.errors import RegistryError
from docker_magics.results.text import Lines
from docker_magics.wire.reference import Reference

from ._experimental import experimental
from ._image import index_of, raw, reference_of
from ._store import ManifestStore


class ManifestPush(Command):
    """Push a manifest list to a repository"""

    usage = "[OPTIONS] MANIFEST_LIST"
    long = experimental("push")

    insecure: bool = flag("--insecure", "Allow push to an insecure registry")
    purge: bool = flag("-p, --purge", "Remove the local manifest list after push")
    manifest_list: str = operand()

    def run(self, engine: Engine) -> Lines:  # noqa: ARG002 - only registries are asked
        """Return what the CLI prints: the images that were copied, and the list's digest.

        Raises:
            UsageError: the list does not exist on this machine.
            RegistryError: an image has no platform, or the registry refuses.

        source: docker/cli, cli/command/manifest/push.go.
        """
        target, store = reference_of(self.manifest_list), ManifestStore()
        images = store.images(target)
        for image in images:
            _check_platform(image)
        index = index_of(target, images)
        repository = Repository(target, insecure=self.insecure)
        lines = Lines(_copy(repository, target, images))
        repository.put(target.tag or index.digest, index)
        if self.purge:
            store.remove(target)
        return Lines([*lines, index.digest])


def _check_platform(image: dict[str, Any]) -> None:
    platform = image["Descriptor"].get("platform") or {}
    if not (platform.get("os") and platform.get("architecture")):
        raise RegistryError(
            f"manifest {image['Ref']} must have an OS and Architecture to be pushed to a registry"
        )


def _copy(repository: Repository, target: Reference, images: Sequence[dict[str, Any]]) -> list[str]:
    """Copy the images of other repositories of the registry into the list's; return a line each."""
    lines = []
    for image in images:
        source = parse_reference(image["Ref"])
        if source.path == target.path:
            continue
        manifest = Manifest(raw(image), image["Descriptor"]["mediaType"])
        for blob in (manifest.value["config"], *manifest.value["layers"]):
            if not repository.mount(blob["digest"], source.path):
                mounted = f"{source.path}@{blob['digest']}"
                raise RegistryError(f"error mounting {mounted} to {target}")
        repository.put(manifest.digest, manifest)
        name = f"{target.name}@{manifest.digest}"
        lines.append(f"Pushed ref {name} with digest: {manifest.digest}")
    return lines
