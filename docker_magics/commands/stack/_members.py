"""The objects of a stack: services, networks, secrets and configs with its label.

source: docker/cli, cli/command/stack/common.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from docker_magics.commands import _flags
from docker_magics.engine.client import Engine, path
from docker_magics.errors import NotFound, UsageError
from docker_magics.wire import go

#: The label with the stack's name.
NAMESPACE = "com.docker.stack.namespace"
_NO_MANAGER = (
    'this node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect'
    " this node to swarm and try again"
)


def check_name(name: str) -> None:
    """Check the name of a stack.

    Raises:
        UsageError: the name has only blanks and quotes.
    """
    if all(char.isspace() or char in "\"'" for char in name):
        raise UsageError(f"invalid stack name: {go.quote(name)}")


def check_manager(engine: Engine) -> None:
    """Check that the engine manages a swarm.

    Raises:
        UsageError: it does not.
    """
    if not (engine.get("/info").get("Swarm") or {}).get("ControlAvailable"):
        raise UsageError(_NO_MANAGER)


def members(
    engine: Engine,
    kind: str,
    stack: str | None,
    filters: Iterable[tuple[str, str]] = (),
    query: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """Return a stack's objects.

    Args:
        engine: a manager of the swarm.
        kind: `services`, `networks`, `secrets`, `configs` or `tasks`.
        stack: the stack's name; None for all stacks.
        filters: further filters.
        query: further parameters.

    Raises:
        UsageError: the engine has no swarms, such as Podman's.
    """
    label = NAMESPACE if stack is None else f"{NAMESPACE}={stack}"
    query = {**(query or {}), "filters": _flags.filters([*filters, ("label", label)])}
    try:
        objects: list[dict[str, Any]] = engine.get(path(kind), query)
    except NotFound as error:
        raise UsageError(_NO_MANAGER) from error
    return objects
