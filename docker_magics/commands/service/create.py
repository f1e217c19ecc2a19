"""docker service create: containers that the swarm keeps running."""

from __future__ import annotations

from typing import Any

from docker_magics.cli.command import flag, operand, operands
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
    endpoint_mode: str | None = flag(
        "--endpoint-mode string", 'Endpoint mode (vip or dnsrr) (default "vip")', default=None
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
    restart_condition: str | None = flag(
        "--restart-condition string",
        'Restart when condition is met ("none", "on-failure", "any") (default "any")',
        default=None,
    )
    restart_delay: int | None = flag(
        "--restart-delay duration",
        "Delay between restart attempts (ns|us|ms|s|m|h) (default 5s)",
        default=None,
    )
    rollback_delay: int | None = flag(
        "--rollback-delay duration",
        "Delay between task rollbacks (ns|us|ms|s|m|h) (default 0s)",
        default=None,
    )
    rollback_failure_action: str | None = flag(
        "--rollback-failure-action string",
        'Action on rollback failure ("pause", "continue") (default "pause")',
        default=None,
    )
    rollback_max_failure_ratio: float | None = flag(
        "--rollback-max-failure-ratio float",
        "Failure rate to tolerate during a rollback (default 0)",
        default=None,
    )
    rollback_monitor: int | None = flag(
        "--rollback-monitor duration",
        "Duration after each task rollback to monitor for failure (ns|us|ms|s|m|h) (default 5s)",
        default=None,
    )
    rollback_order: str | None = flag(
        "--rollback-order string",
        'Rollback order ("start-first", "stop-first") (default "stop-first")',
        default=None,
    )
    rollback_parallelism: int | None = flag(
        "--rollback-parallelism uint",
        "Maximum number of tasks rolled back simultaneously (0 to roll back all at once)"
        " (default 1)",
        default=None,
    )
    secret: list[dict[str, Any]] = flag(
        "--secret secret", "Specify secrets to expose to the service"
    )
    stop_grace_period: int | None = flag(
        "--stop-grace-period duration",
        "Time to wait before force killing a container (ns|us|ms|s|m|h) (default 10s)",
        default=None,
    )
    sysctl: list[str] = flag("--sysctl list", "Sysctl options")
    ulimit: list[dict[str, Any]] = flag("--ulimit ulimit", "Ulimit options (default [])")
    update_delay: int | None = flag(
        "--update-delay duration",
        "Delay between updates (ns|us|ms|s|m|h) (default 0s)",
        default=None,
    )
    update_failure_action: str | None = flag(
        "--update-failure-action string",
        'Action on update failure ("pause", "continue", "rollback") (default "pause")',
        default=None,
    )
    update_max_failure_ratio: float | None = flag(
        "--update-max-failure-ratio float",
        "Failure rate to tolerate during an update (default 0)",
        default=None,
    )
    update_monitor: int | None = flag(
        "--update-monitor duration",
        "Duration after each task update to monitor for failure (ns|us|ms|s|m|h) (default 5s)",
        default=None,
    )
    update_order: str | None = flag(
        "--update-order string",
        'Update order ("start-first", "stop-first") (default "stop-first")',
        default=None,
    )
    update_parallelism: int | None = flag(
        "--update-parallelism uint",
        "Maximum number of tasks updated simultaneously (0 to update all at once) (default 1)",
        default=None,
    )
    image: str = operand()
    args: list[str] = operands(0)

    def run(self, engine: Engine) -> Any:
        """The new service's ID; without --detach after its tasks run, with progress.

        source: Engine API, ServiceCreate.
        """
        spec = service_spec(self, engine)
        headers = registry_headers(self.image) if self.with_registry_auth else {}
        put_tag(spec)
        if not self.no_resolve_image:
            pin(engine, self.terminal, spec, headers)
        response = engine.request("POST", "/services/create", body=spec, headers=headers)
        answer = response.json()
        for warning in answer.get("Warnings") or []:
            self.terminal.say(warning)
        return converging(engine, answer["ID"], detach=self.detach, quiet=self.quiet)
