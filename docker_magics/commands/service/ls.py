"""docker service ls: list services of the swarm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from docker_magics.cli.command import Command
from docker_magics.commands import _flags
from docker_magics.commands._tasks import image_of
from docker_magics.engine.client import Engine
from docker_magics.results import human
from docker_magics.results.listing import render_listing, text_listing

_MODES = {
    "Global": "global",
    "Replicated": "replicated",
    "ReplicatedJob": "replicated job",
    "GlobalJob": "global job",
}


class ServiceLs(Command):
    """List services"""

    aliases = ("service list",)

    filter: list[tuple[str, str]] = _flags.filter_of_listing()
    format: str = _flags.format_of_listing()
    quiet: bool = _flags.quiet("Only display IDs")

    def run(self, engine: Engine) -> Any:
        """Return the services, sorted by name.

        Returns:
            A Table with the columns ID, NAME, MODE, REPLICAS, IMAGE, PORTS, all str. With -q a
            list of IDs.

        source: Engine API, ServiceList.
        """
        query = {"filters": _flags.filters(self.filter), "status": "" if self.quiet else "true"}
        services = engine.get("/services", query)
        by_name = sorted(services, key=lambda service: human.natural(service["Spec"]["Name"]))
        form = _flags.listing_format(self.format, "servicesFormat", quiet=self.quiet)
        return render_listing(SERVICES, by_name, form=form, quiet=self.quiet)


def _mode(service: Mapping[str, Any]) -> str:
    mode = service["Spec"].get("Mode") or {}
    return next((text for key, text in _MODES.items() if mode.get(key) is not None), "")


def _replicas(service: Mapping[str, Any]) -> str:
    status = service.get("ServiceStatus") or {}
    running, desired = status.get("RunningTasks", 0), status.get("DesiredTasks", 0)
    completed = status.get("CompletedTasks", 0)
    mode = service["Spec"].get("Mode") or {}
    if (job := mode.get("ReplicatedJob")) is not None:
        total = job.get("TotalCompletions", 0)
        return f"{running}/{desired} ({completed}/{total} completed)"
    if mode.get("GlobalJob") is not None:
        return f"{running}/{desired} ({completed}/{desired + completed} completed)"
    most = (service["Spec"]["TaskTemplate"].get("Placement") or {}).get("MaxReplicas", 0)
    note = f" (max {most} per node)" if most and mode.get("Replicated") is not None else ""
    return f"{running}/{desired}{note}"


def _image(service: Mapping[str, Any]) -> str:
    container = service["Spec"]["TaskTemplate"].get("ContainerSpec") or {}
    return image_of(container.get("Image", ""))


def _ports(service: Mapping[str, Any]) -> str:
    """Format ports as `*:8080-8081->80-81/tcp`, consecutive ports as a range.

    source: docker/cli, cli/command/service/formatter.go: Ports.
    """
    ports = [
        (port["Protocol"], port.get("PublishedPort", 0), port["TargetPort"])
        for port in (service.get("Endpoint") or {}).get("Ports") or []
        if port.get("PublishMode") == "ingress"
    ]
    ranges: list[list[tuple[str, int, int]]] = []
    for port in sorted(ports):
        if ranges and _continues(ranges[-1], port):
            ranges[-1].append(port)
        else:
            ranges.append([port])
    return ", ".join(f"*:{_range(group, 1)}->{_range(group, 2)}/{group[0][0]}" for group in ranges)


def _continues(group: Sequence[tuple[str, int, int]], port: tuple[str, int, int]) -> bool:
    protocol, published, target = group[-1]
    is_range = target != group[0][2]
    return (
        port[0] == protocol
        and port[1] - published <= 1
        and 0 <= port[2] - target <= 1
        and not (is_range and port[2] <= target)
    )


def _range(ports: Sequence[tuple[str, int, int]], place: int) -> str:
    first, last = int(ports[0][place]), int(ports[-1][place])
    return f"{first}-{last}" if last > first else str(first)


#: source: docker/cli, cli/command/service/formatter.go.
SERVICES = text_listing(
    {
        "ID": lambda s: s["ID"][:12],
        "Name": lambda s: s["Spec"]["Name"],
        "Mode": _mode,
        "Replicas": _replicas,
        "Image": _image,
        "Ports": _ports,
    },
    go_type="*service.serviceContext",
)
