"""Images as checks look at them: what is in them, what they say, which steps made them."""

from __future__ import annotations

import time
from typing import Any

from docker_magics.engine.client import path

from .lab import Lab, is_running
from .language import Phrase

#: A start command that never ends is looked at for so long.
_PATIENCE_S = 10


def no_image(name: str) -> Phrase:
    """What is missing where there is no such image."""
    return Phrase(f"there is no image named `{name}`", f"`{name}`(이)라는 이미지가 없어요")


def container_output(lab: Lab, image: str, *command: str) -> str:
    """What a new container of an image writes until it ends, or for as long as a check waits."""
    name = str(lab.docker("run -d {image} {command}", image=image, command=list(command)))
    try:
        deadline = time.monotonic() + _PATIENCE_S
        while is_running(lab.container(name)) and time.monotonic() < deadline:
            time.sleep(0.05)
        return lab.logs(name).strip()
    finally:
        lab.docker("rm -f {name}", name=name)


def steps(lab: Lab, image: str) -> list[dict[str, Any]]:
    """An image's steps from the base up: CreatedBy (as the builder wrote it) and Size (bytes).

    source: Engine API, ImageHistory.
    """
    history: list[dict[str, Any]] = lab.engine.get(path("images", image, "history"))
    return history[::-1]


def added_steps(lab: Lab, image: str, base: str) -> list[dict[str, Any]]:
    """The steps that an image has on top of its base."""
    return steps(lab, image)[len(steps(lab, base)) :]


def find_step(history: list[dict[str, Any]], *patterns: str) -> int:
    """Where the first step with one of these words stands, from 0; -1 where there is none."""
    for number, step in enumerate(history):
        if any(pattern in step["CreatedBy"] for pattern in patterns):
            return number
    return -1
