"""The API's list of images: filters and summaries.

source: Engine API, ImageList; moby daemon/images/images.go.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NotRequired, TypedDict

from ...wire.filters import Filters
from ...wire.reference import Reference
from .. import patterns
from ..filtering import has_labels, parse_bool, refuse_unknown, until
from .image import Image
from .manifest import ManifestSummary
from .store import ImageStore

_ACCEPTED = {"dangling", "label", "before", "since", "reference", "until"}
_SECOND = 1_000_000_000
_Test = Callable[[Image], bool]


class ImageSummary(TypedDict):
    """The API's ImageSummary. Sizes are bytes; Created is seconds since 1970."""

    Containers: int
    Created: int
    Id: str
    Labels: dict[str, str] | None
    Manifests: NotRequired[list[ManifestSummary]]
    ParentId: str
    RepoDigests: list[str] | None
    RepoTags: list[str]
    SharedSize: int
    Size: int
    VirtualSize: int


def find(store: ImageStore, filters: Filters, *, intermediate: bool) -> list[Image]:
    """Return the images that pass all filters, the newest first.

    Args:
        store: the images.
        filters: dangling, label, before, since, reference, until.
        intermediate: whether to include the unnamed parents of other images.

    Raises:
        BadParameter: an unknown filter or an invalid value.
        NotFound: `before` or `since` names no image.
    """
    refuse_unknown(filters, _ACCEPTED)
    images = store.all()
    parents = {image.parent for image in images}
    tests = _tests(store, filters, parents)
    if not intermediate:
        tests.append(lambda i: i.id not in parents or bool(store.references.of(i.id)))
    passing = [image for image in images if all(test(image) for test in tests)]
    return sorted(passing, key=lambda image: image.created_ns, reverse=True)


def _tests(store: ImageStore, filters: Filters, parents: set[str]) -> list[_Test]:
    tests: list[_Test] = []
    if "dangling" in filters:
        wanted = parse_bool("dangling", filters["dangling"])
        tests.append(lambda i: (not store.references.of(i.id) and i.id not in parents) is wanted)
    if "label" in filters:
        tests.append(lambda i: has_labels(i.labels, filters["label"]))
    if "before" in filters:
        newest = store.resolve(filters["before"][0]).created_ns
        tests.append(lambda i: i.created_ns < newest)
    if "since" in filters:
        oldest = store.resolve(filters["since"][0]).created_ns
        tests.append(lambda i: i.created_ns > oldest)
    if "until" in filters:
        limit = until(filters)
        tests.append(lambda i: i.created_ns < limit)
    if "reference" in filters:
        wanted_names = filters["reference"]
        tests.append(lambda i: any(matches(r, wanted_names) for r in store.references.of(i.id)))
    return tests


def matches(reference: Reference, wanted: list[str]) -> bool:
    """Whether a name matches one of the patterns: `busy*`, `busybox:1.*`, `me/*`."""
    names = (reference.familiar, reference.familiar_name)
    return any(patterns.matches(pattern, name) for pattern in wanted for name in names)


def tags_and_digests(names: list[Reference]) -> tuple[list[str], list[str]]:
    """Return an image's tags and digests, as people write them."""
    tags = [name.familiar for name in names if name.tag]
    return tags, [name.familiar for name in names if name.digest]


def summary(
    store: ImageStore,
    image: Image,
    *,
    old: bool,
    wanted: list[str] | None = None,
    shared: int = -1,
    users: int = -1,
) -> ImageSummary:
    """Return an image's entry in the list.

    Args:
        store: has the image.
        image: the image.
        old: as before API 1.43, which had `<none>` for no name.
        wanted: the patterns of a reference filter; other names are left out.
        shared: bytes that the image shares with others; -1 for unknown.
        users: how many containers were created from it; -1 for unknown.
    """
    names = store.references.of(image.id)
    tags, digests = tags_and_digests(
        [name for name in names if matches(name, wanted)] if wanted else names
    )
    if old and not tags and not digests:
        tags, digests = ["<none>:<none>"], ["<none>@<none>"]
    size = store.size(image)
    return {
        "Containers": users,
        "Created": image.created_ns // _SECOND,
        "Id": image.id,
        "Labels": image.run_config.get("Labels"),
        "ParentId": image.parent,
        "RepoDigests": digests or (None if old and tags else []),
        "RepoTags": tags,
        "SharedSize": shared,
        "Size": size,
        "VirtualSize": size,
    }


def shared_size(store: ImageStore, image: Image) -> int:
    """Return the bytes of the layers that other images have too."""
    others = {
        diff_id for other in store.all() if other.id != image.id for diff_id in other.diff_ids
    }
    return sum(store.layers.get(diff_id).size for diff_id in image.diff_ids if diff_id in others)
