"""The steps of an image from its archive, and what the layer of each step changes."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from docker_magics.commands.image._saved_image import Entry, Step, instruction, read_steps
from docker_magics.commands.image._waste import OPAQUE, WHITEOUT
from docker_magics.course.images import is_based_on, steps
from docker_magics.course.lab import Lab
from docker_magics.engine.client import path
from docker_magics.errors import UsageError


def saved_steps(lab: Lab, image: str) -> list[Step]:
    """Return the steps of an image, from the base up. Downloads the image from the engine.

    Raises:
        NotFound: the image does not exist.
        UsageError: the engine's archive of it cannot be read.

    source: Engine API, ImageGet.
    """
    with lab.engine.request("GET", path("images", image, "get"), stream=True) as response:
        try:
            return read_steps(response)
        except ValueError as error:
            raise UsageError(f"cannot draw {image}: {error}") from error


def base_length(lab: Lab, image: str, base: str | None) -> int:
    """Return how many of an image's first steps are those of its base image; 0 without one."""
    return len(steps(lab, base)) if base and is_based_on(lab, image, base) else 0


def title(step: Step) -> str:
    """Return a step's instruction; hashes of copied files are shortened."""
    return re.sub(r":([0-9a-f]{12})[0-9a-f]{52}\b", r":\1", instruction(step.created_by))


@dataclass
class Changes:
    """The paths that a layer added, changed (replaced) and hid (deleted), the largest files first.

    Folders end with `/`.
    """

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    hid: list[str] = field(default_factory=list)


def changes(layers: Sequence[Sequence[Entry]]) -> list[Changes]:
    """Return what each layer changes in the layers below it, from the base up."""
    present: set[str] = set()
    result = []
    for layer in layers:
        result.append(_changes(layer, present))
        present = {name for name in present if not _is_hidden(name, result[-1].hid)}
        present |= {name for name, _ in layer if WHITEOUT not in name}
    return result


def _changes(layer: Sequence[Entry], below: set[str]) -> Changes:
    layer_changes = Changes()
    for name, _ in sorted(layer, key=lambda entry: -(entry[1] or 0)):
        folder, last = posixpath.split(name)
        if last == OPAQUE:
            layer_changes.hid.append(f"{folder.rstrip('/')}/")
        elif last.startswith(WHITEOUT):
            hidden = posixpath.join(folder, last.removeprefix(WHITEOUT))
            layer_changes.hid.append(f"{hidden}/" if f"{hidden}/" in below else hidden)
        elif name not in below:
            layer_changes.added.append(name)
        elif not name.endswith("/"):  # a folder is there because something in it changed
            layer_changes.changed.append(name)
    return layer_changes


def _is_hidden(name: str, hidden: Sequence[str]) -> bool:
    return any(name == one or (one.endswith("/") and name.startswith(one)) for one in hidden)
