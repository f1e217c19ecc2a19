"""`docker service inspect --pretty`.

source: docker/cli, cli/command/service/formatter.go: serviceInspectPrettyTemplate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from docker_magics.commands._tasks import NameResolver
from docker_magics.results import human

_NANO = 1e9


def pretty_service(service: Mapping[str, Any], names: NameResolver) -> str:
    """Return the text of one service."""
    return "\n".join(["", *_lines(service, names)]) + "\n"


def _lines(service: Mapping[str, Any], names: NameResolver) -> Iterator[str]:
    spec = service["Spec"]
    task = spec["TaskTemplate"]
    yield f"ID:\t\t{service['ID']}"
    yield f"Name:\t\t{spec['Name']}"
    yield from _mapping("Labels", spec.get("Labels"), "=")
    yield from _mode(spec.get("Mode") or {})
    yield from _placement(task.get("Placement") or {})
    for kind in ("Update", "Rollback"):
        yield from _updates(kind, spec.get(f"{kind}Config"))
    yield from _container(task.get("ContainerSpec") or {})
    yield from _resources(task.get("Resources") or {})
    if networks := task.get("Networks"):
        shown = " ".join(names.of("networks", network["Target"]) for network in networks)
        yield f"Networks: {shown} "
    yield f"Endpoint Mode:\t{(spec.get('EndpointSpec') or {}).get('Mode', '')}"
    yield from _ports((service.get("Endpoint") or {}).get("Ports") or [])


def _mapping(title: str, pairs: Mapping[str, Any] | None, sign: str) -> Iterator[str]:
    if pairs:
        yield f"{title}:"
        for key, value in sorted(pairs.items()):
            yield f" {key}{sign}{value}" if value else f" {key}"


def _mode(mode: Mapping[str, Any]) -> Iterator[str]:
    if mode.get("Global") is not None:
        yield "Service Mode:\tGlobal"
    elif (replicated := mode.get("Replicated")) is not None:
        yield "Service Mode:\tReplicated"
        if replicated.get("Replicas"):
            yield f" Replicas:\t{replicated['Replicas']}"
    else:
        yield "Service Mode:"


def _placement(placement: Mapping[str, Any]) -> Iterator[str]:
    yield "Placement:"
    if constraints := placement.get("Constraints"):
        yield f" Constraints:\t[{' '.join(constraints)}]"
    spreads = [
        preference["Spread"]["SpreadDescriptor"]
        for preference in placement.get("Preferences") or []
    ]
    if spreads:
        yield f" Preferences:   [{' '.join(f'spread={preference}' for preference in spreads)}]"
    if placement.get("MaxReplicas"):
        yield f" Max Replicas Per Node:   {placement['MaxReplicas']}"


def _updates(kind: str, config: Mapping[str, Any] | None) -> Iterator[str]:
    if config is None:
        return
    yield f"{kind}Config:"
    yield f" Parallelism:\t{config.get('Parallelism', 0)}"
    if config.get("Delay"):
        yield f" Delay:\t\t{config['Delay'] / _NANO:g}s"
    yield f" On failure:\t{config.get('FailureAction', '')}"
    if config.get("Monitor"):
        yield f" Monitoring Period: {config['Monitor'] / _NANO:g}s"
    yield f" Max failure ratio: {config.get('MaxFailureRatio', 0)}"
    yield f" {kind} order:".ljust(20) + str(config.get("Order", ""))


def _container(container: Mapping[str, Any]) -> Iterator[str]:
    yield "ContainerSpec:"
    yield f" Image:\t\t{container.get('Image', '')}"
    for title, key in (("Args", "Args"), ("Env", "Env")):
        if values := container.get(key):
            yield f" {title}:\t\t{' '.join(values)} "
    if container.get("Dir"):
        yield f" Dir:\t\t{container['Dir']}"
    if container.get("Init") is not None:
        yield f" Init:\t\t{str(container['Init']).lower()}"
    if container.get("User"):
        yield f" User: {container['User']}"
    yield from _mapping("SysCtls", container.get("Sysctls"), ": ")
    limits = {
        ulimit["Name"]: f"{ulimit['Soft']}:{ulimit['Hard']}"
        for ulimit in container.get("Ulimits") or []
    }
    yield from _mapping("Ulimits", limits, ": ")
    yield from _mounts(container.get("Mounts") or [])
    for kind in ("Config", "Secret"):
        yield from _references(kind, container.get(f"{kind}s") or [])


def _mounts(mounts: list[dict[str, Any]]) -> Iterator[str]:
    if mounts:
        yield "Mounts:"
    for mount in mounts:
        yield f" Target:\t{mount['Target']}"
        yield f"  Source:\t{mount.get('Source', '')}"
        yield f"  ReadOnly:\t{str(bool(mount.get('ReadOnly'))).lower()}"
        yield f"  Type:\t\t{mount['Type']}"


def _references(kind: str, references: list[dict[str, Any]]) -> Iterator[str]:
    if references:
        yield f"{kind}s:"
    for ref in references:
        yield f" Target:\t{(ref.get('File') or {}).get('Name', '')}"
        yield f"  Source:\t{ref[f'{kind}Name']}"


def _resources(resources: Mapping[str, Any]) -> Iterator[str]:
    parts = {
        title: resources.get(title) or {}
        for title in ("Reservations", "Limits")
        if resources.get(title)
    }
    if resources:
        yield "Resources:"
    for title, part in parts.items():
        yield f" {title}:"
        if part.get("NanoCPUs"):
            yield f"  CPU:\t\t{part['NanoCPUs'] / _NANO:g}"
        if part.get("MemoryBytes"):
            yield f"  Memory:\t{human.binary_size(part['MemoryBytes'])}"
        if part.get("Pids"):
            yield f"  PIDs:\t\t{part['Pids']}"


def _ports(ports: list[dict[str, Any]]) -> Iterator[str]:
    if ports:
        yield "Ports:"
    for port in ports:
        yield f" PublishedPort = {port.get('PublishedPort', 0)}"
        for key in ("Protocol", "TargetPort", "PublishMode"):
            yield f"  {key} = {port.get(key, '')}"
