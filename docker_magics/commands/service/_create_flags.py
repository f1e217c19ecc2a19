"""The flags of service create.

source: docker/cli, cli/command/service/create.go: newCreateCommand.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from docker_magics.cli.command import Flag, flag, operand, operands
from docker_magics.cli.flag_types import (
    DNS_DOMAINS,
    DNS_SERVERS,
    ENVIRONMENT,
    EXTRA_HOSTS,
    GENERIC_RESOURCES,
    LABELS,
)
from docker_magics.cli.flag_types.networks import Attachment

from ._flags import ServiceFlags

#: The swarm's defaults: shown in the help, and not sent.
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


class ServiceCreateFlags(ServiceFlags):
    """A new service as the command line describes it."""

    usage = "[OPTIONS] IMAGE [COMMAND] [ARG...]"
    interspersed = False

    config: list[dict[str, Any]] = flag(
        "--config config", "Specify configurations to expose to the service"
    )
    constraint: list[str] = flag("--constraint list", "Placement constraints")
    container_label: list[str] = flag(
        "--container-label list", "Container labels", flag_type=LABELS
    )
    dns: list[str] = flag("--dns list", "Set custom DNS servers", flag_type=DNS_SERVERS)
    dns_option: list[str] = flag("--dns-option list", "Set DNS options")
    dns_search: list[str] = flag(
        "--dns-search list", "Set custom DNS search domains", flag_type=DNS_DOMAINS
    )
    env: list[str] = flag("-e, --env list", "Set environment variables", flag_type=ENVIRONMENT)
    env_file: list[str] = flag("--env-file list", "Read in a file of environment variables")
    generic_resource: list[str] = flag(
        "--generic-resource list", "User defined resources", flag_type=GENERIC_RESOURCES
    )
    group: list[str] = flag(
        "--group list", "Set one or more supplementary user groups for the container"
    )
    host: list[str] = flag(
        "--host list", "Set one or more custom host-to-IP mappings (host:ip)", flag_type=EXTRA_HOSTS
    )
    label: list[str] = flag("-l, --label list", "Service labels", flag_type=LABELS)
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
        """Return the flags, with the swarm's defaults in their help texts."""
        return [
            flag._replace(help=f"{flag.help} (default {_DEFAULTS[flag.long]})")
            if flag.long in _DEFAULTS
            else flag
            for flag in super().flags()
        ]
