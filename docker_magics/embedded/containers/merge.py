"""The config of a new container: the request's, merged with the image's.

source: Engine API, ContainerConfig; moby daemon/commit.go: merge, daemon/container.go:
verifyContainerSettings.
"""

from __future__ import annotations

import copy
import posixpath
from collections.abc import Mapping
from typing import Any, cast

from ..errors import BadParameter
from ..records import defaults
from ..records.config import ContainerConfig
from ..runtime import signals

_MIN_HEALTH_NS = 1_000_000


def container_config(
    request: Mapping[str, Any], image: Mapping[str, Any] | None
) -> ContainerConfig:
    """Return the config of a new container.

    Args:
        request: the API's ContainerCreate.
        image: the Config of its image; None if it has none.

    Raises:
        BadParameter: the container has no command, or a value is invalid.
    """
    config: dict[str, Any] = copy.deepcopy(defaults.CONFIG)
    for key in (*defaults.CONFIG, *defaults.OPTIONAL_CONFIG):
        if request.get(key) is not None:
            config[key] = request[key]
    if image is not None:
        _merge(config, image)
    if config["Entrypoint"] == [""]:
        config["Entrypoint"] = None
    config["Env"] = list(config["Env"] or [])
    config["Labels"] = dict(config["Labels"] or {})
    _check(config)
    if config["WorkingDir"]:
        config["WorkingDir"] = "/" + posixpath.normpath(config["WorkingDir"]).lstrip("/")
    ordered = {key: config[key] for key in defaults.CONFIG_ORDER if key in config}
    return cast("ContainerConfig", ordered)


def _merge(config: dict[str, Any], image: Mapping[str, Any]) -> None:
    """Fill in what the request leaves out."""
    for key in ("User", "WorkingDir", "StopSignal"):
        if not config.get(key) and image.get(key):
            config[key] = image[key]
    for key in ("ExposedPorts", "Volumes"):
        merged = {**(image.get(key) or {}), **(config.get(key) or {})}
        if merged or key in config:
            config[key] = merged or None
    requested = config["Env"] or []
    names = {_name(variable) for variable in requested}
    inherited = [variable for variable in image.get("Env") or [] if _name(variable) not in names]
    config["Env"] = [*requested, *inherited]
    config["Labels"] = {**(image.get("Labels") or {}), **(config["Labels"] or {})}
    if not config["Entrypoint"]:
        config["Cmd"] = config["Cmd"] or image.get("Cmd")
        if config["Entrypoint"] is None:
            config["Entrypoint"] = image.get("Entrypoint")
    if check := image.get("Healthcheck"):
        requested_check = config.get("Healthcheck") or {}
        config["Healthcheck"] = copy.deepcopy(check) | {
            key: value for key, value in requested_check.items() if value
        }


def _name(variable: str) -> str:
    return variable.partition("=")[0]


def _check(config: Mapping[str, Any]) -> None:
    if not config["Entrypoint"] and not config["Cmd"]:
        raise BadParameter("no command specified")
    folder = config["WorkingDir"]
    if folder and not folder.startswith("/"):
        raise BadParameter(f"the working directory '{folder}' is invalid, it needs to be an absolute path")  # fmt: skip  # noqa: E501
    for variable in config["Env"]:
        if not _name(variable):
            raise BadParameter(f"invalid environment variable: {variable}")
    if config.get("StopSignal"):
        signals.parse(config["StopSignal"])
    check = config.get("Healthcheck") or {}
    for key in ("Interval", "Timeout", "StartPeriod"):
        if check.get(key) and check[key] < _MIN_HEALTH_NS:
            raise BadParameter(f"{key} in Healthcheck cannot be less than 1ms")
    if (check.get("Retries") or 0) < 0:
        raise BadParameter("Retries in Healthcheck cannot be negative")
