"""The flags of service update.

source: docker/cli, cli/command/service/update.go: newUpdateCommand.
"""

from __future__ import annotations

from typing import Any

from docker_magics.cli.command import flag, operand
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


class ServiceUpdateFlags(ServiceFlags):
    """A service's changes as the command line describes them."""

    usage = "[OPTIONS] SERVICE"

    args: list[str] | None = flag("--args command", "Service command args", default=None)
    config_add: list[dict[str, Any]] = flag(
        "--config-add config", "Add or update a config file on a service"
    )
    config_rm: list[str] = flag("--config-rm list", "Remove a configuration file")
    constraint_add: list[str] = flag(
        "--constraint-add list", "Add or update a placement constraint"
    )
    constraint_rm: list[str] = flag("--constraint-rm list", "Remove a constraint")
    container_label_add: list[str] = flag(
        "--container-label-add list", "Add or update a container label", flag_type=LABELS
    )
    container_label_rm: list[str] = flag(
        "--container-label-rm list", "Remove a container label by its key"
    )
    dns_add: list[str] = flag(
        "--dns-add list", "Add or update a custom DNS server", flag_type=DNS_SERVERS
    )
    dns_option_add: list[str] = flag("--dns-option-add list", "Add or update a DNS option")
    dns_option_rm: list[str] = flag("--dns-option-rm list", "Remove a DNS option")
    dns_rm: list[str] = flag("--dns-rm list", "Remove a custom DNS server")
    dns_search_add: list[str] = flag(
        "--dns-search-add list", "Add or update a custom DNS search domain", flag_type=DNS_DOMAINS
    )
    dns_search_rm: list[str] = flag("--dns-search-rm list", "Remove a DNS search domain")
    env_add: list[str] = flag(
        "--env-add list", "Add or update an environment variable", flag_type=ENVIRONMENT
    )
    env_rm: list[str] = flag("--env-rm list", "Remove an environment variable")
    force: bool = flag("--force", "Force update even if no changes require it")
    generic_resource_add: list[str] = flag(
        "--generic-resource-add list", "Add a Generic resource", flag_type=GENERIC_RESOURCES
    )
    generic_resource_rm: list[str] = flag("--generic-resource-rm list", "Remove a Generic resource")
    group_add: list[str] = flag(
        "--group-add list", "Add an additional supplementary user group to the container"
    )
    group_rm: list[str] = flag(
        "--group-rm list", "Remove a previously added supplementary user group from the container"
    )
    host_add: list[str] = flag(
        "--host-add list", 'Add a custom host-to-IP mapping ("host:ip")', flag_type=EXTRA_HOSTS
    )
    host_rm: list[str] = flag("--host-rm list", 'Remove a custom host-to-IP mapping ("host:ip")')
    image: str | None = flag("--image string", "Service image tag", default=None)
    label_add: list[str] = flag(
        "--label-add list", "Add or update a service label", flag_type=LABELS
    )
    label_rm: list[str] = flag("--label-rm list", "Remove a label by its key")
    mount_add: list[dict[str, Any]] = flag(
        "--mount-add mount", "Add or update a mount on a service"
    )
    mount_rm: list[str] = flag("--mount-rm list", "Remove a mount by its target path")
    network_add: list[Attachment] = flag("--network-add network", "Add a network")
    network_rm: list[str] = flag("--network-rm list", "Remove a network")
    placement_pref_add: list[dict[str, Any]] = flag(
        "--placement-pref-add pref", "Add a placement preference"
    )
    placement_pref_rm: list[dict[str, Any]] = flag(
        "--placement-pref-rm pref", "Remove a placement preference"
    )
    publish_add: list[dict[str, Any]] = flag("--publish-add port", "Add or update a published port")
    publish_rm: list[dict[str, Any]] = flag(
        "--publish-rm port", "Remove a published port by its target port"
    )
    rollback: bool = flag("--rollback", "Rollback to previous specification")
    secret_add: list[dict[str, Any]] = flag(
        "--secret-add secret", "Add or update a secret on a service"
    )
    secret_rm: list[str] = flag("--secret-rm list", "Remove a secret")
    sysctl_add: list[str] = flag("--sysctl-add list", "Add or update a Sysctl option")
    sysctl_rm: list[str] = flag("--sysctl-rm list", "Remove a Sysctl option")
    ulimit_add: list[dict[str, Any]] = flag(
        "--ulimit-add ulimit", "Add or update a ulimit option (default [])"
    )
    ulimit_rm: list[str] = flag("--ulimit-rm list", "Remove a ulimit option")
    service: str = operand()
