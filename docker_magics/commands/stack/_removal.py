"""Removing the services, secrets, configs and networks of a stack.

source: docker/cli, cli/command/stack/remove.go.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from docker_magics.cli.terminal import Terminal
from docker_magics.engine.client import Engine, path
from docker_magics.errors import EngineError


def remove(
    engine: Engine, terminal: Terminal, kind: str, objects: Sequence[dict[str, Any]]
) -> tuple[list[str], bool]:
    """Remove objects, even if others cannot be removed.

    Args:
        engine: a manager of the swarm.
        terminal: gets the messages of failures.
        kind: `services`, `secrets`, `configs` or `networks`.
        objects: the objects of this kind.

    Returns:
        The lines that the CLI prints, and whether all were removed.
    """
    lines, all_removed = [], True
    for member in objects:
        identity, name = _identity(member)
        lines.append(f"Removing {kind.removesuffix('s')} {name}")
        try:
            engine.delete(path(kind, identity))
        except EngineError as error:
            all_removed = False
            terminal.notify(f"Failed to remove {kind.removesuffix('s')} {identity}: {error}")
    return lines, all_removed


def by_name(objects: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return objects in the order of their names."""
    return sorted(objects, key=lambda member: _identity(member)[1])


def _identity(member: dict[str, Any]) -> tuple[str, str]:
    """Return the ID and name; those of networks have other fields than those of swarm objects."""
    if "Spec" in member:
        return member["ID"], member["Spec"]["Name"]
    return member["Id"], member["Name"]
