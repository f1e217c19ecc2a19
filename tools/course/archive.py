"""The course's images in one file, for a room without internet: `%docker load -i FILE`."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

from docker_magics import docker
from tools import images


def save(host: str, archive: Path) -> None:
    """Write the images, with all of their names, into a file as `docker save` does.

    Args:
        host: the engine that has them.
        archive: the file; compressed where its name ends in .gz, which `docker load` takes too.
    """
    tags = [tag for recipe in images.RECIPES.values() for tag in recipe.tags]
    archive.parent.mkdir(parents=True, exist_ok=True)
    plain = archive.with_suffix("") if archive.suffix == ".gz" else archive
    docker("-H {host} save -o {plain} {tags}", host=host, plain=plain, tags=tags)
    if plain != archive:
        with plain.open("rb") as source, gzip.open(archive, "wb", compresslevel=6) as target:
            shutil.copyfileobj(source, target)
        plain.unlink()
    print(f"{len(tags)} images in {archive} ({archive.stat().st_size / 1e6:.0f} MB).")
    print(f"In a notebook beside it: %docker load -i {archive.name}")
