"""Pinning service images to a digest, so that all nodes run the same image.

source: moby client/service_create.go: imageDigestAndPlatforms.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from docker_magics.commands._reference import parse_reference
from docker_magics.engine import auth
from docker_magics.engine.client import Engine, path
from docker_magics.errors import EngineError
from docker_magics.wire import reference


def registry_headers(image: str) -> dict[str, str]:
    """Return the header with the registry's credentials, with which the nodes pull the image."""
    return auth.header_for(parse_reference(image).domain)


def put_tag(spec: dict[str, Any]) -> None:
    """Add the implicit tag to the image; the engine reports invalid references."""
    container = spec["TaskTemplate"]["ContainerSpec"]
    with contextlib.suppress(reference.ReferenceError):
        container["Image"] = reference.parse(container["Image"]).tagged.familiar


def pin(engine: Engine, spec: dict[str, Any], headers: Mapping[str, str]) -> list[str]:
    """Add the image's digest and platforms, as the registry reports them, to a service's spec.

    Returns:
        The warning to show after the request, if the registry does not report them.
    """
    task = spec["TaskTemplate"]
    container = task["ContainerSpec"]
    image = parse_reference(container["Image"])
    try:
        target = path("distribution", container["Image"], "json")
        distribution = engine.request("GET", target, headers=headers).json()
    except EngineError:
        name = container["Image"]
        warning = (
            f"image {name} could not be accessed on a registry to record\n"
            f"its digest. Each node will access {name} independently,\n"
            "possibly leading to different nodes running different\nversions of the image.\n"
        )
        return [warning]
    if not image.digest:
        container["Image"] = f"{image.tagged.familiar}@{distribution['Descriptor']['digest']}"
    if platforms := distribution.get("Platforms"):
        task["Placement"] = {
            **(task.get("Placement") or {}),
            "Platforms": _placement_platforms(platforms),
        }
    return []


def _placement_platforms(platforms: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Return the platforms for placement; arm variants do not constrain the architecture."""
    return [
        {
            "OS": platform.get("os", ""),
            "Architecture": ""
            if platform.get("architecture") == "arm"
            else platform["architecture"],
        }
        for platform in platforms
    ]
