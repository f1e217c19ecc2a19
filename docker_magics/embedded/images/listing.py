"""Images as the API shows them.

source: Engine API, ImageList, ImageInspect, ImageHistory; moby daemon/images.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .. import clock, patterns
from ..filtering import has_labels, refuse_unknown, truth, until
from ..records import defaults

if TYPE_CHECKING:
    from ...wire.filters import Filters
    from ...wire.reference import Reference
    from ..engine import Engine
    from .image import Image

_KNOWN = {"dangling", "label", "before", "since", "reference", "until"}
_SECOND = 1_000_000_000


def find(engine: Engine, filters: Filters, *, every: bool) -> list[Image]:
    """The images of a listing, the newest first.

    Args:
        engine: whose.
        filters: all have to pass.
        every: builds' intermediate images too.

    Raises:
        BadParameter: a filter that there is not.
        NotFound: `before` or `since` an image that there is not.
    """
    refuse_unknown(filters, _KNOWN)
    store = engine.images
    parents = {each.parent for each in store.all()}
    tests = _tests(engine, filters)

    def shown(image: Image) -> bool:
        named = bool(store.references.of(image.id))
        if not every and not named and image.id in parents:
            return False
        return all(test(image) for test in tests)

    return sorted(filter(shown, store.all()), key=created_ns, reverse=True)


def created_ns(image: Image) -> int:
    """When an image was made, in nanoseconds since 1970."""
    text = image.config.get("created")
    return clock.parse(text) if text else 0


def _tests(engine: Engine, filters: Filters) -> list[Callable[[Image], bool]]:
    store = engine.images
    tests: list[Callable[[Image], bool]] = []
    if "dangling" in filters:
        wanted = truth("dangling", filters["dangling"])
        parents = {each.parent for each in store.all()}
        tests.append(lambda i: (not store.references.of(i.id) and i.id not in parents) is wanted)
    if "label" in filters:
        tests.append(lambda i: has_labels(i.labels, filters["label"]))
    relative = [name for name in ("before", "since") if name in filters]
    tests += [_relative(engine, name, filters[name][0]) for name in relative]
    if "until" in filters:
        limit = until(filters)
        tests.append(lambda i: created_ns(i) < limit)
    if "reference" in filters:
        tests.append(
            lambda i: any(
                matches(name, pattern)
                for name in store.references.of(i.id)
                for pattern in filters["reference"]
            )
        )
    return tests


def _relative(engine: Engine, name: str, other: str) -> Callable[[Image], bool]:
    at = created_ns(engine.images.resolve(other))
    if name == "before":
        return lambda image: created_ns(image) < at
    return lambda image: created_ns(image) > at


def matches(reference: Reference, pattern: str) -> bool:
    """Whether `busy*`, `busybox:1.*` or `me/*` stands for a name."""
    names = (reference.familiar, reference.familiar_name)
    return any(patterns.matches(pattern, name) for name in names)


def names_of(engine: Engine, image: Image) -> tuple[list[str], list[str]]:
    """An image's tags and digests, as people write them."""
    found = engine.images.references.of(image.id)
    tags = [each.familiar for each in found if each.tag]
    return tags, [each.familiar for each in found if each.digest]


def summary(
    engine: Engine, image: Image, *, old: bool, chosen: list[str] | None = None, shared: int = -1
) -> dict[str, Any]:
    """The API's ImageSummary.

    Args:
        engine: whose.
        image: the image.
        old: as before API 1.43, which had `<none>` for no name.
        chosen: the patterns of a reference filter: other names are not shown.
        shared: bytes that other images have too; -1 for not known.
    """
    tags, digests = names_of(engine, image)
    if chosen:
        known = engine.images.references.of(image.id)
        kept = {e.familiar for e in known if any(matches(e, pattern) for pattern in chosen)}
        tags = [tag for tag in tags if tag in kept]
        digests = [digest for digest in digests if digest in kept]
    if old and not tags and not digests:
        tags, digests = ["<none>:<none>"], ["<none>@<none>"]
    size = engine.images.size(image)
    return {
        "Containers": -1,
        "Created": created_ns(image) // _SECOND,
        "Id": image.id,
        "Labels": image.run_config.get("Labels"),
        "ParentId": image.parent,
        "RepoDigests": digests or (None if old and tags else []),
        "RepoTags": tags,
        "SharedSize": shared,
        "Size": size,
        "VirtualSize": size,
    }


def inspect(engine: Engine, image: Image) -> dict[str, Any]:
    """The API's ImageInspect."""
    tags, digests = names_of(engine, image)
    config = image.config
    size = engine.images.size(image)
    found = {
        "Id": image.id,
        "RepoTags": tags,
        "RepoDigests": digests,
        "Parent": image.parent,
        "Comment": config.get("comment") or _last_comment(config),
        "Created": config.get("created") or clock.ZERO,
        "Container": config.get("container") or "",
        "ContainerConfig": _whole(config.get("container_config") or {}),
        "DockerVersion": config.get("docker_version") or "",
        "Author": config.get("author") or "",
        "Config": _whole(image.run_config),
        "Architecture": config.get("architecture") or "",
        **({"Variant": config["variant"]} if config.get("variant") else {}),
        "Os": config.get("os") or "",
        "Size": size,
        "VirtualSize": size,
        "GraphDriver": {"Data": _graph(image), "Name": "overlay2"},
        "RootFS": {"Type": "layers", "Layers": image.diff_ids},
        "Metadata": {"LastTagTime": image.tagged_at or clock.ZERO},
    }
    if not image.diff_ids:
        del found["RootFS"]["Layers"]
    return found


def _last_comment(config: dict[str, Any]) -> str:
    history = config.get("history") or []
    return str(history[-1].get("comment") or "") if history else ""


def _whole(config: dict[str, Any]) -> dict[str, Any]:
    found = {**defaults.CONFIG, "Labels": None} | {
        key: value for key, value in config.items() if value is not None
    }
    return {key: found[key] for key in defaults.CONFIG_ORDER if key in found}


def _graph(image: Image) -> dict[str, str]:
    folders = [str(each) for each in reversed(image.layers)]
    found = {"UpperDir": folders[0]} if folders else {}
    if len(folders) > 1:
        found["LowerDir"] = ":".join(folders[1:])
    return found


def history(engine: Engine, image: Image) -> list[dict[str, Any]]:
    """The API's ImageHistory, the newest first."""
    store = engine.images
    entries = image.config.get("history") or []
    layers = iter(image.diff_ids)
    found = []
    for entry in entries:
        empty = entry.get("empty_layer")
        size = 0 if empty else _size(engine, next(layers, None))
        text = entry.get("created")
        found.append(
            {
                "Comment": entry.get("comment") or "",
                "Created": clock.parse(text) // _SECOND if text else 0,
                "CreatedBy": entry.get("created_by") or "",
                "Id": "<missing>",
                "Size": size,
                "Tags": None,
            }
        )
    found.reverse()
    current: Image | None = image
    for each in found:
        if current is None:
            break
        each["Id"] = current.id
        each["Tags"] = names_of(engine, current)[0] or None
        parent = current.parent
        current = store.get(parent) if parent and store.has(parent) else None
    return found


def _size(engine: Engine, diff_id: str | None) -> int:
    return engine.images.layers.get(diff_id).size if diff_id else 0


def shared_size(engine: Engine, image: Image) -> int:
    """The bytes of the layers that other images have too."""
    store = engine.images
    others = {diff for each in store.all() if each.id != image.id for diff in each.diff_ids}
    return sum(store.layers.get(each).size for each in image.diff_ids if each in others)
