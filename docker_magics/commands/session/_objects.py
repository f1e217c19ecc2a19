"""What carries a session's label.

source: Engine API, SystemDataUsage, ContainerList, NetworkList, VolumeList.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from docker_magics.commands._session_label import SESSION, session_of
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError

_NAMELESS = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class SessionObject:
    """An object that was made in a session.

    Attributes:
        kind: `container`, `network`, `volume` or `image`; in the order in which they can go.
        identity: its ID; a volume's name.
        names: a container's, network's or volume's one, an image's tags.
        created: an RFC 3339 text.
        state: a container's; `in use` of others.
        size: bytes: what a container has written, a volume's or image's all; -1 where not known.
        own: bytes that are nobody else's: without layers that other images have, too.
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
        """What it is called, or its ID."""
        return self.names[0] if self.names else self.identity


def resolve_session(engine: Engine, name: str | None) -> str:
    """The session that is named, or the one that is under way.

    Raises:
        UsageError: there is none.
    """
    found = name or engine.labels.get(SESSION)
    if not found:
        raise UsageError(
            "no session is under way here", hint="Name one: docker session ls lists them."
        )
    return found


def session_objects(engine: Engine, session: str | None) -> list[SessionObject]:
    """What a session, or each, has made: containers, networks, volumes, then images."""
    usage = engine.get("/system/df")  # Podman's has no labels: it is asked for sizes alone
    containers = engine.get("/containers/json", {"all": True})
    volumes = engine.get("/volumes").get("Volumes") or []
    found = [
        *_containers(containers, _sizes(usage, "Containers", "Id")),
        *_networks(engine.get("/networks"), containers),
        *_volumes(volumes, containers, _sizes(usage, "Volumes", "Name")),
        *_images(engine.get("/images/json"), containers, _sizes(usage, "Images", "Id")),
    ]
    return [each for each in found if each.session and session in {None, each.session}]


#: What the engine says of the room that an object takes, by ID (without algorithm) or name.
_Sizes = Mapping[str, Mapping[str, Any]]


def _sizes(usage: Mapping[str, Any], kind: str, key: str) -> _Sizes:
    return {_bare(each[key]): each for each in usage.get(kind) or []}


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _bare(identity: str) -> str:
    return identity.removeprefix("sha256:")


def _containers(found: Iterable[Mapping[str, Any]], sizes: _Sizes) -> Iterator[SessionObject]:
    for each in found:
        session = session_of("container", each.get("Labels"))
        names = tuple(name.removeprefix("/") for name in each["Names"])
        size = sizes.get(each["Id"], {}).get("SizeRw") or 0
        created, state = _time(each["Created"]), each["State"]
        yield SessionObject(session, "container", each["Id"], names, created, state, size, size)


def _networks(
    found: Iterable[Mapping[str, Any]], containers: Iterable[Mapping[str, Any]]
) -> Iterator[SessionObject]:
    used = {
        network.get("NetworkID")
        for each in containers
        for network in ((each.get("NetworkSettings") or {}).get("Networks") or {}).values()
    }
    for each in found:
        session = session_of("network", each.get("Labels"))
        created = each.get("Created") or ""
        state = _state(in_use=each["Id"] in used)
        yield SessionObject(session, "network", each["Id"], (each["Name"],), created, state, 0, 0)


def _volumes(
    found: Iterable[Mapping[str, Any]], containers: Iterable[Mapping[str, Any]], sizes: _Sizes
) -> Iterator[SessionObject]:
    """Those with the label; and those without a name that only a session's containers have."""
    users = _users(containers)
    for each in found:
        name = each["Name"]
        using = users.get(name, set())
        is_nameless = len(using) == 1 and bool(_NAMELESS.fullmatch(name))
        session = session_of("volume", each.get("Labels"))
        session = session or ("".join(using) if is_nameless else "")
        size = (sizes.get(name, {}).get("UsageData") or {}).get("Size", -1)
        state, created = _state(in_use=bool(using)), each.get("CreatedAt") or ""
        yield SessionObject(session, "volume", name, (name,), created, state, size, max(size, 0))


def _users(containers: Iterable[Mapping[str, Any]]) -> dict[str, set[str]]:
    """Volumes to the sessions ("" for none) of the containers that have them."""
    users: dict[str, set[str]] = {}
    for each in containers:
        session = session_of("container", each.get("Labels"))
        for mount in each.get("Mounts") or []:
            if mount.get("Type") == "volume":
                users.setdefault(mount["Name"], set()).add(session)
    return users


def _images(
    found: Iterable[Mapping[str, Any]], containers: Iterable[Mapping[str, Any]], sizes: _Sizes
) -> Iterator[SessionObject]:
    """Newest first: an image that others are made from goes after them."""
    used = {_bare(each.get("ImageID") or "") for each in containers}
    for each in sorted(found, key=lambda image: -int(image["Created"])):
        session = session_of("image", each.get("Labels"))
        names = tuple(name for name in each.get("RepoTags") or [] if name != "<none>:<none>")
        identity, size = _bare(each["Id"]), each.get("Size", -1)
        own = max(size - (sizes.get(identity, {}).get("SharedSize") or 0), 0)
        created, state = _time(each["Created"]), _state(in_use=identity in used)
        yield SessionObject(session, "image", identity, names, created, state, size, own)


def _state(*, in_use: bool) -> str:
    return "in use" if in_use else ""
