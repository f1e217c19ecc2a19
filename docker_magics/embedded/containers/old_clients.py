"""What requests and answers about containers mean to clients of older API versions.

source: moby api/server/router/container/container_routes.go: postContainersCreate,
postContainerUpdate, postContainersStart; inspect.go: getContainersByName.
"""

from __future__ import annotations

from typing import Any

from ..api.messages import Request
from ..errors import BadParameter
from ..networks import sysctls
from . import mount_versions

#: A body of null or {} is as good as none.
_EMPTY_BODY = 7


def adapt_creation(body: dict[str, Any], version: tuple[int, int]) -> list[str]:
    """Give a request the defaults of its API version, and drop the fields that it lacked.

    Args:
        body: the request, a container.CreateRequest.
        version: the client's.

    Returns:
        Warnings.

    Raises:
        BadParameter: a mount has an option that must not be ignored.
        ApiError: a sysctl has to be an endpoint's.
    """
    host = body.get("HostConfig") or {}
    if version < (1, 25):
        host.pop("AutoRemove", None)  # these clients remove the container
    if version < (1, 40) and body.get("HostConfig") is not None:
        host["IpcMode"] = host.get("IpcMode") or "shareable"
    if version < (1, 42):
        host.pop("ConsoleSize", None)
    if version < (1, 43):
        host.pop("Annotations", None)
    if version < (1, 44):
        (body.get("Healthcheck") or {}).pop("StartInterval", None)
    if version < (1, 48):
        endpoints = (body.get("NetworkingConfig") or {}).get("EndpointsConfig") or {}
        for endpoint in filter(None, endpoints.values()):
            endpoint.pop("GwPriority", None)
    mount_versions.adapt(host.get("Mounts") or [], version)
    return list(filter(None, [sysctls.migrate(body, version)]))


def show_aliases(networks: dict[str, dict[str, Any]]) -> None:
    """Add the names that the engine generates to the aliases of a container's endpoints.

    Args:
        networks: the endpoints by network, of an answer to ContainerInspect; changed.
    """
    for settings in networks.values():
        if names := settings["DNSNames"]:
            settings["Aliases"] = list(dict.fromkeys([*(settings["Aliases"] or []), *names[1:]]))


def adapt_update(body: dict[str, Any], version: tuple[int, int]) -> None:
    """Drop the fields of an update that the client's API version lacked."""
    if version < (1, 40):
        body.pop("PidsLimit", None)


def refuse_start_options(request: Request) -> None:
    """Refuse a HostConfig in a request to start a container.

    Raises:
        BadParameter: the request has a body.
    """
    if len(request.body.read(_EMPTY_BODY + 1) or b"") > _EMPTY_BODY:
        raise BadParameter(
            "starting container with non-empty request body was deprecated since API v1.22 and"
            " removed in v1.24"
        )
