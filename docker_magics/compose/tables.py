"""The listings of Compose as DataFrames.

source: docker/compose, cmd/compose/ps.go, images.go, list.go, volumes.go, top.go: `--format json`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from docker_magics.errors import UsageError
from docker_magics.results import human
from docker_magics.results.text import Lines, Text

from .call import Call

if TYPE_CHECKING:
    from docker_magics.results.table import Column, Table

#: Options that print a list of names; options that choose another format.
_QUIET = re.compile(r"-[a-zA-Z]*q[a-zA-Z]*|--quiet|--services")
_FORMAT = re.compile(r"--format(=.*)?|--help|-h|--orphans")


def listing(call: Call) -> Table | Lines | Text | None:
    """Return the listing that a call asks for; None if its verb lists nothing.

    Returns:
        A Table; a list of names with -q or --services; the text with --format or --help.

    Raises:
        ComposeFailed: Compose failed.
        Interrupted: the user interrupted it.
    """
    verb, options = call.args[0], call.args[1:]
    make = _TABLES.get(verb)
    if make is None:
        return None
    if any(_FORMAT.fullmatch(option) for option in options):
        return Text(call.output())
    if any(_QUIET.fullmatch(option) for option in options):
        return Lines(call.output().splitlines())
    return make(call)


def container_of(call: Call, service: str, number: int) -> str:
    """Return the ID of a service's container; of the first one if `number` is 0.

    Raises:
        ComposeFailed: there is no such service.
        UsageError: no such container runs.
    """
    for container in objects(call.with_args("ps", "--format", "json", service).output()):
        if number in {0, int(_label(container, "com.docker.compose.container-number") or 0)}:
            return str(container["ID"])
    raise UsageError(
        f"cannot exec: service {service!r} has no running container",
        hint=f"Start it: docker compose up -d {service}",
    )


def _label(container: Mapping[str, str], name: str) -> str:
    pairs = (pair.partition("=") for pair in container["Labels"].split(","))
    return next((value for key, _, value in pairs if key == name), "")


def _table(call: Call, columns: Callable[[], Sequence[Column]]) -> Table:
    from docker_magics.results import table

    text = call.with_args(*call.args, "--format", "json").output()
    return table.make(columns(), objects(text))


def objects(text: str) -> list[dict[str, Any]]:
    """Return the objects that `--format json` prints: an array, one a line, or null for none."""
    if text.strip() == "null":
        return []
    if text.lstrip().startswith("["):
        objects: list[dict[str, Any]] = json.loads(text)
        return objects
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def _containers() -> Sequence[Column]:
    from docker_magics.results.table import TIME, Column

    return [
        Column("NAME", lambda c: c["Name"]),
        Column("IMAGE", lambda c: c["Image"]),
        Column("COMMAND", lambda c: c["Command"]),
        Column("SERVICE", lambda c: c["Service"]),
        Column("CREATED", lambda c: _created(c["CreatedAt"]), TIME, human.ago),
        Column("STATUS", lambda c: c["Status"]),
        Column("PORTS", lambda c: c["Ports"]),
    ]


def _created(text: str) -> str:
    """Return `2026-11-29 22:25:09 +0000 UTC`, or a local time like it, in RFC 3339."""
    day, time, zone, *_ = text.split()
    return f"{day}T{time}{zone[:3]}:{zone[3:]}"


def _images() -> Sequence[Column]:
    from docker_magics.results.table import INTEGER, TIME, Column

    return [
        Column("CONTAINER", lambda i: i["ContainerName"]),
        Column("REPOSITORY", lambda i: i["Repository"]),
        Column("TAG", lambda i: i["Tag"]),
        Column("PLATFORM", lambda i: i.get("Platform", "")),
        Column("IMAGE ID", lambda i: i["ID"].removeprefix("sha256:")[:12]),
        Column("SIZE", lambda i: i["Size"], INTEGER, human.size),
        Column("CREATED", lambda i: i.get("Created") or 0, TIME, human.ago),
    ]


def _projects() -> Sequence[Column]:
    from docker_magics.results.table import Column

    return [
        Column("NAME", lambda p: p["Name"]),
        Column("STATUS", lambda p: p["Status"]),
        Column("CONFIG FILES", lambda p: p["ConfigFiles"]),
    ]


def _volumes() -> Sequence[Column]:
    from docker_magics.results.table import Column

    return [
        Column("DRIVER", lambda v: v["Driver"]),
        Column("VOLUME NAME", lambda v: v["Name"]),
    ]


def _processes(call: Call) -> Table:
    """Return `top`, which has no JSON: aligned columns, the last of which may contain blanks."""
    from docker_magics.results import table
    from docker_magics.results.table import Column

    lines = [line for line in call.output().splitlines() if line.strip()]
    headings = lines[0].split() if lines else ["SERVICE", "#", "PID", "CMD"]
    rows = [
        dict(zip(headings, line.split(None, len(headings) - 1), strict=False)) for line in lines[1:]
    ]
    return table.make([Column(name, _field(name)) for name in headings], rows)


def _field(name: str) -> Callable[[Mapping[str, str]], str]:
    return lambda row: row.get(name, "")


_TABLES: Mapping[str, Callable[[Call], Table]] = {
    "ps": lambda call: _table(call, _containers),
    "images": lambda call: _table(call, _images),
    "ls": lambda call: _table(call, _projects),
    "volumes": lambda call: _table(call, _volumes),
    "top": _processes,
}
