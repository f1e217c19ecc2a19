"""Listings of swarm tasks: `docker node ps` and `docker service ps`.

source: docker/cli, cli/command/task, cli/command/idresolver.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from docker_magics.cli.command import Command, flag
from docker_magics.commands import _flags
from docker_magics.engine.client import Engine, path
from docker_magics.errors import EngineError, UsageError
from docker_magics.results import human
from docker_magics.results.listing import Field, Listing, render_listing, text_listing
from docker_magics.wire import reference

from ._swarm import titled

_ERROR_LENGTH = 30


@dataclass(frozen=True)
class _Task:
    """A row: a task, its name (indented below its successor) and its node's name."""

    task: Mapping[str, Any]
    name: str
    shown_name: str
    node: str


class NameResolver:
    """Resolves IDs of services and nodes to names, with a cache.

    Args:
        engine: a manager of the swarm.
        resolve: whether to resolve; else the IDs are returned.
    """

    def __init__(self, engine: Engine, *, resolve: bool) -> None:
        self._engine = engine
        self._resolve = resolve
        self._names: dict[tuple[str, str], str] = {}

    def of(self, kind: str, identity: str) -> str:
        """Return the name of an object of `services` or `nodes`, or the ID if it is unknown."""
        if not self._resolve or not identity:
            return identity
        if (kind, identity) not in self._names:
            self._names[kind, identity] = self._look_up(kind, identity)
        return self._names[kind, identity]

    def _look_up(self, kind: str, identity: str) -> str:
        try:
            details = self._engine.get(path(kind, identity))
        except EngineError:
            return identity
        hostname = details.get("Description", {}).get("Hostname")
        return str(details["Spec"].get("Name") or hostname or identity)


def node_reference(engine: Engine, name: str) -> str:
    """Resolve `self` to this node's ID; return other names unchanged.

    Raises:
        UsageError: this engine is not part of a swarm.
    """
    if name != "self":
        return name
    identity = (engine.get("/info").get("Swarm") or {}).get("NodeID")
    if not identity:
        engine.get("/nodes")  # raises the engine's error
        raise UsageError("node ID not found in /info")
    return str(identity)


class TaskFlags(Command):
    """The flags of task listings."""

    filter: list[tuple[str, str]] = _flags.filter_of_listing()
    format: str = flag("--format string", "Pretty-print tasks using a Go template")
    no_resolve: bool = flag("--no-resolve", "Do not map IDs to Names")
    no_trunc: bool = _flags.no_trunc("Do not truncate output")
    quiet: bool = _flags.quiet("Only display task IDs")

    def listing(self, engine: Engine, tasks: Sequence[Mapping[str, Any]]) -> Any:
        """Return the listing of tasks, older tasks of a slot below the newest.

        Returns:
            A Table with the columns ID, NAME, IMAGE, NODE, DESIRED STATE, CURRENT STATE, ERROR,
            PORTS, all str. With -q a list of IDs.
        """
        names = NameResolver(engine, resolve=not self.no_resolve)
        in_table = not self.format or self.format.startswith("table")
        rows = _rows(tasks, names, indented=in_table)
        listing = _listing(trunc=not self.no_trunc and not self.quiet)
        return render_listing(listing, rows, form=self.format, quiet=self.quiet)


def _rows(
    tasks: Sequence[Mapping[str, Any]], names: NameResolver, *, indented: bool
) -> list[_Task]:
    named = [(_name(task, names), task) for task in tasks]
    named.sort(key=lambda named_task: str(named_task[1].get("CreatedAt", "")), reverse=True)
    named.sort(key=lambda named_task: human.natural(named_task[0]))
    rows: list[_Task] = []
    for name, task in named:
        follows = indented and bool(rows) and rows[-1].name == name
        shown = f" \\_ {name}" if follows else name
        rows.append(_Task(task, name, shown, names.of("nodes", task.get("NodeID", ""))))
    return rows


def _name(task: Mapping[str, Any], names: NameResolver) -> str:
    return f"{names.of('services', task['ServiceID'])}.{task.get('Slot') or task.get('NodeID')}"


def _listing(*, trunc: bool) -> Listing:
    fields: dict[str, Field] = {
        "ID": lambda t: t.task["ID"][:12] if trunc else t.task["ID"],
        "Name": lambda t: t.shown_name,
        "Image": lambda t: image_of(t.task["Spec"]["ContainerSpec"]["Image"], trunc=trunc),
        "Node": lambda t: t.node,
        "DesiredState": lambda t: titled(t.task["DesiredState"]),
        "CurrentState": lambda t: _state(t.task["Status"]),
        "Error": lambda t: _error(t.task["Status"].get("Err", ""), trunc=trunc),
        "Ports": lambda t: _ports(t.task["Status"]),
    }
    headings = {"DesiredState": "DESIRED STATE", "CurrentState": "CURRENT STATE"}
    return text_listing(
        fields,
        headings=headings,
        go_type="*task.taskContext",
    )


def image_of(text: str, *, trunc: bool = True) -> str:
    """Return an image's name without the digest that the swarm added."""
    try:
        image = reference.parse(text)
    except reference.ReferenceError:
        return text
    return f"{image.familiar_name}:{image.tag}" if trunc and image.tag else text


def _state(status: Mapping[str, Any]) -> str:
    return f"{titled(status['State'])} {human.ago_rfc3339(status['Timestamp']).lower()}"


def _error(text: str, *, trunc: bool) -> str:
    shown = human.ellipsis(text, _ERROR_LENGTH) if trunc else text
    return f'"{shown}"' if shown else ""


def _ports(status: Mapping[str, Any]) -> str:
    ports = (status.get("PortStatus") or {}).get("Ports") or []
    return ",".join(
        f"*:{port['PublishedPort']}->{port['TargetPort']}/{port['Protocol']}" for port in ports
    )
