"""The labels of a session: what is made while it lasts carries them.

An image hands its labels on to its containers and to images made from it, so a second label says
of what kind of object the first one speaks: a container that somebody else makes of a session's
image is none of the session's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docker_magics.engine.client import Engine

SESSION = "docker_magics.session"
_KIND = "docker_magics.session.kind"


def labels(engine: Engine, kind: str) -> dict[str, str]:
    """The labels of something that is made now; none without a session.

    Args:
        engine: where it is made.
        kind: `container`, `image`, `network` or `volume`.
    """
    return {**engine.labels, _KIND: kind} if SESSION in engine.labels else {}


def instructions(engine: Engine) -> list[str]:
    """The same for an image, as Dockerfile instructions."""
    return [f"LABEL {name}={value}" for name, value in labels(engine, "image").items()]


def session_of(kind: str, labels: Mapping[str, str] | None) -> str:
    """The session of an object of a kind, by its labels; "" for none."""
    found = labels or {}
    return found.get(SESSION, "") if found.get(_KIND, kind) == kind else ""


def label_volumes(body: Mapping[str, Any], engine: Engine, driver: str) -> None:
    """Make the volumes that a container's creation would make by the way, so that they carry it.

    A volume that is there already stays as it is.

    Args:
        body: of ContainerCreate.
        engine: where.
        driver: of `--volume-driver`.

    source: Engine API, VolumeCreate.
    """
    own = labels(engine, "volume")
    if not own:
        return
    host = body["HostConfig"]
    for bind in host["Binds"]:
        source = bind.partition(":")[0]
        if not source.startswith(("/", "~")):
            engine.post(
                "/volumes/create",
                body={"Name": source, "Driver": driver or "local", "Labels": own},
            )
    for mount in host["Mounts"]:
        if mount["Type"] == "volume" and mount.get("Source"):
            engine.post("/volumes/create", body=_of_mount(mount, own))


def _of_mount(mount: Mapping[str, Any], own: Mapping[str, str]) -> dict[str, Any]:
    options = mount.get("VolumeOptions") or {}
    driver = options.get("DriverConfig") or {}
    return {
        "Name": mount["Source"],
        "Driver": driver.get("Name") or "local",
        "DriverOpts": driver.get("Options") or {},
        "Labels": {**own, **(options.get("Labels") or {})},
    }
