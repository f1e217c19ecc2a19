"""Messages of swarm commands: how to join the swarm, how to unlock a manager."""

from __future__ import annotations

from typing import Any

from docker_magics.engine.client import Engine, path


def join_command(engine: Engine, node: str, role: str) -> str:
    """Return the instructions to join as worker or manager; "" if this node is not a manager."""
    manager = engine.get(path("nodes", node)).get("ManagerStatus")
    tokens = engine.get("/swarm")["JoinTokens"]
    if not manager:
        return ""
    return (
        f"To add a {role} to this swarm, run the following command:\n\n"
        f"    docker swarm join --token {tokens[role.title()]} {manager['Addr']}\n"
    )


def unlock_command(key: str) -> str:
    """Return the instructions to unlock a restarted manager."""
    return (
        "To unlock a swarm manager after it restarts, run the `docker swarm unlock`\n"
        f"command and provide the following key:\n\n    {key}\n\n"
        "Remember to store this key in a password manager, since without it you\n"
        "will not be able to restart the manager."
    )


def unlock_key(engine: Engine) -> str:
    """Return the key that unlocks managers, "" if none is set."""
    return str((engine.get("/swarm/unlockkey") or {}).get("UnlockKey") or "")


def change(engine: Engine, swarm: dict[str, Any], **query: str) -> None:
    """Send the swarm's modified spec with the version that was read (optimistic locking)."""
    version = {"version": swarm["Version"]["Index"]}
    engine.post("/swarm/update", version | query, swarm["Spec"])
