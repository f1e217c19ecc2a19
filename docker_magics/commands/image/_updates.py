"""docker images --updates: the images of which a registry has another version.

source: Engine API, DistributionInspect, ImageInspect.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from docker_magics.engine import auth
from docker_magics.engine.client import Engine, path
from docker_magics.errors import EngineError
from docker_magics.results import human
from docker_magics.wire import reference

from ._names import NONE, Tagged, tagged

if TYPE_CHECKING:
    from docker_magics.results.table import Table

_PARALLEL_REQUESTS = 8

AVAILABLE, CURRENT, NOT_FROM_A_REGISTRY = "available", "up to date", "not from a registry"


def updates(engine: Engine, images: Sequence[Mapping[str, Any]]) -> Table:
    """Ask the registries for the current digest of each tag.

    Returns:
        A Table with the columns REPOSITORY, TAG, IMAGE ID, UPDATE (str): `available`, `up to date`,
        `not from a registry` or `unknown: REASON`.
    """
    rows = [row for image in images for row in tagged(image, digests=False) if row.tag != NONE]
    with ThreadPoolExecutor(_PARALLEL_REQUESTS) as pool:
        return _table(rows, list(pool.map(functools.partial(_update, engine), rows)))


def _update(engine: Engine, row: Tagged) -> str:
    image = reference.parse(f"{row.repository}:{row.tag}")
    try:
        # a list that is filtered by names leaves out the digests
        details = engine.get(path("images", row.image["Id"], "json"))
        if not _is_pulled(engine, details, image) or not (digests := _digests(details, image)):
            return NOT_FROM_A_REGISTRY
        target = path("distribution", image.familiar, "json")
        response = engine.request("GET", target, headers=auth.header_for(image.domain))
    except EngineError as error:
        return f"unknown: {error.message}"
    return CURRENT if response.json()["Descriptor"]["digest"] in digests else AVAILABLE


def _is_pulled(engine: Engine, details: Mapping[str, Any], name: reference.Reference) -> bool:
    """Return False if the image is known not to come from the repository of a name.

    With containerd's image store an image that was built or loaded has digests as well. Since API
    1.53 its identity names the repositories, without ports, that it was pulled from or pushed to.
    """
    if not details.get("Descriptor") or not engine.supports("1.53"):
        return True
    pulls = (details.get("Identity") or {}).get("Pull") or ()
    return re.sub(r":\d+/", "/", name.name) in {pull.get("Repository") for pull in pulls}


def _digests(details: Mapping[str, Any], name: reference.Reference) -> set[str]:
    """Return the digests that the image had in the repository of a name."""
    names = [text.rpartition("@") for text in details.get("RepoDigests") or ()]
    return {
        digest for repository, _, digest in names if repository in {name.name, name.familiar_name}
    }


def _table(rows: Sequence[Tagged], answers: Sequence[str]) -> Table:
    from docker_magics.results.table import Column, make

    columns = [
        Column("REPOSITORY", lambda line: line[0].repository),
        Column("TAG", lambda line: line[0].tag),
        Column("IMAGE ID", lambda line: human.short_id(line[0].image["Id"])),
        Column("UPDATE", lambda line: line[1]),
    ]
    return make(columns, list(zip(rows, answers, strict=True)))
