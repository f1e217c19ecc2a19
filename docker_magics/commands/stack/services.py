"""docker stack services: list the services of a stack."""

from __future__ import annotations

from typing import Any

from docker_magics.cli.command import Command, operand
from docker_magics.commands import _flags
from docker_magics.commands.service.ls import SERVICES
from docker_magics.engine.client import Engine
from docker_magics.results import human
from docker_magics.results.listing import render_listing

from ._members import check_name, members


class StackServices(Command):
    """List the services in the stack"""

    usage = "[OPTIONS] STACK"

    filter: list[tuple[str, str]] = _flags.filter_of_listing()
    format: str = _flags.format_of_listing()
    quiet: bool = _flags.quiet("Only display IDs")
    stack: str = operand()

    def run(self, engine: Engine) -> Any:
        """Return the services, sorted by name.

        Returns:
            A Table with the columns ID, NAME, MODE, REPLICAS, IMAGE, PORTS, all str. With -q a
            list of IDs. None if the stack has no services.

        source: docker/cli, cli/command/stack/services.go; Engine API, ServiceList.
        """
        check_name(self.stack)
        query = {"status": "" if self.quiet else "true"}
        services = members(engine, "services", self.stack, self.filter, query)
        if not services:
            self.terminal.notify(f"Nothing found in stack: {self.stack}")
            return None
        by_name = sorted(services, key=lambda service: human.natural(service["Spec"]["Name"]))
        form = _flags.listing_format(self.format, "servicesFormat", quiet=self.quiet)
        return render_listing(SERVICES, by_name, form=form, quiet=self.quiet)
