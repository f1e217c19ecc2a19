"""Helpers for checks of images: their output, their files, their build steps."""

from __future__ import annotations

import json
import re
import shlex
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from docker_magics.engine.client import path

from .lab import CHECK, Lab

#: Maximum seconds to wait for a start command that does not end.
_TIMEOUT_S = 10


def container_output(lab: Lab, image: str, *command: str) -> str:
    """Return the output of a new container until it ends, or until the timeout.

    Args:
        lab: the engine.
        image: the image's name.
        *command: replaces the image's entrypoint and command.
    """
    program = ["--entrypoint", command[0]] if command else []
    run = "run -d --label {label} {program} {image} {arguments}"
    name = str(
        lab.docker(run, label=CHECK, program=program, image=image, arguments=list(command[1:]))
    )
    try:
        lab.wait(name, _TIMEOUT_S)
        return lab.logs(name).strip()
    finally:
        lab.docker("rm -f {name}", name=name)


def steps(lab: Lab, image: str) -> list[dict[str, Any]]:
    """Return an image's build steps, oldest first.

    Each has at least CreatedBy (str, as the builder wrote it) and Size (int, bytes).

    source: Engine API, ImageHistory.
    """
    history: list[dict[str, Any]] = lab.engine.get(path("images", image, "history"))
    return history[::-1]


def added_steps(lab: Lab, image: str, base: str) -> list[dict[str, Any]]:
    """Return the build steps that an image adds to its base image."""
    return steps(lab, image)[len(steps(lab, base)) :]


def is_based_on(lab: Lab, image: str, base: str) -> bool:
    """Whether an image's first layers are those of its base image."""
    layers, inherited = _layers(lab, image), _layers(lab, base)
    return layers[: len(inherited)] == inherited


def _layers(lab: Lab, image: str) -> list[str]:
    inspected = lab.image(image)
    return (inspected["RootFS"].get("Layers") or []) if inspected else []


def find_step(history: list[dict[str, Any]], *patterns: str) -> int:
    """Return the index of the first step that contains one of the patterns; -1 if none does."""
    for number, step in enumerate(history):
        if any(pattern in step["CreatedBy"] for pattern in patterns):
            return number
    return -1


def is_instruction(step: dict[str, Any], *names: str) -> bool:
    """Whether a step is one of these instructions other than RUN, of either builder."""
    match = re.match(r"(?:/bin/sh -c #\(nop\)\s+)?([A-Z]+) ", step["CreatedBy"])
    return match is not None and match[1] in names


def is_written_down(step: dict[str, Any], value: str) -> bool:
    """Whether a step names a value that it should have measured."""
    return bool(re.search(rf"(echo|printf|ENV|ARG)\b[^|&;]*{value}", step["CreatedBy"]))


def health_question(config: dict[str, Any]) -> str:
    """Return the health check of an image or a container as a line for a shell; "" for none."""
    kind, *arguments = (config.get("Healthcheck") or {}).get("Test") or ["NONE"]
    if kind == "NONE":
        return ""
    return str(arguments[0]) if kind == "CMD-SHELL" else shlex.join(arguments)


def is_always_healthy(lab: Lab, image: str, question: str) -> bool:
    """Whether a health check succeeds in a container that runs nothing else."""
    if not question:
        return False
    return "well" in container_output(lab, image, "sh", "-c", f"({question}) && echo well")


def added_files(lab: Lab, image: str, base: str) -> list[list[str]]:
    """Return the paths in each layer that an image adds to its base image, bottom first.

    If its base is another one, those of all layers.

    source: OCI image layout, docker save.
    """
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder, "image.tar")
        lab.docker("save -o {archive} {image}", archive=archive, image=image)
        with tarfile.open(archive) as saved:
            manifest = json.load(_member(saved, "manifest.json"))
            inherited = len(_layers(lab, base)) if is_based_on(lab, image, base) else 0
            names = manifest[0]["Layers"][inherited:]
            return [_paths(saved, name) for name in names]


def _member(saved: tarfile.TarFile, name: str) -> Any:
    return saved.extractfile(name)


def _paths(saved: tarfile.TarFile, layer: str) -> list[str]:
    with tarfile.open(fileobj=_member(saved, layer)) as files:
        return [f"/{name.removeprefix('./').strip('/')}" for name in files.getnames()]
