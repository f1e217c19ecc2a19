"""Helpers for checks of images: their output, their files, their build steps."""

from __future__ import annotations

import time
from typing import Any

from docker_magics.engine.client import path

from .lab import Lab, is_running
from .language import Phrase

#: Maximum seconds to wait for a start command that does not end.
_TIMEOUT_S = 10


def no_image(name: str) -> Phrase:
    """Return the phrase for an image that does not exist."""
    return Phrase(f"there is no image named `{name}`", f"`{name}`(이)라는 이미지가 없어요")


def container_output(lab: Lab, image: str, *command: str) -> str:
    """Return the output of a new container until it ends, or until the timeout."""
    name = str(lab.docker("run -d {image} {command}", image=image, command=list(command)))
    try:
        deadline = time.monotonic() + _TIMEOUT_S
        while is_running(lab.container(name)) and time.monotonic() < deadline:
            time.sleep(0.05)
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


def find_step(history: list[dict[str, Any]], *patterns: str) -> int:
    """Return the index of the first step that contains one of the patterns; -1 if none does."""
    for number, step in enumerate(history):
        if any(pattern in step["CreatedBy"] for pattern in patterns):
            return number
    return -1
