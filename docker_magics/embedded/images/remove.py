"""Removing images, with dockerd's conflicts.

source: Engine API, ImageDelete, ImagePrune; moby daemon/images/image_delete.go.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ...wire import reference as names
from ..errors import ApiError, Conflict
from ..filtering import passes_prune, refuse_unknown, truth, until
from .listing import created_ns

if TYPE_CHECKING:
    from ...wire.filters import Filters
    from ...wire.reference import Reference
    from ..engine import Engine
    from .image import Image

Records = list[dict[str, str]]


def remove(engine: Engine, text: str, *, force: bool, prune: bool) -> Records:
    """Remove a name, and the image where it was the last one; gives the API's records.

    Raises:
        NotFound: there is no such image.
        Conflict: something needs it.
    """
    store = engine.images
    with store.lock:
        image = store.resolve(text)
        references = store.references.of(image.id)
        records: Records = []
        by_name = not _is_id_of(text, image)
        if by_name:
            reference = names.parse(text).tagged
            if not force and _is_single(references):
                _refuse_used_name(engine, image, text)
            _untag(engine, image, reference, records)
            if not reference.digest:
                _remove_lone_digests(engine, image, reference, records)
            if store.references.of(image.id):
                return records
        elif _is_single(references):
            _check(engine, image, force=force, references=False)
            for reference in references:
                _untag(engine, image, reference, records)
        _delete(engine, image, records, force=force, prune=prune, quiet=by_name)
    return records


def _is_id_of(text: str, image: Image) -> bool:
    match = re.fullmatch(r"(?:sha256:)?([0-9a-f]+)", text)
    return bool(match) and image.id.removeprefix("sha256:").startswith(match[1]) if match else False


def _is_single(references: list[Reference]) -> bool:
    """Whether all names are of one repository and at most one of them is a tag."""
    if len(references) <= 1:
        return len(references) == 1
    tags = [each for each in references if each.tag]
    return len(tags) <= 1 and len({each.name for each in references}) == 1


def _refuse_used_name(engine: Engine, image: Image, text: str) -> None:
    users = engine.containers.using_image(image.id)
    if users:
        raise Conflict(
            f'conflict: unable to remove repository reference "{text}" (must force)'
            f" - container {users[0].id[:12]} is using its referenced image {_short(image)}"
        )


def _short(image: Image) -> str:
    return image.id.removeprefix("sha256:")[:12]


def _untag(engine: Engine, image: Image, reference: Reference, records: Records) -> None:
    engine.images.references.delete(reference)
    engine.images.log("untag", image, image.id)
    records.append({"Untagged": reference.familiar})


def _remove_lone_digests(
    engine: Engine, image: Image, removed: Reference, records: Records
) -> None:
    """Digests of a repository go with its last tag."""
    left = engine.images.references.of(image.id)
    same = [each for each in left if each.name == removed.name]
    if all(each.digest for each in same):
        for each in same:
            engine.images.references.delete(each)
            records.append({"Untagged": each.familiar})


def _check(engine: Engine, image: Image, *, force: bool, references: bool = True) -> None:
    """Refuse where something needs the image.

    Raises:
        Conflict: in dockerd's words.
    """
    short = _short(image)
    users = engine.containers.using_image(image.id)
    hard = f"conflict: unable to delete {short} (cannot be forced) - "
    soft = f"conflict: unable to delete {short} (must be forced) - "
    if engine.images.children(image):
        raise Conflict(f"{hard}image has dependent child images")
    running = [each for each in users if each.running]
    if running:
        raise Conflict(f"{hard}image is being used by running container {running[0].id[:12]}")
    if force:
        return
    if references and len(engine.images.references.of(image.id)) > 0:
        raise Conflict(f"{soft}image is referenced in multiple repositories")
    if users:
        raise Conflict(f"{soft}image is being used by stopped container {users[0].id[:12]}")


def _delete(
    engine: Engine, image: Image, records: Records, *, force: bool, prune: bool, quiet: bool
) -> None:
    store = engine.images
    try:
        _check(engine, image, force=force)
    except Conflict:
        is_dangling = not store.references.of(image.id) and not store.children(image)
        used = bool(engine.containers.using_image(image.id))
        if quiet and (not is_dangling or used):
            return
        raise
    for reference in store.references.of(image.id):
        _untag(engine, image, reference, records)
    layers = store.forget(image)
    engine.events.publish("image", "delete", image.id, {"name": image.id})
    records.append({"Deleted": image.id})
    records += [{"Deleted": each} for each in layers]
    if prune and image.parent and store.has(image.parent):
        parent = store.get(image.parent)
        if not store.references.of(parent.id):
            _delete(engine, parent, records, force=False, prune=True, quiet=True)


def prune(engine: Engine, filters: Filters) -> dict[str, Any]:
    """Remove images that have no name, or with dangling=false that no container uses."""
    refuse_unknown(filters, {"dangling", "label", "label!", "until"})
    until(filters)
    asked = filters.get("dangling") or ["true"]
    # the docker CLI says true beside a user's false
    dangling = "false" not in asked and truth("dangling", asked)
    store = engine.images
    records: Records = []
    before = engine.images.layers_size()
    for image in sorted(store.all(), key=created_ns, reverse=True):
        if not store.has(image.id) or engine.containers.using_image(image.id):
            continue
        named = store.references.of(image.id)
        if (dangling and named) or not passes_prune(image.labels, created_ns(image), filters):
            continue
        if store.children(image):
            continue
        records += _pruned(engine, image, named)
    engine.events.publish("image", "prune", "", {"reclaimed": "0"})
    freed = max(0, before - engine.images.layers_size())
    return {"ImagesDeleted": records or None, "SpaceReclaimed": freed}


def _pruned(engine: Engine, image: Image, named: list[Reference]) -> Records:
    found: Records = []
    try:
        for reference in named:
            if reference.tag:
                found += remove(engine, reference.familiar, force=False, prune=True)
        if engine.images.has(image.id):
            found += remove(engine, image.id, force=False, prune=True)
    except ApiError:
        return found
    return found
