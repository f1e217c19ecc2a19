"""docker ps: list containers."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from docker_magics.cli.command import Command, flag
from docker_magics.commands import _flags
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError
from docker_magics.results import human
from docker_magics.results.listing import Field, Listing, format_listing, labels, render_listing
from docker_magics.wire import go, reference

if TYPE_CHECKING:
    from docker_magics.results.table import Column


class ContainerLs(Command):
    """List containers"""

    usage = "[OPTIONS]"
    aliases = ("container list", "container ps", "ps")

    all: bool = flag("-a, --all", "Show all containers (default shows just running)")
    filter: list[tuple[str, str]] = _flags.filter_of_listing()
    format: str = _flags.format_of_listing()
    last: int = flag(
        "-n, --last int", "Show n last created containers (includes all states)", default=-1
    )
    latest: bool = flag("-l, --latest", "Show the latest created container (includes all states)")
    no_trunc: bool = _flags.no_trunc()
    quiet: bool = _flags.quiet("Only display container IDs")
    size: bool = flag("-s, --size", "Display total file sizes")

    def run(self, engine: Engine) -> Any:
        """Return the containers.

        Returns:
            A Table with the columns CONTAINER ID, IMAGE, COMMAND (str), CREATED (UTC timestamp),
            STATUS, PORTS, NAMES (str), and with --size SIZE (int64: bytes of the writable layer).
            With -q a list of IDs, with --format text.

        source: Engine API, ContainerList.
        """
        listing = containers(trunc=not self.no_trunc, size=self.size)
        if self.format:
            _check_format(self.format, listing)
        is_ignored = self.quiet and self.format not in {"", "table"}
        if is_ignored:
            self.terminal.notify(_IGNORED)
        form = (
            "" if is_ignored else _flags.listing_format(self.format, "psFormat", quiet=self.quiet)
        )
        limit = 1 if self.latest and self.last == -1 else self.last
        query = {
            "all": self.all,
            "limit": limit if limit > 0 else None,
            "size": self.size or (not self.quiet and _names_size(form)),
            "filters": _flags.filters(self.filter),
        }
        listed_containers = engine.get("/containers/json", query)
        # The API's order, the newest first, is kept as in the CLI.
        return render_listing(listing, listed_containers, form=form, quiet=self.quiet)


_IGNORED = "WARNING: Ignoring custom format, because both --format and --quiet are set."
#: A container with Go's zero values.
_ZERO = {
    **dict.fromkeys(("Id", "Image", "ImageID", "Command", "State", "Status"), ""),
    "Created": 0,
    "Names": [],
}


def _check_format(form: str, listing: Listing) -> None:
    """Check a format by formatting a zero value, before a request is sent.

    source: docker/cli, cli/command/container/list.go: buildContainerListOptions.
    """
    from docker_magics.results.gotemplate import ERROR_PREFIX, TemplateError, TemplateSyntaxError

    try:
        format_listing(
            listing, [_ZERO], "{{json .}}" if form == "json" else form.removeprefix("table")
        )
    except TemplateError as error:
        stage = "parse" if isinstance(error.__cause__, TemplateSyntaxError) else "execute"
        problem = error.message.removeprefix(ERROR_PREFIX)
        raise UsageError(f"failed to {stage} template: {problem}") from error


def _names_size(form: str) -> bool:
    """Whether a template prints the size, which the engine computes only on request."""
    return bool(re.search(r"\.Size\b|\bjson \.(?!\w)", form))


def containers(*, trunc: bool, size: bool) -> Listing:
    """Return the listing of containers.

    source: docker/cli, cli/command/formatter/container.go.
    """
    cut = human.ellipsis if trunc else _whole
    fields: dict[str, Field] = {
        "ID": (lambda c: c["Id"][:12]) if trunc else (lambda c: c["Id"]),
        "Image": functools.partial(_image, trunc=trunc),
        "Command": lambda c: go.quote(cut(c["Command"], 20)),
        "CreatedAt": lambda c: human.go_time_unix(c["Created"]),
        "RunningFor": lambda c: human.ago(c["Created"]),
        "Ports": lambda c: ports(c.get("Ports") or []),
        "State": lambda c: c["State"],
        "Status": lambda c: c["Status"],
        "Size": size_text,
        "Names": functools.partial(_names, trunc=trunc),
        "Labels": lambda c: labels(c.get("Labels")),
        "Label": lambda c, name: (c.get("Labels") or {}).get(name, ""),
        "Mounts": lambda c: ",".join(cut(m.get("Name") or m["Source"], 15) for m in _mounts(c)),
        "LocalVolumes": lambda c: str(sum(m.get("Driver") == "local" for m in _mounts(c))),
        "Networks": lambda c: ",".join((c.get("NetworkSettings") or {}).get("Networks") or {}),
        "HealthStatus": health_status,
        "Platform": lambda c: (c.get("ImageManifestDescriptor") or {}).get("platform"),
    }
    template = (
        "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}"
    )
    return Listing(
        fields=fields,
        columns=functools.partial(_columns, fields, size=size),
        table=template + ("\t{{.Size}}" if size else ""),
        headings={
            "ID": "CONTAINER ID",
            "RunningFor": "CREATED",
            "CreatedAt": "CREATED AT",
            "LocalVolumes": "LOCAL VOLUMES",
            "HealthStatus": "HEALTH STATUS",
        },
        live="docker ui",
        go_type="*formatter.ContainerContext",
    )


def _columns(fields: Mapping[str, Any], *, size: bool) -> list[Column]:
    from docker_magics.results.table import INTEGER, TIME, Column

    columns = [
        Column("CONTAINER ID", fields["ID"]),
        Column("IMAGE", fields["Image"]),
        Column("COMMAND", fields["Command"]),
        Column("CREATED", lambda c: c["Created"], TIME, human.ago),
        Column("STATUS", fields["Status"]),
        Column("PORTS", fields["Ports"]),
        Column("NAMES", fields["Names"]),
    ]
    if size:
        columns.append(Column("SIZE", lambda c: c.get("SizeRw", 0), INTEGER, text=size_text))
    return columns


def health_status(container: Mapping[str, Any]) -> str:
    """Return `healthy`, `unhealthy` or `starting`; "" without a health check.

    Engines before API 1.52 have it in the status only: `Up 2 minutes (health: starting)`.

    source: docker/cli, cli/command/formatter/container.go: HealthStatus.
    """
    if reported := (container.get("Health") or {}).get("Status"):
        return str(reported)
    match = re.search(r"^[^(]*\((?:health: )?(healthy|unhealthy|starting)\)$", container["Status"])
    return match[1] if match else ""


def _whole(text: str, _length: int) -> str:
    return text


def _mounts(container: Mapping[str, Any]) -> list[dict[str, Any]]:
    return container.get("Mounts") or []


def size_text(container: Mapping[str, Any]) -> str:
    """Format the size of the writable layer and the total: `2B (virtual 21.5MB)`."""
    written = human.size(container.get("SizeRw") or 0)
    whole = container.get("SizeRootFs") or 0
    return f"{written} (virtual {human.size(whole)})" if whole else written


def _names(container: Mapping[str, Any], *, trunc: bool) -> str:
    names: list[str] = [name.removeprefix("/") for name in container["Names"]]
    if len(names) == 1:
        return names[0]
    if not trunc:
        return ",".join(names)
    # The others are legacy links: other-container/link.
    return next((name for name in names if "/" not in name), "")


def _image(container: Mapping[str, Any], *, trunc: bool) -> str:
    image: str = container["Image"]
    if not image:
        return "<no image>"
    if not trunc:
        return image
    short = human.short_id(container.get("ImageID") or "")
    return short if short == human.short_id(image) else _familiar(image)


@functools.lru_cache(maxsize=1024)
def _familiar(image: str) -> str:
    if "/" not in image and "@" not in image:
        return image  # compiling the pattern of references takes a tenth of `docker ps`'s time
    try:
        parsed = reference.parse(image)
    except reference.ReferenceError:
        return image
    return parsed.familiar_name + (f":{parsed.tag}" if parsed.tag else "")


def ports(published: Sequence[Mapping[str, Any]]) -> str:
    """Format ports as `0.0.0.0:8080->80/tcp, 9000-9002/tcp`, consecutive ports as a range.

    source: docker/cli, cli/command/formatter/container.go: DisplayablePorts.
    """
    if not published:
        return ""
    groups: dict[str, list[tuple[int, int]]] = {}
    mapped: list[str] = []
    for port in sorted(published, key=_port_order):
        private, public = port["PrivatePort"], port.get("PublicPort", 0)
        address, kind = port.get("IP", ""), port["Type"]
        if address and public != private:
            host = f"[{address}]" if ":" in address else address
            mapped.append(f"{host}:{public}->{private}/{kind}")
            continue
        ranges = groups.setdefault(f"{address}/{kind}" if address else kind, [])
        if ranges and ranges[-1][1] in {private, private - 1}:
            ranges[-1] = (ranges[-1][0], private)
        else:
            ranges.append((private, private))
    grouped = [_port_range(key, *bounds) for key, ranges in groups.items() for bounds in ranges]
    return ", ".join([*grouped, *mapped])


def _port_order(port: Mapping[str, Any]) -> tuple[Any, ...]:
    return (port["PrivatePort"], port.get("IP", ""), port.get("PublicPort", 0), port["Type"])


def _port_range(key: str, first: int, last: int) -> str:
    address, _, kind = key.rpartition("/")
    ports = str(first) if first == last else f"{first}-{last}"
    if not address:
        return f"{ports}/{kind}"
    host = f"[{address}]" if ":" in address else address
    return f"{host}:{ports}->{ports}/{kind}"
