"""docker network ls: list networks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docker_magics.cli.command import Command
from docker_magics.commands import _flags
from docker_magics.engine.client import Engine
from docker_magics.results import human
from docker_magics.results.listing import Field, Listing, labels, render_listing, text_listing


class NetworkLs(Command):
    """List networks"""

    usage = "[OPTIONS]"
    aliases = ("network list",)

    filter: list[tuple[str, str]] = _flags.filter_of_listing(
        'Provide filter values (e.g. "driver=bridge")'
    )
    format: str = _flags.format_of_listing()
    no_trunc: bool = _flags.no_trunc("Do not truncate the output")
    quiet: bool = _flags.quiet("Only display network IDs")

    def run(self, engine: Engine) -> Any:
        """Return the networks, sorted by name.

        Returns:
            A Table with the columns NETWORK ID, NAME, DRIVER, SCOPE, all str. With -q a list of
            IDs.

        source: Engine API, NetworkList.
        """
        listed_networks = engine.get("/networks", {"filters": _flags.filters(self.filter)})
        listing = networks(trunc=not self.no_trunc)
        by_name = sorted(listed_networks, key=lambda network: human.natural(network["Name"]))
        form = _flags.listing_format(self.format, "networksFormat", quiet=self.quiet)
        return render_listing(listing, by_name, form=form, quiet=self.quiet)


def networks(*, trunc: bool) -> Listing:
    """Return the listing of networks.

    source: docker/cli, cli/command/network/formatter.go.
    """
    fields: dict[str, Field] = {
        "ID": lambda n: n["Id"][:12] if trunc else n["Id"],
        "Name": lambda n: n["Name"],
        "Driver": lambda n: n["Driver"],
        "Scope": lambda n: n["Scope"],
        "IPv4": lambda n: _go_bool(n, "EnableIPv4"),
        "IPv6": lambda n: _go_bool(n, "EnableIPv6"),
        "Internal": lambda n: _go_bool(n, "Internal"),
        "Labels": lambda n: labels(n.get("Labels")),
        "Label": lambda n, name: (n.get("Labels") or {}).get(name, ""),
        "CreatedAt": lambda n: human.go_time_rfc3339(n["Created"]),
    }
    headings = {"ID": "NETWORK ID", "CreatedAt": "CREATED AT"}
    return text_listing(
        fields,
        "ID",
        "Name",
        "Driver",
        "Scope",
        headings=headings,
        go_type="*network.networkContext",
    )


def _go_bool(network: Mapping[str, Any], key: str) -> str:
    return "true" if network.get(key) else "false"
