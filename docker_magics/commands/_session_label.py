"""The labels of a session, which all objects created during the session get.

Containers and derived images inherit an image's labels. A second label therefore names the type of
the labeled object: a container that is created outside of the session from a session's image does
not belong to the session.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docker_magics.engine.client import Engine

SESSION = "docker_magics.session"
_KIND = "docker_magics.session.kind"


def labels(engine: Engine, kind: str) -> dict[str, str]:
    """Return the labels of a new object; {} without a session.

    Args:
        engine: the engine.
        kind: `container`, `image`, `network` or `volume`.
    """
    return {**engine.labels, _KIND: kind} if SESSION in engine.labels else {}


def instructions(engine: Engine) -> list[str]:
    """Return the labels of a new image as Dockerfile instructions."""
    return [f"LABEL {name}={value}" for name, value in labels(engine, "image").items()]


def session_of(kind: str, object_labels: Mapping[str, str] | None) -> str:
    """Return the session of an object of a type by its labels, "" for none."""
    labels = object_labels or {}
    return labels.get(SESSION, "") if labels.get(_KIND, kind) == kind else ""


def label_volumes(body: Mapping[str, Any], engine: Engine, driver: str) -> None:
    """Create the volumes that ContainerCreate would create implicitly, with the session's labels.

    Existing volumes are not changed.

    Args:
        body: the body of ContainerCreate.
        engine: the engine.
        driver: --volume-driver.

    source: Engine API, VolumeCreate.
    """
    session_labels = labels(engine, "volume")
    if not session_labels:
        return
    host = body["HostConfig"]
    for bind in host["Binds"]:
        source = bind.partition(":")[0]
        if not source.startswith(("/", "~")):
            engine.post(
                "/volumes/create",
                body={"Name": source, "Driver": driver or "local", "Labels": session_labels},
            )
    for mount in host["Mounts"]:
        if mount["Type"] == "volume" and mount.get("Source"):
            engine.post("/volumes/create", body=_of_mount(mount, session_labels))


def _of_mount(mount: Mapping[str, Any], session_labels: Mapping[str, str]) -> dict[str, Any]:
    options = mount.get("VolumeOptions") or {}
    driver = options.get("DriverConfig") or {}
    return {
        "Name": mount["Source"],
        "Driver": driver.get("Name") or "local",
        "DriverOpts": driver.get("Options") or {},
        "Labels": {**session_labels, **(options.get("Labels") or {})},
    }
