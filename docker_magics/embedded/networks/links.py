"""Links: names that one container has for others, `--link db:database`.

source: moby daemon/links.go; on user-defined networks, EndpointSettings has Links.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import ApiError, BadParameter, NotFound
from ..ports import ContainerLookup
from ..records.container import Container


def parts(link: str) -> tuple[str, str]:
    """Return the name and the alias of a link: `db`, `db:database`, `/db:/web/database`."""
    name, _, alias = link.partition(":")
    return name, (alias or name).rpartition("/")[2]


def of(
    container: Container, containers: ContainerLookup
) -> Iterator[tuple[str, str, Container | None]]:
    """Yield each linked container's name, its alias, and the container; None if it is removed."""
    for link in container.host_config["Links"] or []:
        name, alias = parts(link)
        try:
            target = containers.get(name)
        except NotFound:
            yield name.removeprefix("/"), alias, None
        else:
            yield target.name, alias, target


def check(container: Container, containers: ContainerLookup) -> None:
    """Reject links to containers that do not exist.

    Raises:
        BadParameter: no such container.
    """
    for link in container.host_config["Links"] or []:
        name = link.partition(":")[0]
        try:
            containers.get(name)
        except ApiError as error:
            raise BadParameter(f"could not get container for {name}: {error}") from error


def shown(container: Container, containers: ContainerLookup) -> list[str] | None:
    """Return HostConfig's Links as inspect shows them: `/db:/web/database`."""
    return [
        f"/{name}:/{container.name}/{alias}" for name, alias, _ in of(container, containers)
    ] or None


def names_by_target(containers: ContainerLookup) -> dict[str, list[str]]:
    """Return the link names of containers, `/web/database`, by the name or ID in the link."""
    names: dict[str, list[str]] = {}
    for container in containers.all():
        for link in container.host_config["Links"] or []:
            target = link.partition(":")[0].lstrip("/")
            names.setdefault(target, []).append(f"/{container.name}/{parts(link)[1]}")
    return names
