"""Removing images, with dockerd's conflicts.

source: Engine API, ImageDelete, ImagePrune; moby daemon/images/image_delete.go, image_prune.go.
"""

from __future__ import annotations

import re
from typing import TypedDict

from ...wire import digest
from ...wire import reference as names
from ...wire.filters import Filters
from ...wire.reference import Reference
from ..errors import ApiError, Conflict
from ..filtering import parse_bool, passes_prune, refuse_unknown, until
from ..ports import ContainerLookup, EventSink
from .image import Image
from .store import ImageStore

#: The API's ImageDeleteResponseItems: `{"Untagged": name}` or `{"Deleted": ID}`.
Records = list[dict[str, str]]


class ImagePruneResponse(TypedDict):
    """The API's answer to a prune; SpaceReclaimed is bytes."""

    ImagesDeleted: Records | None
    SpaceReclaimed: int


class ImageRemoval:
    """Removes images.

    Args:
        store: the images.
        containers: may use images.
        events: receives delete and prune.
    """

    def __init__(self, store: ImageStore, containers: ContainerLookup, events: EventSink) -> None:
        self._store = store
        self._containers = containers
        self._events = events

    def remove(self, text: str, *, force: bool, prune: bool) -> Records:
        """Remove a name, and the image with its last name.

        Args:
            text: a name, or an ID to remove the image with all names.
            force: remove an image that stopped containers use, or that has several names.
            prune: remove the parents that lose their last child too.

        Raises:
            NotFound: no such image.
            Conflict: a container, a child image or another name needs it.
        """
        store = self._store
        with store.lock:
            image = store.resolve(text)
            references = store.references.of(image.id)
            records: Records = []
            by_name = not _is_id_of(text, image)
            if by_name:
                self._remove_name(image, text, records, force=force)
                if store.references.of(image.id):
                    return records
            elif _is_single(references):
                self._check(image, force=force, references=False)
                for reference in references:
                    self._untag(image, reference, records)
            self._delete(image, records, force=force, prune=prune, quiet=by_name)
        return records

    def _remove_name(self, image: Image, text: str, records: Records, *, force: bool) -> None:
        reference = names.parse(text).tagged
        if not force and _is_single(self._store.references.of(image.id)):
            self._refuse_used_name(image, text)
        self._untag(image, reference, records)
        if not reference.digest:
            self._remove_lone_digests(image, reference, records)

    def _refuse_used_name(self, image: Image, text: str) -> None:
        users = self._containers.using_image(image.id)
        if users:
            raise Conflict(
                f'conflict: unable to remove repository reference "{text}" (must force)'
                f" - container {users[0].id[:12]} is using its referenced image {image.short_id}"
            )

    def _untag(self, image: Image, reference: Reference, records: Records) -> None:
        self._store.references.delete(reference)
        self._store.publish("untag", image, image.id)
        records.append({"Untagged": reference.familiar})

    def _remove_lone_digests(self, image: Image, removed: Reference, records: Records) -> None:
        """Remove the digests of a repository with its last tag."""
        references = self._store.references.of(image.id)
        remaining = [reference for reference in references if reference.name == removed.name]
        if all(reference.digest for reference in remaining):
            for reference in remaining:
                self._store.references.delete(reference)
                records.append({"Untagged": reference.familiar})

    def _check(self, image: Image, *, force: bool, references: bool = True) -> None:
        """Check that nothing needs the image.

        Args:
            image: the image.
            force: allow stopped containers and names.
            references: whether names are a conflict.

        Raises:
            Conflict: with dockerd's message.
        """
        users = self._containers.using_image(image.id)
        hard = f"conflict: unable to delete {image.short_id} (cannot be forced) - "
        soft = f"conflict: unable to delete {image.short_id} (must be forced) - "
        if self._store.children(image):
            raise Conflict(f"{hard}image has dependent child images")
        running = [container for container in users if container.running]
        if running:
            raise Conflict(f"{hard}image is being used by running container {running[0].id[:12]}")
        if force:
            return
        if references and self._store.references.of(image.id):
            raise Conflict(f"{soft}image is referenced in multiple repositories")
        if users:
            raise Conflict(f"{soft}image is being used by stopped container {users[0].id[:12]}")

    def _delete(
        self, image: Image, records: Records, *, force: bool, prune: bool, quiet: bool
    ) -> None:
        """Delete an image with all names.

        Args:
            image: the image.
            records: extended by what is removed.
            force: allow stopped containers and names.
            prune: delete parents that nothing needs any more too.
            quiet: keep an image that something needs, instead of raising Conflict.
        """
        store = self._store
        try:
            self._check(image, force=force)
        except Conflict:
            is_dangling = not store.references.of(image.id) and not store.children(image)
            if quiet and (not is_dangling or self._containers.using_image(image.id)):
                return
            raise
        for reference in store.references.of(image.id):
            self._untag(image, reference, records)
        chain_ids = store.drop(image)
        self._events.publish("image", "delete", image.id, {"name": image.id})
        records.append({"Deleted": image.id})
        records += [{"Deleted": chain_id} for chain_id in chain_ids]
        if prune and image.parent and store.has(image.parent):
            parent = store.get(image.parent)
            if not store.references.of(parent.id):
                self._delete(parent, records, force=False, prune=True, quiet=True)

    def prune(self, filters: Filters) -> ImagePruneResponse:
        """Remove unused images: those without a name, or with `dangling=false` all of them.

        Args:
            filters: dangling, label, label!, until.

        Raises:
            BadParameter: an unknown filter or an invalid value.
        """
        refuse_unknown(filters, {"dangling", "label", "label!", "until"})
        until(filters)
        values = filters.get("dangling") or ["true"]
        dangling = parse_bool("dangling", values)
        store = self._store
        records: Records = []
        before = store.layers_size()
        for image in sorted(store.all(), key=lambda image: image.created_ns, reverse=True):
            if not store.has(image.id) or self._containers.using_image(image.id):
                continue
            references = store.references.of(image.id)
            if (dangling and references) or store.children(image):
                continue
            if passes_prune(image.labels, image.created_ns, filters):
                records += self._pruned(image, references)
        self._events.publish("image", "prune", "", {"reclaimed": "0"})
        freed = max(0, before - store.layers_size())
        return {"ImagesDeleted": records or None, "SpaceReclaimed": freed}

    def _pruned(self, image: Image, references: list[Reference]) -> Records:
        records: Records = []
        try:
            for reference in references:
                if reference.tag:
                    records += self.remove(reference.familiar, force=False, prune=True)
            if self._store.has(image.id):
                records += self.remove(image.id, force=False, prune=True)
        except ApiError:
            return records
        return records


def _is_id_of(text: str, image: Image) -> bool:
    match = re.fullmatch(r"(?:sha256:)?([0-9a-f]+)", text)
    return match is not None and digest.hex_of(image.id).startswith(match[1])


def _is_single(references: list[Reference]) -> bool:
    """Whether all names belong to one repository, and at most one of them is a tag."""
    tags = [reference for reference in references if reference.tag]
    repositories = {reference.name for reference in references}
    return len(repositories) == 1 and (len(references) == 1 or len(tags) <= 1)
