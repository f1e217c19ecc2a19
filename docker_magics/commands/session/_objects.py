"""The objects with a session's label.

source: Engine API, SystemDataUsage, ContainerList, NetworkList, VolumeList.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from docker_magics.commands._disk_usage import DiskUsage, disk_usages
from docker_magics.commands._session_label import SESSION, session_of
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError

_ANONYMOUS = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class SessionObject:
    """An object that was created in a session.

    Attributes:
        kind: `container`, `network`, `volume` or `image`: the order of their removal.
        identity: the ID; of a volume, the name.
        names: the name of a container, network or volume; the tags of an image.
        created: the creation time in RFC 3339.
        state: a container's state; of other objects `in use` or "".
        size: the size in bytes, of a container its writable layer; -1 if unknown.
        own: the bytes that removal frees: the size without layers that other images share.
    """

    session: str
    kind: str
    identity: str
    names: tuple[str, ...]
    created: str
    state: str
    size: int
    own: int

    @property
    def name(self) -> str:
        """The first name, or the ID."""
        return self.names[0] if self.names else self.identity


def resolve_session(engine: Engine, name: str | None) -> str:
    """Return the named session, or the active one.

    Raises:
        UsageError: no session is named or active.
    """
    session = name or engine.labels.get(SESSION)
    if not session:
        raise UsageError(
            "no session is active", hint="Name a session; list them: docker session ls."
        )
    return session


def session_objects(engine: Engine, session: str | None) -> list[SessionObject]:
    """Return the objects of a session, or of all: containers, networks, volumes, then images."""
    usages = disk_usages(engine, items=True)  # used for sizes only: Podman's has no labels
    containers = engine.get("/containers/json", {"all": True})
    volumes = engine.get("/volumes").get("Volumes") or []
    objects = [
        *_containers(containers, _sizes(usages.containers, "Id")),
        *_networks(engine.get("/networks"), containers),
        *_volumes(volumes, containers, _sizes(usages.volumes, "Name")),
        *_images(engine.get("/images/json"), containers, _sizes(usages.images, "Id")),
    ]
    return [item for item in objects if item.session and session in {None, item.session}]


#: The entries of /system/df, by ID (without algorithm) or name.
_Sizes = Mapping[str, Mapping[str, Any]]


def _sizes(usage: DiskUsage, key: str) -> _Sizes:
    return {_without_algorithm(entry[key]): entry for entry in usage.items}


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _without_algorithm(identity: str) -> str:
    return identity.removeprefix("sha256:")


def _containers(containers: Iterable[Mapping[str, Any]], sizes: _Sizes) -> Iterator[SessionObject]:
    for container in containers:
        session = session_of("container", container.get("Labels"))
        names = tuple(name.removeprefix("/") for name in container["Names"])
        size = sizes.get(container["Id"], {}).get("SizeRw") or 0
        created, state = _time(container["Created"]), container["State"]
        yield SessionObject(
            session, "container", container["Id"], names, created, state, size, size
        )


def _networks(
    networks: Iterable[Mapping[str, Any]], containers: Iterable[Mapping[str, Any]]
) -> Iterator[SessionObject]:
    used = {
        endpoint.get("NetworkID")
        for network in containers
        for endpoint in ((network.get("NetworkSettings") or {}).get("Networks") or {}).values()
    }
    for network in networks:
        session = session_of("network", network.get("Labels"))
        created = network.get("Created") or ""
        state = _state(in_use=network["Id"] in used)
        yield SessionObject(
            session, "network", network["Id"], (network["Name"],), created, state, 0, 0
        )


def _volumes(
    volumes: Iterable[Mapping[str, Any]], containers: Iterable[Mapping[str, Any]], sizes: _Sizes
) -> Iterator[SessionObject]:
    """Yield labeled volumes, and anonymous volumes that only the session's containers use."""
    users = _users(containers)
    for volume in volumes:
        name = volume["Name"]
        sessions = users.get(name, set())
        is_anonymous = len(sessions) == 1 and bool(_ANONYMOUS.fullmatch(name))
        session = session_of("volume", volume.get("Labels"))
        session = session or ("".join(sessions) if is_anonymous else "")
        size = (sizes.get(name, {}).get("UsageData") or {}).get("Size", -1)
        state, created = _state(in_use=bool(sessions)), volume.get("CreatedAt") or ""
        yield SessionObject(session, "volume", name, (name,), created, state, size, max(size, 0))


def _users(containers: Iterable[Mapping[str, Any]]) -> dict[str, set[str]]:
    """Return the sessions ("" for none) of the containers that use a volume, by volume."""
    users: dict[str, set[str]] = {}
    for container in containers:
        session = session_of("container", container.get("Labels"))
        for mount in container.get("Mounts") or []:
            if mount.get("Type") == "volume":
                users.setdefault(mount["Name"], set()).add(session)
    return users


def _images(
    images: Iterable[Mapping[str, Any]], containers: Iterable[Mapping[str, Any]], sizes: _Sizes
) -> Iterator[SessionObject]:
    """Yield images, the newest first: base images are removed after derived ones."""
    used = {_without_algorithm(image.get("ImageID") or "") for image in containers}
    for image in sorted(images, key=lambda candidate: -int(candidate["Created"])):
        session = session_of("image", image.get("Labels"))
        names = tuple(name for name in image.get("RepoTags") or [] if name != "<none>:<none>")
        identity, size = _without_algorithm(image["Id"]), image.get("Size", -1)
        own = max(size - (sizes.get(identity, {}).get("SharedSize") or 0), 0)
        created, state = _time(image["Created"]), _state(in_use=identity in used)
        yield SessionObject(session, "image", identity, names, created, state, size, own)


def _state(*, in_use: bool) -> str:
    return "in use" if in_use else ""
