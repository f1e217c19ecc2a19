"""docker buildx imagetools create: make an image of those that registries have."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docker_magics.cli.command import Command, flag, operands
from docker_magics.commands._reference import parse_reference
from docker_magics.engine.client import Engine
from docker_magics.engine.registry import Manifest, Repository
from docker_magics.errors import UsageError
from docker_magics.results.text import Text
from docker_magics.wire.media_types import DOCKER_INDEX, OCI_INDEX
from docker_magics.wire.reference import Reference

from .inspect import platform_name

_DOCKER = "application/vnd.docker."
_ANNOTATION = re.compile(
    r"(?:(?P<kind>[a-z-]+)(?:\[(?P<platform>[^\]]*)\])?:)?(?P<key>[^=]+)=(?P<value>.*)", re.DOTALL
)
#: The fields of an entry of an index.
_FIELDS = ("mediaType", "digest", "size", "urls", "annotations", "data", "platform", "artifactType")


@dataclass(frozen=True)
class _Source:
    """A manifest in a registry.

    Attributes:
        repository: where it is.
        manifest: the manifest of an image, or an index.
        descriptor: fields that override those of its entry.
    """

    repository: Repository
    manifest: Manifest
    descriptor: Mapping[str, Any]

    def entries(self) -> list[dict[str, Any]]:
        """Return its entries in a new index; that of an image has the platform."""
        if self.manifest.is_index:
            entries: list[dict[str, Any]] = self.manifest.value["manifests"]
            return entries
        config = json.loads(self.repository.blob(self.manifest.value["config"]["digest"]))
        keys = ("architecture", "os", "os.version", "os.features", "variant")
        platform = {key: config[key] for key in keys if config.get(key)}
        return [self.manifest.descriptor | {"platform": platform} | dict(self.descriptor)]


class BuildxImagetoolsCreate(Command):
    """Create a new image based on source images"""

    usage = "[OPTIONS] [SOURCE...]"

    annotation: list[str] = flag("--annotation stringArray", "Add annotation to the image")
    append: bool = flag("--append", "Append to existing manifest")
    builder: str = flag("--builder string", "Override the configured builder instance")
    dry_run: bool = flag("--dry-run", "Show final image instead of pushing")
    file: list[str] = flag("-f, --file stringArray", "Read source descriptor from file")
    prefer_index: bool = flag(
        "--prefer-index",
        "When only a single source is specified, prefer outputting an image index or manifest list"
        " instead of performing a carbon copy",
        default=True,
    )
    progress: str = flag("--progress string", "Set type of progress output", default="auto")
    tag: list[str] = flag("-t, --tag stringArray", "Set reference for new image")
    sources: list[str] = operands()

    def run(self, engine: Engine) -> Text | None:  # noqa: ARG002 - only registries are asked
        """Push the image; with --dry-run return its manifest.

        Raises:
            UsageError: sources or tags are missing.
            RegistryError: a registry does not have a source, or refuses.

        source: docker/buildx, commands/imagetools/create.go, util/imagetools/create.go.
        """
        names = [*map(_content, self.file), *self.sources]
        if not names:
            raise UsageError("no sources specified")
        if not (self.dry_run or self.tag):
            raise UsageError("can't push with no tags specified, please set --tag or --dry-run")
        targets = [parse_reference(tag).tagged for tag in self.tag]
        if self.append and self.tag:
            names = [self.tag[0], *names]
        sources = [_source(name, _only_repository(targets, names)) for name in names]
        manifest = self._combined(sources)
        if self.dry_run:
            return Text(f"{manifest.data.decode()}\n")
        for target in targets:
            repository = Repository(target)
            for source in sources:
                _copy(source.repository, source.manifest, repository)
            repository.put(target.tag or manifest.digest, manifest)
        return None

    def _combined(self, sources: Sequence[_Source]) -> Manifest:
        """Return the index of the sources' manifests; one source stays as it is if it is one."""
        first = sources[0].manifest
        if len(sources) == 1 and (first.is_index or not self.prefer_index):
            return first
        entries: dict[str, dict[str, Any]] = {}
        for source in sources:
            for entry in source.entries():
                known = entries.get(entry["digest"], {})
                entries[entry["digest"]] = _merged(known, entry)
        is_docker = all(entry["mediaType"].startswith(_DOCKER) for entry in entries.values())
        media_type = DOCKER_INDEX if is_docker else OCI_INDEX
        annotations = {} if is_docker else self._annotate(list(entries.values()))
        index = {
            "schemaVersion": 2,
            "mediaType": media_type,
            "manifests": [_in_order(entry) for entry in entries.values()],
            **({"annotations": dict(sorted(annotations.items()))} if annotations else {}),
        }
        data = json.dumps(index, indent=2, ensure_ascii=False).encode()
        return Manifest(data, media_type)

    def _annotate(self, entries: Sequence[dict[str, Any]]) -> dict[str, str]:
        """Add the annotations of manifests to their entries; return those of the index."""
        of_index: dict[str, str] = {}
        for text in self.annotation:
            match = _ANNOTATION.fullmatch(text)
            if match is None or match["kind"] not in {"index", "manifest-descriptor"}:
                kind = (match and match["kind"]) or ""
                raise UsageError(
                    f'"{kind}" annotations are not supported: write index:KEY=VALUE or'
                    " manifest-descriptor:KEY=VALUE"
                )
            if match["kind"] == "index":
                of_index[match["key"]] = match["value"]
                continue
            for entry in entries:
                if match["platform"] in {None, platform_name(entry.get("platform") or {})}:
                    entry.setdefault("annotations", {})[match["key"]] = match["value"]
        return of_index


