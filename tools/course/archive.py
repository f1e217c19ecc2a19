"""Save the course's images to a file, for rooms without internet: `%docker load -i FILE`.

A table beside it names the Debian packages in the images, and their sources.
"""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

from docker_magics import docker
from tools import images
from tools.course import packages


def save(host: str, archive: Path) -> None:
    """Save the images with all of their tags to a file, as `docker save` does.

    Args:
        host: the address of an engine that has the images.
        archive: the file; a name that ends in .gz is compressed, which `docker load` accepts.
    """
    tags = [tag for recipe in images.RECIPES.values() for tag in recipe.tags]
    archive.parent.mkdir(parents=True, exist_ok=True)
    plain = archive.with_suffix("") if archive.suffix == ".gz" else archive
    docker("-H {host} save -o {plain} {tags}", host=host, plain=plain, tags=tags)
    if plain != archive:
        with plain.open("rb") as source, gzip.open(archive, "wb", compresslevel=6) as target:
            shutil.copyfileobj(source, target)
        plain.unlink()
    table = archive.parent / f"{archive.name.partition('.')[0]}.packages.tsv"
    packages.write(host, [recipe.tags[0] for recipe in images.RECIPES.values()], table)
    print(f"Saved {len(tags)} images to {archive} ({archive.stat().st_size / 1e6:.0f} MB).")
    print(f"Their Debian packages and sources are listed in {table}.")
    print(f"Load them in a notebook in the same folder: %docker load -i {archive.name}")
