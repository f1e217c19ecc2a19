"""The flags that service create and update share. A missing flag is None.

source: docker/cli, cli/command/service/opts.go: addServiceFlags.
"""

from __future__ import annotations

from docker_magics.cli.command import Command, flag
from docker_magics.cli.flag_types import ENVIRONMENT, SIZE_OR_UNLIMITED

DETACH = "Exit immediately instead of waiting for the service to converge"
QUIET = "Suppress progress output"


class ServiceFlags(Command):
    """A service as the command line describes it."""

    cap_add: list[str] = flag("--cap-add list", "Add Linux capabilities")
    cap_drop: list[str] = flag("--cap-drop list", "Drop Linux capabilities")
    credential_spec: dict[str, str] | None = flag(
        "--credential-spec credential-spec",
        "Credential spec for managed service account (Windows only)",
        default=None,
    )
    detach: bool = flag("-d, --detach", DETACH)
    endpoint_mode: str | None = flag(
        "--endpoint-mode string", "Endpoint mode (vip or dnsrr)", default=None
    )
    entrypoint: list[str] | None = flag(
        "--entrypoint command", "Overwrite the default ENTRYPOINT of the image", default=None
    )
    health_cmd: str | None = flag(
        "--health-cmd string", "Command to run to check health", default=None
    )
    health_interval: int | None = flag(
        "--health-interval duration", "Time between running the check (ms|s|m|h)", default=None
    )
    health_retries: int | None = flag(
        "--health-retries int", "Consecutive failures needed to report unhealthy", default=None
    )
    health_start_interval: int | None = flag(
        "--health-start-interval duration",
        "Time between running the check during the start period (ms|s|m|h)",
        default=None,
    )
    health_start_period: int | None = flag(
        "--health-start-period duration",
        "Start period for the container to initialize before counting retries towards"
        " unstable (ms|s|m|h)",
        default=None,
    )
    health_timeout: int | None = flag(
        "--health-timeout duration",
        "Maximum time to allow one check to run (ms|s|m|h)",
        default=None,
    )
    hostname: str | None = flag("--hostname string", "Container hostname", default=None)
    init: bool | None = flag(
        "--init",
        "Use an init inside each service container to forward signals and reap processes",
        default=None,
    )
    isolation: str | None = flag(
        "--isolation string", "Service container isolation mode", default=None
    )
    limit_cpu: int | None = flag("--limit-cpu decimal", "Limit CPUs", default=None)
    limit_memory: int | None = flag("--limit-memory bytes", "Limit Memory", default=None)
    limit_pids: int | None = flag(
        "--limit-pids int",
        "Limit maximum number of processes (default 0 = unlimited)",
        default=None,
    )
    log_driver: str | None = flag("--log-driver string", "Logging driver for service", default=None)
    log_opt: list[str] = flag("--log-opt list", "Logging driver options", flag_type=ENVIRONMENT)
    max_concurrent: int | None = flag(
        "--max-concurrent uint",
        "Number of job tasks to run concurrently (default equal to --replicas)",
        default=None,
    )
    memory_swap: int | None = flag(
        "--memory-swap bytes",
        "Swap Bytes (-1 for unlimited)",
        flag_type=SIZE_OR_UNLIMITED,
        default=None,
    )
    memory_swappiness: int | None = flag(
        "--memory-swappiness int",
        "Tune memory swappiness (0-100), -1 to reset to default (default -1)",
        default=None,
    )
    no_healthcheck: bool = flag("--no-healthcheck", "Disable any container-specified HEALTHCHECK")
    no_resolve_image: bool = flag(
        "--no-resolve-image",
        "Do not query the registry to resolve image digest and supported platforms",
    )
    oom_score_adj: int | None = flag(
        "--oom-score-adj int", "Tune host's OOM preferences (-1000 to 1000) ", default=None
    )
    quiet: bool = flag("-q, --quiet", QUIET)
    read_only: bool | None = flag(
        "--read-only", "Mount the container's root filesystem as read only", default=None
    )
    replicas: int | None = flag("--replicas uint", "Number of tasks", default=None)
    replicas_max_per_node: int | None = flag(
        "--replicas-max-per-node uint",
        "Maximum number of tasks per node (default 0 = unlimited)",
        default=None,
    )
    reserve_cpu: int | None = flag("--reserve-cpu decimal", "Reserve CPUs", default=None)
    reserve_memory: int | None = flag("--reserve-memory bytes", "Reserve Memory", default=None)
    restart_condition: str | None = flag(
        "--restart-condition string",
        'Restart when condition is met ("none", "on-failure", "any")',
        default=None,
    )
    restart_delay: int | None = flag(
        "--restart-delay duration", "Delay between restart attempts (ns|us|ms|s|m|h)", default=None
    )
    restart_max_attempts: int | None = flag(
        "--restart-max-attempts uint", "Maximum number of restarts before giving up", default=None
    )
    restart_window: int | None = flag(
        "--restart-window duration",
        "Window used to evaluate the restart policy (ns|us|ms|s|m|h)",
        default=None,
    )
    rollback_delay: int | None = flag(
        "--rollback-delay duration", "Delay between task rollbacks (ns|us|ms|s|m|h)", default=None
    )
    rollback_failure_action: str | None = flag(
        "--rollback-failure-action string",
        'Action on rollback failure ("pause", "continue")',
        default=None,
    )
    rollback_max_failure_ratio: float | None = flag(
        "--rollback-max-failure-ratio float",
        "Failure rate to tolerate during a rollback",
        default=None,
    )
    rollback_monitor: int | None = flag(
        "--rollback-monitor duration",
        "Duration after each task rollback to monitor for failure (ns|us|ms|s|m|h)",
        default=None,
    )
    rollback_order: str | None = flag(
        "--rollback-order string", 'Rollback order ("start-first", "stop-first")', default=None
    )
    rollback_parallelism: int | None = flag(
        "--rollback-parallelism uint",
        "Maximum number of tasks rolled back simultaneously (0 to roll back all at once)",
        default=None,
    )
    stop_grace_period: int | None = flag(
        "--stop-grace-period duration",
        "Time to wait before force killing a container (ns|us|ms|s|m|h)",
        default=None,
    )
    stop_signal: str | None = flag(
        "--stop-signal string", "Signal to stop the container", default=None
    )
    tty: bool | None = flag("-t, --tty", "Allocate a pseudo-TTY", default=None)
    update_delay: int | None = flag(
        "--update-delay duration", "Delay between updates (ns|us|ms|s|m|h)", default=None
    )
    update_failure_action: str | None = flag(
        "--update-failure-action string",
        'Action on update failure ("pause", "continue", "rollback")',
        default=None,
    )
    update_max_failure_ratio: float | None = flag(
        "--update-max-failure-ratio float",
        "Failure rate to tolerate during an update",
        default=None,
    )
    update_monitor: int | None = flag(
        "--update-monitor duration",
        "Duration after each task update to monitor for failure (ns|us|ms|s|m|h)",
        default=None,
    )
    update_order: str | None = flag(
        "--update-order string", 'Update order ("start-first", "stop-first")', default=None
    )
    update_parallelism: int | None = flag(
        "--update-parallelism uint",
        "Maximum number of tasks updated simultaneously (0 to update all at once)",
        default=None,
    )
    user: str | None = flag(
        "-u, --user string", "Username or UID (format: <name|uid>[:<group|gid>])", default=None
    )
    with_registry_auth: bool = flag(
        "--with-registry-auth", "Send registry authentication details to swarm agents"
    )
    workdir: str | None = flag(
        "-w, --workdir string", "Working directory inside the container", default=None
    )
