"""One image as the API shows it: inspect and history.

source: Engine API, ImageInspect, ImageHistory; moby daemon/images/image_inspect.go,
image_history.go.
"""

from __future__ import annotations

from typing import Any, TypedDict

from .. import clock
from ..dockerfile.run_config import RunConfig
from ..records import defaults
from .config import ImageConfig
from .image import Image
from .listing import tags_and_digests
from .store import ImageStore

_SECOND = 1_000_000_000
#: Fields of a configuration that are not an image's.
_CONTAINERS_FIELDS = frozenset({
    "AttachStderr", "AttachStdin", "AttachStdout", "Domainname", "Hostname", "Image",
    "MacAddress", "NetworkDisabled", "OpenStdin", "StdinOnce", "StopTimeout", "Tty",
})  # fmt: skip


class HistoryItem(TypedDict):
    """An entry of the API's ImageHistory. Created is seconds since 1970, Size bytes."""

    Comment: str
    Created: int
    CreatedBy: str
    Id: str
    Size: int
    Tags: list[str] | None


def inspect_image(store: ImageStore, image: Image, *, old: bool) -> dict[str, Any]:
    """Return the API's ImageInspect.

    Args:
        store: has the image.
        image: the image.
        old: whether Config has the fields that only containers use, as before API 1.50.
    """
    tags, digests = tags_and_digests(store.references.of(image.id))
    config = image.config
    size = store.size(image)
    run_config = config.get("config")
    os_version = config.get("os.version")
    return {
        "Id": image.id,
        "RepoTags": tags,
        "RepoDigests": digests,
        "Parent": image.parent,
        "Comment": config.get("comment") or _last_comment(config),
        "Created": clock.normalized(config.get("created") or clock.ZERO),
        "Container": config.get("container") or "",
        "ContainerConfig": _complete(config.get("container_config") or {}),
        "DockerVersion": config.get("docker_version") or "",
        "Author": config.get("author") or "",
        "Architecture": config.get("architecture") or "",
        **({"Variant": config["variant"]} if config.get("variant") else {}),
        "Os": config.get("os") or "",
        **({"OsVersion": os_version} if os_version else {}),
        "Size": size,
        "VirtualSize": size,
        "GraphDriver": {"Data": _graph_data(image), "Name": "overlay2"},
        "RootFS": {"Type": "layers", **({"Layers": image.diff_ids} if image.diff_ids else {})},
        "Metadata": {"LastTagTime": image.tagged_at or clock.ZERO},
        "Config": _image_config(run_config, old=old) if run_config is not None else None,
    }


def _last_comment(config: ImageConfig) -> str:
    history = config.get("history") or []
    return str(history[-1].get("comment") or "") if history else ""


def _complete(config: RunConfig) -> dict[str, Any]:
    """Add the defaults to a configuration, in the order of the API's fields."""
    given = {key: value for key, value in config.items() if value is not None}
    complete = {**defaults.CONFIG, "Labels": None, **given}
    return {key: complete[key] for key in defaults.CONFIG_ORDER if key in complete}


def _image_config(config: RunConfig, *, old: bool) -> dict[str, Any]:
    complete = dict(sorted(_complete(config).items()))
    if old:
        return complete
    return {key: value for key, value in complete.items() if key not in _CONTAINERS_FIELDS}


def _graph_data(image: Image) -> dict[str, str]:
    folders = [str(folder) for folder in reversed(image.layers)]
    data = {"UpperDir": folders[0]} if folders else {}
    if len(folders) > 1:
        data["LowerDir"] = ":".join(folders[1:])
    return data


def image_history(store: ImageStore, image: Image) -> list[HistoryItem]:
    """Return the API's ImageHistory, the newest first.

    The newest step has the image's ID; earlier ones have those of its parents, as far as these
    are in the store.
    """
    items = _items(store, image)
    items.reverse()
    current: Image | None = image
    for item in items:
        if current is None:
            break
        item["Id"] = current.id
        item["Tags"] = tags_and_digests(store.references.of(current.id))[0] or None
        parent = current.parent
        current = store.get(parent) if parent and store.has(parent) else None
    return items


def _items(store: ImageStore, image: Image) -> list[HistoryItem]:
    diff_ids = iter(image.diff_ids)
    items: list[HistoryItem] = []
    for entry in image.config.get("history") or []:
        diff_id = None if entry.get("empty_layer") else next(diff_ids, None)
        created = clock.parse_client_time(entry.get("created") or clock.ZERO)
        items.append(
            {
                "Comment": entry.get("comment") or "",
                "Created": created // _SECOND,
                "CreatedBy": entry.get("created_by") or "",
                "Id": "<missing>",
                "Size": store.layers.get(diff_id).size if diff_id else 0,
                "Tags": None,
            }
        )
    return items
