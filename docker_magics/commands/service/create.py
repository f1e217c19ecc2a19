"""docker service create: containers that the swarm keeps running."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from typing import Any

from docker_magics.cli.command import Flag, flag, operand, operands
from docker_magics.cli.kinds import (
    DNS_DOMAINS,
    DNS_SERVERS,
    ENVIRONMENT,
    EXTRA_HOSTS,
    GENERIC_RESOURCES,
    LABELS,
)
from docker_magics.cli.kinds.networks import Attachment
from docker_magics.engine.client import Engine

from ._converge import converging
from ._flags import ServiceFlags
from ._registry import pin, put_tag, registry_headers
from ._spec import service_spec

#: What the swarm does where a flag is not given; it is not sent, but the help says it.
_DEFAULTS = {
    "endpoint-mode": '"vip"',
    "restart-condition": '"any"',
    "restart-delay": "5s",
    "rollback-delay": "0s",
    "rollback-failure-action": '"pause"',
    "rollback-max-failure-ratio": "0",
    "rollback-monitor": "5s",
    "rollback-order": '"stop-first"',
    "rollback-parallelism": "1",
    "stop-grace-period": "10s",
    "update-delay": "0s",
    "update-failure-action": '"pause"',
    "update-max-failure-ratio": "0",
    "update-monitor": "5s",
    "update-order": '"stop-first"',
    "update-parallelism": "1",
}


class ServiceCreate(ServiceFlags):
    """Create a new service"""

    usage = "[OPTIONS] IMAGE [COMMAND] [ARG...]"
    interspersed = False

    config: list[dict[str, Any]] = flag(
        "--config config", "Specify configurations to expose to the service"
    )
    constraint: list[str] = flag("--constraint list", "Placement constraints")
    container_label: list[str] = flag("--container-label list", "Container labels", kind=LABELS)
    dns: list[str] = flag("--dns list", "Set custom DNS servers", kind=DNS_SERVERS)
    dns_option: list[str] = flag("--dns-option list", "Set DNS options")
    dns_search: list[str] = flag(
        "--dns-search list", "Set custom DNS search domains", kind=DNS_DOMAINS
    )
    env: list[str] = flag("-e, --env list", "Set environment variables", kind=ENVIRONMENT)
    env_file: list[str] = flag("--env-file list", "Read in a file of environment variables")
    generic_resource: list[str] = flag(
        "--generic-resource list", "User defined resources", kind=GENERIC_RESOURCES
    )
    group: list[str] = flag(
        "--group list", "Set one or more supplementary user groups for the container"
    )
    host: list[str] = flag(
        "--host list", "Set one or more custom host-to-IP mappings (host:ip)", kind=EXTRA_HOSTS
    )
    label: list[str] = flag("-l, --label list", "Service labels", kind=LABELS)
    mode: str | None = flag(
        "--mode string",
        'Service mode ("replicated", "global", "replicated-job", "global-job") (default'
        ' "replicated")',
        default=None,
    )
    mount: list[dict[str, Any]] = flag("--mount mount", "Attach a filesystem mount to the service")
    name: str = flag("--name string", "Service name")
    network: list[Attachment] = flag("--network network", "Network attachments")
    placement_pref: list[dict[str, Any]] = flag(
        "--placement-pref pref", "Add a placement preference"
    )
    publish: list[dict[str, Any]] = flag("-p, --publish port", "Publish a port as a node port")
    secret: list[dict[str, Any]] = flag(
        "--secret secret", "Specify secrets to expose to the service"
    )
    sysctl: list[str] = flag("--sysctl list", "Sysctl options")
    ulimit: list[dict[str, Any]] = flag("--ulimit ulimit", "Ulimit options (default [])")
    image: str = operand()
    args: list[str] = operands(0)

    @classmethod
    @functools.cache
    def flags(cls) -> Sequence[Flag]:
        """Its flags, the swarm's defaults in their help."""
        return [
            dataclasses.replace(each, help=f"{each.help} (default {_DEFAULTS[each.long]})")
            if each.long in _DEFAULTS
            else each
            for each in super().flags()
        ]

    def run(self, engine: Engine) -> Any:
        """The new service's ID; without --detach after its tasks run, with progress.

        source: Engine API, ServiceCreate.
        """
        spec = service_spec(self, engine)
        headers = registry_headers(self.image) if self.with_registry_auth else {}
        put_tag(spec)
        if not self.no_resolve_image:
            pin(engine, self.terminal, spec, headers)
        answer = engine.post("/services/create", body=spec, headers=headers)
        for warning in answer.get("Warnings") or []:
            self.terminal.say(warning)
        return converging(engine, answer["ID"], detach=self.detach, quiet=self.quiet)
