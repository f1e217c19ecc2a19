"""docker port: list the published ports of a container."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from docker_magics.cli.command import Command, operand
from docker_magics.engine.client import Engine, path
from docker_magics.errors import UsageError
from docker_magics.results.listing import lines_or_table
from docker_magics.wire import go

if TYPE_CHECKING:
    from docker_magics.results.table import Column, Table
    from docker_magics.results.text import Text


class ContainerPort(Command):
    """List port mappings or a specific mapping for the container"""

    usage = "CONTAINER [PRIVATE_PORT[/PROTO]]"
    aliases = ("port",)

    container: str = operand()
    port: str | None = operand(optional=True)

    def run(self, engine: Engine) -> Table | Text:
        """Return the published ports.

        Returns:
            A Table with the columns CONTAINER PORT (str, `80/tcp`), HOST IP (str), HOST PORT
            (int64), sorted by port.

        Raises:
            UsageError: the given port is not published.

        source: Engine API, ContainerInspect: NetworkSettings.Ports.
        """
        details = engine.get(path("containers", self.container, "json"))
        bindings = sorted(_bindings(details["NetworkSettings"].get("Ports") or {}))
        if self.port:
            number, slash, protocol = self.port.partition("/")
            wanted = f"{_checked(number)}/{protocol if slash else 'tcp'}"
            bindings = [binding for binding in bindings if binding.port == wanted]
            if not bindings:
                message = f"no public port '{self.port}' published for {self.container}"
                raise UsageError(message)
        line = operator.attrgetter("published" if self.port else "line")
        return lines_or_table(bindings, line, _columns)


def _checked(number: str) -> str:
    try:
        go.parse_uint(number, bits=16)
    except ValueError as error:
        raise UsageError(f"Error: invalid port ({number}): {error}") from None
    return number


class _Binding(NamedTuple):
    number: int
    port: str
    address: str
    host_port: int

    @property
    def published(self) -> str:
        """ADDRESS:PORT as the CLI prints it."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{host}:{self.host_port}"

    @property
    def line(self) -> str:
        """The CLI's line."""
        return f"{self.port} -> {self.published}"


def _columns() -> Sequence[Column]:
    from docker_magics.results.table import INTEGER, Column

    return [
        Column("CONTAINER PORT", lambda binding: binding.port),
        Column("HOST IP", lambda binding: binding.address),
        Column("HOST PORT", lambda binding: binding.host_port, INTEGER),
    ]


def _bindings(ports: dict[str, list[dict[str, str]] | None]) -> Iterator[_Binding]:
    for port, hosts in ports.items():
        for host in hosts or []:
            number = int(port.partition("/")[0])
            yield _Binding(number, port, host["HostIp"], int(host["HostPort"]))
