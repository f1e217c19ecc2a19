"""`--link db:database`: containers that another one knows by an alias.

source: moby daemon/links.go; on networks of one's own, aliases are the network's matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..errors import NotFound

if TYPE_CHECKING:
    from ..engine import Engine
    from ..records.container import Container


def parts(link: str) -> tuple[str, str]:
    """The name and the alias of a link: `db`, `db:database`, `/db:/web/database`."""
    name, _, alias = link.partition(":")
    return name, (alias or name).rpartition("/")[2]


def of(container: Container, engine: Engine) -> Iterator[tuple[str, str, Container | None]]:
    """The names of containers that this one has links to, their aliases, and they, if not gone."""
    for link in container.host_config["Links"] or []:
        name, alias = parts(link)
        try:
            other = engine.containers.get(name)
        except NotFound:
            yield name.removeprefix("/"), alias, None
        else:
            yield other.name, alias, other


def shown(container: Container, engine: Engine) -> list[str] | None:
    """HostConfig's Links as inspect shows them."""
    own = container.name
    return [f"/{name}:/{own}/{alias}" for name, alias, _ in of(container, engine)] or None
