"""docker node ls: list nodes of the swarm."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from docker_magics.cli.command import Command
from docker_magics.commands import _flags
from docker_magics.commands._swarm import titled
from docker_magics.engine.client import Engine
from docker_magics.results import human
from docker_magics.results.listing import Field, Listing, render_listing

if TYPE_CHECKING:
    from docker_magics.results.table import Column

_HEADINGS = {
    "Self": "",
    "ManagerStatus": "MANAGER STATUS",
    "EngineVersion": "ENGINE VERSION",
    "TLSStatus": "TLS STATUS",
}


class NodeLs(Command):
    """List nodes in the swarm"""

    aliases = ("node list",)

    filter: list[tuple[str, str]] = _flags.filter_of_listing()
    format: str = _flags.format_of_listing()
    quiet: bool = _flags.quiet("Only display IDs")

    def run(self, engine: Engine) -> Any:
        """Return the nodes, sorted by hostname.

        Returns:
            A Table with the columns ID (shown with a star at this node), HOSTNAME, STATUS,
            AVAILABILITY, MANAGER STATUS, ENGINE VERSION, all str. With -q a list of IDs.

        source: Engine API, NodeList.
        """
        nodes = engine.get("/nodes", {"filters": _flags.filters(self.filter)})
        by_name = sorted(nodes, key=lambda node: human.natural(node["Description"]["Hostname"]))
        swarm = engine.get("/info").get("Swarm") or {} if by_name and not self.quiet else {}
        form = _flags.listing_format(self.format, "nodesFormat", quiet=self.quiet)
        return render_listing(_nodes(swarm), by_name, form=form, quiet=self.quiet)


def _nodes(swarm: Mapping[str, Any]) -> Listing:
    """Return the listing of nodes.

    source: docker/cli, cli/command/node/formatter.go.
    """
    fields: dict[str, Field] = {
        "ID": lambda n: n["ID"],
        "Self": lambda n: n["ID"] == swarm.get("NodeID"),
        "Hostname": lambda n: n["Description"]["Hostname"],
        "Status": lambda n: titled(n["Status"]["State"]),
        "Availability": lambda n: titled(n["Spec"]["Availability"]),
        "ManagerStatus": _manager_status,
        "EngineVersion": lambda n: n["Description"].get("Engine", {}).get("EngineVersion", ""),
        "TLSStatus": lambda n: _tls_status(n, swarm),
    }
    return Listing(
        fields=fields,
        columns=functools.partial(_columns, fields),
        table="{{.ID}} {{if .Self}}*{{else}} {{ end }}\t{{.Hostname}}\t{{.Status}}"
        "\t{{.Availability}}\t{{.ManagerStatus}}\t{{.EngineVersion}}",
        headings=_HEADINGS,
        go_type="*node.nodeContext",
    )


def _columns(fields: Mapping[str, Field]) -> Sequence[Column]:
    from docker_magics.results.table import Column

    return [
        Column("ID", fields["ID"], text=lambda n: f"{n['ID']} {'*' if fields['Self'](n) else ' '}"),
        *(
            Column(_HEADINGS.get(name, name.upper()), fields[name])
            for name in ("Hostname", "Status", "Availability", "ManagerStatus", "EngineVersion")
        ),
    ]


def _manager_status(node: Mapping[str, Any]) -> str:
    status = node.get("ManagerStatus") or {}
    return "Leader" if status.get("Leader") else titled(status.get("Reachability"))


def _tls_status(node: Mapping[str, Any], swarm: Mapping[str, Any]) -> str:
    node_tls = node["Description"].get("TLSInfo")
    cluster_tls = (swarm.get("Cluster") or {}).get("TLSInfo")
    if not node_tls or not cluster_tls:
        return "Unknown"
    return "Ready" if node_tls == cluster_tls else "Needs Rotation"