def _merged(known: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entry of a manifest that two sources have."""
    annotations = {**known.get("annotations", {}), **entry.get("annotations", {})}
    result = {**known, **{key: value for key, value in entry.items() if value}}
    return result | ({"annotations": annotations} if annotations else {})


def _in_order(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields in the order of Go's struct."""
    return {key: entry[key] for key in _FIELDS if entry.get(key)}


def _content(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise UsageError(f"cannot read {name}: {str(error.strerror).lower()}") from error


def _only_repository(targets: Sequence[Reference], names: Sequence[str]) -> Reference | None:
    """Return the one repository of the line, to which digests alone refer; None for several."""
    named = [parse_reference(name) for name in names if not name.startswith(("sha256:", "{"))]
    repositories = {reference.name: reference for reference in (*named, *targets)}
    return next(iter(repositories.values())) if len(repositories) == 1 else None


def _source(name: str, default: Reference | None) -> _Source:
    """Return a source: a reference, or a digest or descriptor in the only repository.

    Raises:
        UsageError: the repository is unknown.
        RegistryError: the registry does not have the source.
    """
    descriptor: dict[str, Any] = {}
    if name.startswith("{"):
        try:
            descriptor = json.loads(name)
            name = descriptor["digest"]
        except (ValueError, KeyError) as error:
            raise UsageError(
                f'failed to parse source "{name}", valid sources are digests, references and'
                " descriptors"
            ) from error
    if name.startswith("sha256:"):
        if default is None:
            problem = f'multiple repositories specified, cannot infer repository for "{name}"'
            raise UsageError(problem)
        reference = default._replace(tag=None, digest=name)
    else:
        reference = parse_reference(name).tagged
    repository = Repository(reference)
    manifest = repository.manifest(reference.digest or reference.tag or "")
    return _Source(repository, manifest, descriptor)


def _copy(source: Repository, manifest: Manifest, target: Repository) -> None:
    """Copy a manifest, and what it refers to, into another repository."""
    if source.name == target.name:
        return
    if manifest.is_index:
        for entry in manifest.value["manifests"]:
            _copy(source, source.manifest(entry["digest"]), target)
    else:
        for blob in (manifest.value["config"], *manifest.value["layers"]):
            target.take(blob["digest"], source)
    target.put(manifest.digest, manifest)
