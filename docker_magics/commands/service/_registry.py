"""Images of services: pinned to a digest, so that every node runs the same one.

source: moby client/service_create.go: imageDigestAndPlatforms.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from docker_magics.cli.terminal import Terminal
from docker_magics.commands._reference import parse_reference
from docker_magics.engine import auth
from docker_magics.engine.client import Engine, path
from docker_magics.errors import EngineError
from docker_magics.wire import reference


def registry_headers(image: str) -> dict[str, str]:
    """The credentials of an image's registry, for the swarm's nodes to pull it with."""
    return auth.header_for(parse_reference(image).domain)


def put_tag(spec: dict[str, Any]) -> None:
    """Write the image with the tag that it has unsaid; what is no reference is the engine's."""
    container = spec["TaskTemplate"]["ContainerSpec"]
    with contextlib.suppress(reference.ReferenceError):
        container["Image"] = reference.parse(container["Image"]).tagged.familiar


def pin(
    engine: Engine, terminal: Terminal, spec: dict[str, Any], headers: Mapping[str, str]
) -> None:
    """Put the digest that the registry knows into a service's spec, and the image's platforms."""
    task = spec["TaskTemplate"]
    container = task["ContainerSpec"]
    image = parse_reference(container["Image"])
    try:
        target = path("distribution", container["Image"], "json")
        found = engine.request("GET", target, headers=headers).json()
    except EngineError:
        terminal.notify(
            f"image {container['Image']} could not be accessed on a registry to record\n"
            f"its digest. Each node will access {container['Image']} independently,\n"
            "possibly leading to different nodes running different\nversions of the image.\n"
        )
        return
    if not image.digest:
        container["Image"] = f"{image.tagged.familiar}@{found['Descriptor']['digest']}"
    if platforms := found.get("Platforms"):
        task["Placement"] = {**(task.get("Placement") or {}), "Platforms": _known(platforms)}


def _known(platforms: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Architectures that differ in their variant alone are none to choose by: arm."""
    return [
        {
            "OS": each.get("os", ""),
            "Architecture": "" if each.get("architecture") == "arm" else each["architecture"],
        }
        for each in platforms
    ]
