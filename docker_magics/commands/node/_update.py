"""Updating nodes: read the spec, modify it, send it back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from docker_magics.commands._swarm import update_spec
from docker_magics.engine.client import Engine, path
from docker_magics.results.text import Lines


def change_role(engine: Engine, names: Sequence[str], role: str) -> Lines:
    """Promote or demote nodes; return a line for each.

    source: docker/cli, cli/command/node/promote.go, demote.go.
    """
    is_manager = role == "manager"

    def change(node: dict[str, Any]) -> str | None:
        if node["Spec"].get("Role") == role:
            return f"Node {node['ID']} is already a {role}."
        node["Spec"]["Role"] = role
        return None

    def done(name: str) -> str:
        if is_manager:
            return f"Node {name} promoted to a manager in the swarm."
        return f"Manager {name} demoted in the swarm."

    return update(engine, names, change, done)


def update(
    engine: Engine,
    names: Sequence[str],
    change: Callable[[dict[str, Any]], str | None],
    done: Callable[[str], str],
) -> Lines:
    """Update nodes one after another; return a line for each.

    Args:
        engine: a manager of the swarm.
        names: the nodes.
        change: modifies a node's spec, or returns the line that says why it need not change.
        done: node's name -> the line of an updated node.
    """
    lines = Lines()
    for name in names:
        node = engine.get(path("nodes", name))
        reason = change(node)
        if reason is None:
            update_spec(engine, "nodes", node)
        lines.append(reason or done(name))
    return lines
