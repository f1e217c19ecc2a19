"""docker node update: change a node's role, availability and labels."""

from __future__ import annotations

from typing import Any

from docker_magics.cli.command import Command, flag, operand
from docker_magics.cli.flag_types import LABELS
from docker_magics.cli.flag_types.texts import mapping
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError
from docker_magics.results.text import Lines

from ._update import update


class NodeUpdate(Command):
    """Update a node"""

    usage = "[OPTIONS] NODE"

    availability: str | None = flag(
        "--availability string",
        'Availability of the node ("active", "pause", "drain")',
        default=None,
    )
    label_add: list[str] = flag(
        "--label-add list", 'Add or update a node label ("key=value")', flag_type=LABELS
    )
    label_rm: list[str] = flag("--label-rm list", "Remove a node label if exists")
    role: str | None = flag("--role string", 'Role of the node ("worker", "manager")', default=None)
    node: str = operand()

    def run(self, engine: Engine) -> Lines:
        """Return the node's name.

        source: Engine API, NodeUpdate.
        """
        return update(engine, [self.node], self._change, str)

    def _change(self, node: dict[str, Any]) -> None:
        spec = node["Spec"]
        given = {"Role": self.role, "Availability": self.availability}
        spec |= {key: value for key, value in given.items() if value is not None}
        labels = spec["Labels"] = {**(spec.get("Labels") or {}), **mapping(self.label_add)}
        for key in self.label_rm:
            if key not in labels:
                raise UsageError(f"key {key} doesn't exist in node's labels")
            del labels[key]
