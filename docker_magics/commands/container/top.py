"""docker top: list the processes of a container."""

from __future__ import annotations

from docker_magics.cli.command import Command, operand, operands
from docker_magics.engine.client import Engine, path
from docker_magics.results.table import INTEGER, TEXT, Column, Table, make


class ContainerTop(Command):
    """Display the running processes of a container"""

    usage = "CONTAINER [ps OPTIONS]"
    aliases = ("top",)
    interspersed = False

    container: str = operand()
    ps_options: list[str] = operands()

    def run(self, engine: Engine) -> Table:
        """Return the processes.

        Returns:
            A Table with the columns that ps gives (UID, PID, PPID, C, STIME, TTY, TIME, CMD where
            nothing else was asked for): int64 where all values of a column are whole numbers,
            str otherwise.

        source: Engine API, ContainerTop.
        """
        query = {"ps_args": " ".join(self.ps_options)}
        response = engine.get(path("containers", self.container, "top"), query)
        titles, rows = response["Titles"], response["Processes"] or []
        columns = [_column(index, title, rows) for index, title in enumerate(titles)]
        return make(columns, rows)


def _column(index: int, title: str, rows: list[list[str]]) -> Column:
    if rows and all(row[index].isdigit() for row in rows):
        return Column(title, lambda row: int(row[index]), INTEGER)
    return Column(title, lambda row: row[index], TEXT)
