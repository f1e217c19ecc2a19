"""docker buildx imagetools inspect: show an image of a registry without pulling it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from docker_magics.cli.command import Command, flag, operand
from docker_magics.commands._reference import parse_reference
from docker_magics.engine.client import Engine
from docker_magics.engine.registry import Manifest, Repository
from docker_magics.errors import UsageError
from docker_magics.results.gotemplate import Template
from docker_magics.results.text import Text, aligned
from docker_magics.wire.reference import Reference

#: The format that prints the same as no format.
_WHOLE = "{{.Manifest}}"


class BuildxImagetoolsInspect(Command):
    """Show details of an image in the registry"""

    usage = "[OPTIONS] NAME"

    builder: str = flag("--builder string", "Override the configured builder instance")
    format: str = flag(
        "--format string",
        'Format the output using the given Go template (default "{{.Manifest}}")',
    )
    raw: bool = flag("--raw", "Show original, unformatted JSON manifest")
    name: str = operand()

    def run(self, engine: Engine) -> Text:  # noqa: ARG002 - only the registry is asked
        """Return what buildx prints.

        Raises:
            UsageError: --format and --raw were given.
            RegistryError: the registry does not have the image, or refuses.

        source: docker/buildx, util/imagetools/printers.go.
        """
        if self.format and self.raw:
            raise UsageError("format and raw cannot be used together")
        reference = parse_reference(self.name).tagged
        repository = Repository(reference)
        manifest = repository.manifest(reference.digest or reference.tag or "")
        if self.raw:
            return Text(manifest.data.decode())
        if self.format.replace(" ", "") in {"", _WHOLE}:
            return Text(_summary(reference, manifest))
        template = Template(self.format, functions={"json": _json})
        return Text(template.render(_fields(self.name, repository, manifest)) + "\n")


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _fields(name: str, repository: Repository, manifest: Manifest) -> dict[str, Any]:
    """Return what a template sees: the manifest, and the configuration of each platform."""
    if not manifest.is_index:
        config = _config(repository, manifest)
        return {"Name": name, "Manifest": manifest.descriptor, "Image": config}
    index = manifest.value
    shown = {
        "schemaVersion": 2,
        "mediaType": manifest.media_type,
        "digest": manifest.digest,
        "size": len(manifest.data),
        "manifests": index["manifests"],
    }
    if annotations := index.get("annotations"):
        shown["annotations"] = annotations
    images = {
        platform_name(entry["platform"]): _config(repository, repository.manifest(entry["digest"]))
        for entry in index["manifests"]
        if entry.get("platform", {}).get("os") not in {None, "unknown"}
    }
    only = next(iter(images.values())) if len(images) == 1 else images
    return {"Name": name, "Manifest": shown, "Image": only}


def _config(repository: Repository, manifest: Manifest) -> Any:
    return json.loads(repository.blob(manifest.value["config"]["digest"]))


def platform_name(platform: Mapping[str, Any]) -> str:
    """Return a platform as it is written: `linux/arm/v7`."""
    return "/".join(filter(None, map(platform.get, ("os", "architecture", "variant"))))


def _summary(reference: Reference, manifest: Manifest) -> str:
    rows = [
        ("Name:", str(reference)),
        ("MediaType:", manifest.media_type),
        ("Digest:", manifest.digest),
    ]
    text = aligned(rows)
    if not manifest.is_index:
        return text
    entries: list[tuple[str, str]] = []
    for place, entry in enumerate(manifest.value["manifests"]):
        entries += [("", "")] * (place > 0)
        entries += _entry_rows(reference, entry)
    return text + aligned([("", ""), ("Manifests:", "")]) + aligned(entries)


def _entry_rows(reference: Reference, entry: Mapping[str, Any]) -> list[tuple[str, str]]:
    rows = [
        ("  Name:", str(reference._replace(digest=entry["digest"]))),
        ("  MediaType:", entry["mediaType"]),
    ]
    if not (platform := entry.get("platform")):
        return rows
    rows.append(("  Platform:", platform_name(platform)))
    for name, value in (
        ("OSVersion", platform.get("os.version")),
        ("OSFeatures", ", ".join(platform.get("os.features") or [])),
        ("URLs", ", ".join(entry.get("urls") or [])),
    ):
        rows += [(f"  {name}:", value)] if value else []
    if annotations := entry.get("annotations"):
        rows.append(("  Annotations:", ""))
        rows += [(f"    {name}:", value) for name, value in sorted(annotations.items())]
    return rows
