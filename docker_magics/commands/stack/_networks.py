"""The networks of a stack.

source: docker/cli, cli/compose/convert/compose.go: Networks, and
cli/command/stack/deploy_composefile.go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from docker_magics.commands._session_label import labels
from docker_magics.engine.client import Engine, path
from docker_magics.errors import NotFound, UsageError

from ._members import members
from ._model import StackModel

DEFAULT = "default"
_DRIVER = "overlay"
_PREDEFINED = frozenset({"bridge", "default", "host", "none"})


def is_user_defined(name: str) -> bool:
    """Whether a network's name is not one of the engine's own networks."""
    return name not in _PREDEFINED and not name.startswith("container:")


def networks_of(service: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a service's networks: key -> settings."""
    return service.get("networks") or {DEFAULT: None}


def create_networks(engine: Engine, model: StackModel) -> Iterator[str]:
    """Create the networks that services use; yield a line for each.

    Raises:
        UsageError: an external network does not exist, or has another scope.
    """
    services = model.part("services").values()
    used = sorted({key for service in services for key in networks_of(service)})
    settings = model.part("networks")
    external = {key for key in used if settings.get(key, {}).get("external")}
    for key in external:
        _check_external(engine, model.name_of("networks", key))
    existing = {network["Name"] for network in members(engine, "networks", model.name)}
    for key in used:
        name = model.name_of("networks", key)
        if key not in external and name not in existing:
            yield f"Creating network {name}"
            body = _body(name, settings.get(key, {}), model)
            body["Labels"] = labels(engine, "network") | body["Labels"]
            engine.post("/networks/create", body=body)


def _check_external(engine: Engine, name: str) -> None:
    if not is_user_defined(name):
        return
    try:
        scope = engine.get(path("networks", name))["Scope"]
    except NotFound as error:
        raise UsageError(
            f'network "{name}" is declared as external, but could not be found. You need to create'
            " a swarm-scoped network before the stack is deployed"
        ) from error
    if scope != "swarm":
        raise UsageError(
            f'network "{name}" is declared as external, but it is not in the right scope:'
            f' "{scope}" instead of "swarm"'
        )


def _body(name: str, settings: Mapping[str, Any], model: StackModel) -> dict[str, Any]:
    body = {
        "Name": name,
        "Driver": settings.get("driver") or _DRIVER,
        "Options": settings.get("driver_opts"),
        "Internal": settings.get("internal", False),
        "Attachable": settings.get("attachable", False),
        "Labels": model.labels(settings.get("labels")),
    }
    ipam = settings.get("ipam") or {}
    if ipam:
        subnets = [{"Subnet": part.get("subnet", "")} for part in ipam.get("config") or []]
        body["IPAM"] = {"Driver": ipam.get("driver", ""), "Config": subnets}
    return body
