"""Give the engine of a pod the images that the tests build."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from tools import images
from tools.pod import Pod


def cache_of(names: Sequence[str], folder: Path) -> Path:
    """Copy images to a folder that a pod may read; return it, for XDG_CACHE_HOME."""
    folder.chmod(0o755)
    add(folder, *map(images.built, names))
    return folder


def add(folder: Path, *archives: Path) -> None:
    """Copy further archives of images to such a folder."""
    cache = folder / images.CACHE.relative_to(images.CACHE.parent.parent)
    cache.mkdir(parents=True, exist_ok=True)
    for archive in archives:
        shutil.copy(archive, cache)


def load(machine: Pod, names: Sequence[str], cache: Path) -> None:
    """Load the images of the cache into the pod's engine, which starts if it does not run."""
    local = {"DOCKER_MAGICS_IMAGES": "local", "XDG_CACHE_HOME": str(cache)}
    machine.python("-m", "tools.images", *names, env=local, seconds=120)
