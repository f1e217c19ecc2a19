"""The Compose file of a stack, as the official Compose reads it.

source: docker/cli, cli/command/stack/loader.go, cli/compose/types/types.go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from docker_magics.cli.terminal import Terminal
from docker_magics.compose.body import ComposeBody
from docker_magics.compose.call import Call, read_model
from docker_magics.compose.program import compose_environment, find
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError

from ._members import NAMESPACE

#: The project's name, which no object of a stack has.
_PROJECT = "stack"
#: Stacks read no .env file.
_NO_ENV_FILE = "/dev/null"
_IGNORED = (
    *("build", "cgroupns_mode", "cgroup_parent", "devices", "domainname", "external_links", "ipc"),
    *("links", "mac_address", "network_mode", "pid", "privileged", "restart", "security_opt"),
    *("shm_size", "userns_mode"),
)
_DEPRECATED = {
    "container_name": "Setting the container name is not supported.",
    "expose": "Exposing ports is unnecessary - services on the same network can access each"
    " other's containers on any port.",
}
_RESOURCES = "Set resource limits using deploy.resources"
_FORBIDDEN = {
    "volume_driver": "Instead of setting the volume driver on the service, define a volume using"
    " the top-level `volumes` option and specify the driver there.",
    "volumes_from": "To share a volume between services, define it using the top-level `volumes`"
    " option and reference it from each service that shares it using the service-level `volumes`"
    " option.",
    **dict.fromkeys(
        ("cpu_quota", "cpu_shares", "cpuset", "mem_limit", "memswap_limit"), _RESOURCES
    ),
}


@dataclass(frozen=True)
class StackModel:
    """The objects of a Compose file, and their names in the swarm.

    Attributes:
        name: the stack's name.
        parts: the file's parts: `services`, `networks`, `volumes`, `secrets`, `configs`.
    """

    name: str
    parts: Mapping[str, Mapping[str, Any]]

    def part(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the settings of the objects of a kind."""
        return {key: settings or {} for key, settings in (self.parts.get(kind) or {}).items()}

    def scoped(self, key: str) -> str:
        """Return the default name in the swarm: the stack's name and the key."""
        return f"{self.name}_{key}"

    def name_of(self, kind: str, key: str) -> str:
        """Return the name in the swarm of an object of the file."""
        settings = self.part(kind).get(key, {})
        return settings.get("name") or (key if settings.get("external") else self.scoped(key))

    def labels(self, given: Mapping[str, str] | None) -> dict[str, str]:
        """Return labels with the stack's."""
        return {**(given or {}), NAMESPACE: self.name}


def compose_config(engine: Engine, terminal: Terminal, files: Sequence[str], *options: str) -> str:
    """Return what `compose config` prints.

    Args:
        engine: the engine.
        terminal: its standard input is the file `-`.
        files: the Compose files, of which later ones override the first.
        *options: options of `compose config`.

    Raises:
        UsageError: no file is given.
        ComposeFailed: a file is invalid.
    """
    if not files:
        raise UsageError("specify a Compose file (with --compose-file)")
    arguments = ["--env-file", _NO_ENV_FILE, "--project-name", _PROJECT]
    for file in files:
        arguments += ["--file", file]
    body = ComposeBody(terminal.stdin.read().decode()) if "-" in files else None
    args = ["config", "--no-normalize", *options]
    return Call(find(), arguments, args, compose_environment(engine.address), body).output()


def load(engine: Engine, terminal: Terminal, files: Sequence[str], name: str) -> StackModel:
    """Return the model of a stack's files.

    Raises:
        UsageError: a service has no image, or options that swarms do not have.
        ComposeFailed: a file is invalid.
    """
    model = read_model(compose_config(engine, terminal, files, "--format", "json"))
    services: Mapping[str, Mapping[str, Any]] = model.get("services") or {}
    given = {key for service in services.values() for key, value in service.items() if value}
    if forbidden := _listed(_FORBIDDEN, given):
        raise UsageError(f"compose file contains unsupported options:\n\n{forbidden}")
    if ignored := [key for key in _IGNORED if key in given]:
        terminal.notify(f"Ignoring unsupported options: {', '.join(ignored)}\n")
    if deprecated := _listed(_DEPRECATED, given):
        terminal.notify(f"Ignoring deprecated options:\n\n{deprecated}\n")
    for key, service in services.items():
        if not service.get("image"):
            problem = f"invalid image reference for service {key}: no image specified"
            raise UsageError(problem)
    return StackModel(name, model)


def _listed(descriptions: Mapping[str, str], given: set[str]) -> str:
    return "\n\n".join(f"{key}: {text}" for key, text in descriptions.items() if key in given)
