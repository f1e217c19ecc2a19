"""The environment variables of a container's processes.

source: moby daemon/oci_linux.go, container/container_unix.go: CreateDaemonEnvironment;
daemon/links/links.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..records.config import ContainerConfig

PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Link:
    """A running container that another one is linked to on the default bridge.

    Attributes:
        name: `/web/database`: the other container and the alias.
        alias: the alias alone.
        address: the IPv4 address.
        ports: the exposed ports, `6379/tcp`.
        env: the variables, `NAME=value`.
    """

    name: str
    alias: str
    address: str
    ports: tuple[str, ...]
    env: tuple[str, ...]


def environment(
    config: ContainerConfig, links: Iterable[Link], *, tty: bool, extra: Iterable[str] = ()
) -> list[str]:
    """Return the variables of a process; later ones replace earlier ones.

    The order is: defaults and links, the container's, extra. A name without `=` unsets a variable
    of an earlier group.

    Args:
        config: the container's.
        links: the containers that it is linked to.
        tty: whether the process has a terminal.
        extra: of an exec.
    """
    variables = {"PATH": PATH, "HOSTNAME": f"HOSTNAME={config['Hostname']}"}
    if tty:
        variables["TERM"] = "TERM=xterm"
    from_links = (variable for link in links for variable in _link_variables(link))
    for group in (from_links, config["Env"], extra):
        variables = _overridden(variables, group)
    return list(variables.values())


def _overridden(variables: Mapping[str, str], group: Iterable[str]) -> dict[str, str]:
    """Return variables by name, with those of a group.

    source: moby, daemon/container/env.go: ReplaceOrAppendEnvValues.
    """
    result = dict(variables)
    for variable in group:
        name, equals, _ = variable.partition("=")
        if equals:
            result[name] = variable
        elif name in variables:
            result.pop(name, None)
    return result


def _link_variables(link: Link) -> Iterator[str]:
    """Yield DB_NAME, DB_PORT, DB_PORT_6379_TCP, DB_ENV_... of a link with the alias `db`."""
    prefix = link.alias.upper().replace("-", "_")
    for index, port in enumerate(sorted(link.ports)):
        number, _, protocol = port.partition("/")
        url = f"{protocol}://{link.address}:{number}"
        if index == 0:
            yield f"{prefix}_PORT={url}"
        key = f"{prefix}_PORT_{number}_{protocol.upper()}"
        yield f"{key}={url}"
        yield f"{key}_ADDR={link.address}"
        yield f"{key}_PORT={number}"
        yield f"{key}_PROTO={protocol}"
    yield f"{prefix}_NAME={link.name}"
    for variable in link.env:
        if not variable.startswith(("PATH=", "HOME=")):
            yield f"{prefix}_ENV_{variable}"
