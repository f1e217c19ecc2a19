"""The flags that run and create share."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from docker_magics.cli.command import Command, flag, operand, operands
from docker_magics.cli.flag_types import (
    CGROUP_RULES,
    DEVICE_BYTES,
    DEVICE_OPERATIONS,
    DEVICE_WEIGHTS,
    DNS_DOMAINS,
    DNS_SERVERS,
    ENVIRONMENT,
    EXTRA_HOSTS,
    IPV4,
    IPV6,
    LABELS,
    LINK_LOCAL,
    LINKS,
    SIZE_OR_UNLIMITED,
    STREAMS,
    SYSCTLS,
)
from docker_magics.cli.flag_types.networks import Attachment
from docker_magics.commands import _flags
from docker_magics.errors import DockerMagicsError


class CreateFlags(Command):
    """A container as the command line describes it."""

    usage = "[OPTIONS] IMAGE [COMMAND] [ARG...]"
    interspersed = False
    spellings = MappingProxyType(
        {"net": "network", "net-alias": "network-alias", "dns-opt": "dns-option"}
    )

    add_host: list[str] = flag(
        "--add-host list", "Add a custom host-to-IP mapping (host:ip)", flag_type=EXTRA_HOSTS
    )
    annotation: list[str] = flag(
        "--annotation map",
        "Add an annotation to the container (passed through to the OCI runtime) (default map[])",
    )
    attach: list[str] = flag(
        "-a, --attach list", "Attach to STDIN, STDOUT or STDERR", flag_type=STREAMS
    )
    blkio_weight: int = flag(
        "--blkio-weight uint16",
        "Block IO (relative weight), between 10 and 1000, or 0 to disable (default 0)",
    )
    blkio_weight_device: list[dict[str, Any]] = flag(
        "--blkio-weight-device list",
        "Block IO weight (relative device weight) (default [])",
        flag_type=DEVICE_WEIGHTS,
    )
    cap_add: list[str] = flag("--cap-add list", "Add Linux capabilities")
    cap_drop: list[str] = flag("--cap-drop list", "Drop Linux capabilities")
    cgroup_parent: str = flag("--cgroup-parent string", "Optional parent cgroup for the container")
    cgroupns: str = flag(
        "--cgroupns string",
        "Cgroup namespace to use (host|private)\n"
        "'host':    Run the container in the Docker host's cgroup namespace\n"
        "'private': Run the container in its own private cgroup namespace\n"
        "'':        Use the cgroup namespace as configured by the\n"
        "           default-cgroupns-mode option on the daemon (default)",
    )
    cidfile: str = flag("--cidfile string", "Write the container ID to the file")
    cpu_period: int = flag("--cpu-period int", "Limit CPU CFS (Completely Fair Scheduler) period")
    cpu_quota: int = flag("--cpu-quota int", "Limit CPU CFS (Completely Fair Scheduler) quota")
    cpu_rt_period: int = flag("--cpu-rt-period int", "Limit CPU real-time period in microseconds")
    cpu_rt_runtime: int = flag(
        "--cpu-rt-runtime int", "Limit CPU real-time runtime in microseconds"
    )
    cpu_shares: int = flag("-c, --cpu-shares int", "CPU shares (relative weight)")
    cpus: int = flag("--cpus decimal", "Number of CPUs")
    cpuset_cpus: str = flag("--cpuset-cpus string", "CPUs in which to allow execution (0-3, 0,1)")
    cpuset_mems: str = flag("--cpuset-mems string", "MEMs in which to allow execution (0-3, 0,1)")
    device: list[str] = flag("--device list", "Add a host device to the container")
    device_cgroup_rule: list[str] = flag(
        "--device-cgroup-rule list",
        "Add a rule to the cgroup allowed devices list",
        flag_type=CGROUP_RULES,
    )
    device_read_bps: list[dict[str, Any]] = flag(
        "--device-read-bps list",
        "Limit read rate (bytes per second) from a device (default [])",
        flag_type=DEVICE_BYTES,
    )
    device_read_iops: list[dict[str, Any]] = flag(
        "--device-read-iops list",
        "Limit read rate (IO per second) from a device (default [])",
        flag_type=DEVICE_OPERATIONS,
    )
    device_write_bps: list[dict[str, Any]] = flag(
        "--device-write-bps list",
        "Limit write rate (bytes per second) to a device (default [])",
        flag_type=DEVICE_BYTES,
    )
    device_write_iops: list[dict[str, Any]] = flag(
        "--device-write-iops list",
        "Limit write rate (IO per second) to a device (default [])",
        flag_type=DEVICE_OPERATIONS,
    )
    disable_content_trust: bool = _flags.disable_content_trust()
    dns: list[str] = flag("--dns list", "Set custom DNS servers", flag_type=DNS_SERVERS)
    dns_option: list[str] = flag("--dns-option list", "Set DNS options")
    dns_search: list[str] = flag(
        "--dns-search list", "Set custom DNS search domains", flag_type=DNS_DOMAINS
    )
    domainname: str = flag("--domainname string", "Container NIS domain name")
    entrypoint: str | None = flag(
        "--entrypoint string", "Overwrite the default ENTRYPOINT of the image", default=None
    )
    env: list[str] = flag("-e, --env list", "Set environment variables", flag_type=ENVIRONMENT)
    env_file: list[str] = flag("--env-file list", "Read in a file of environment variables")
    expose: list[str] = flag("--expose list", "Expose a port or a range of ports")
    gpus: list[dict[str, Any]] = flag(
        "--gpus gpu-request", "GPU devices to add to the container ('all' to pass all GPUs)"
    )
    group_add: list[str] = flag("--group-add list", "Add additional groups to join")
    health_cmd: str = flag("--health-cmd string", "Command to run to check health")
    health_interval: int = flag(
        "--health-interval duration", "Time between running the check (ms|s|m|h) (default 0s)"
    )
    health_retries: int = flag(
        "--health-retries int", "Consecutive failures needed to report unhealthy"
    )
    health_start_period: int = flag(
        "--health-start-period duration",
        "Start period for the container to initialize before starting health-retries countdown"
        " (ms|s|m|h) (default 0s)",
    )
    health_start_interval: int = flag(
        "--health-start-interval duration",
        "Time between running the check during the start period (ms|s|m|h) (default 0s)",
    )
    health_timeout: int = flag(
        "--health-timeout duration",
        "Maximum time to allow one check to run (ms|s|m|h) (default 0s)",
    )
    help: bool = flag("--help", "Print usage")
    hostname: str = flag("-h, --hostname string", "Container host name")
    init: bool | None = flag(
        "--init",
        "Run an init inside the container that forwards signals and reaps processes",
        default=None,
    )
    interactive: bool = flag("-i, --interactive", "Keep STDIN open even if not attached")
    ip: str = flag("--ip ip", "IPv4 address (e.g., 172.30.100.104)", flag_type=IPV4)
    ip6: str = flag("--ip6 ip", "IPv6 address (e.g., 2001:db8::33)", flag_type=IPV6)
    ipc: str = flag("--ipc string", "IPC mode to use")
    isolation: str = flag("--isolation string", "Container isolation technology")
    kernel_memory: int | None = _flags.kernel_memory()
    label: list[str] = flag("-l, --label list", "Set meta data on a container", flag_type=LABELS)
    label_file: list[str] = flag("--label-file list", "Read in a line delimited file of labels")
    link: list[str] = flag("--link list", "Add link to another container", flag_type=LINKS)
    link_local_ip: list[str] = flag(
        "--link-local-ip list",
        "Container IPv4/IPv6 link-local addresses",
        flag_type=LINK_LOCAL,
    )
    log_driver: str = flag("--log-driver string", "Logging driver for the container")
    log_opt: list[str] = flag("--log-opt list", "Log driver options")
    mac_address: str = flag(
        "--mac-address string", "Container MAC address (e.g., 92:d0:c6:0a:29:33)"
    )
    memory: int = flag("-m, --memory bytes", "Memory limit")
    memory_reservation: int = flag("--memory-reservation bytes", "Memory soft limit")
    memory_swap: int = flag(
        "--memory-swap bytes",
        "Swap limit equal to memory plus swap: '-1' to enable unlimited swap",
        flag_type=SIZE_OR_UNLIMITED,
    )
    memory_swappiness: int = flag(
        "--memory-swappiness int", "Tune container memory swappiness (0 to 100)", default=-1
    )
    mount: list[dict[str, Any]] = flag(
        "--mount mount", "Attach a filesystem mount to the container"
    )
    name: str = flag("--name string", "Assign a name to the container")
    network: list[Attachment] = flag("--network network", "Connect a container to a network")
    network_alias: list[str] = flag(
        "--network-alias list", "Add network-scoped alias for the container"
    )
    no_healthcheck: bool = flag("--no-healthcheck", "Disable any container-specified HEALTHCHECK")
    oom_kill_disable: bool = flag("--oom-kill-disable", "Disable OOM Killer")
    oom_score_adj: int = flag("--oom-score-adj int", "Tune host's OOM preferences (-1000 to 1000)")
    pid: str = flag("--pid string", "PID namespace to use")
    pids_limit: int = flag("--pids-limit int", "Tune container pids limit (set -1 for unlimited)")
    platform: str = flag("--platform string", "Set platform if server is multi-platform capable")
    privileged: bool = flag("--privileged", "Give extended privileges to this container")
    publish: list[str] = flag("-p, --publish list", "Publish a container's port(s) to the host")
    publish_all: bool = flag("-P, --publish-all", "Publish all exposed ports to random ports")
    pull: str = flag(
        "--pull string",
        'Pull image before running ("always", "missing", "never")',
        default="missing",
    )
    quiet: bool = flag("-q, --quiet", "Suppress the pull output")
    read_only: bool = flag("--read-only", "Mount the container's root filesystem as read only")
    restart: str = flag(
        "--restart string", "Restart policy to apply when a container exits", default="no"
    )
    rm: bool = flag(
        "--rm",
        "Automatically remove the container and its associated anonymous volumes when it exits",
    )
    runtime: str = flag("--runtime string", "Runtime to use for this container")
    security_opt: list[str] = flag("--security-opt list", "Security Options")
    shm_size: int = flag("--shm-size bytes", "Size of /dev/shm")
    stop_signal: str = flag("--stop-signal string", "Signal to stop the container")
    stop_timeout: int | None = flag(
        "--stop-timeout int", "Timeout (in seconds) to stop a container", default=None
    )
    storage_opt: list[str] = flag("--storage-opt list", "Storage driver options for the container")
    sysctl: list[str] = flag("--sysctl map", "Sysctl options (default map[])", flag_type=SYSCTLS)
    tmpfs: list[str] = flag("--tmpfs list", "Mount a tmpfs directory")
    tty: bool = flag("-t, --tty", "Allocate a pseudo-TTY")
    ulimit: list[dict[str, Any]] = flag("--ulimit ulimit", "Ulimit options (default [])")
    use_api_socket: bool = flag(
        "--use-api-socket", "Bind mount Docker API socket and required auth"
    )
    user: str = flag("-u, --user string", "Username or UID (format: <name|uid>[:<group|gid>])")
    userns: str = flag("--userns string", "User namespace to use")
    uts: str = flag("--uts string", "UTS namespace to use")
    volume: list[str] = flag("-v, --volume list", "Bind mount a volume")
    volume_driver: str = flag("--volume-driver string", "Optional volume driver for the container")
    volumes_from: list[str] = flag(
        "--volumes-from list", "Mount volumes from the specified container(s)"
    )
    workdir: str = flag("-w, --workdir string", "Working directory inside the container")
    image: str = operand()
    args: list[str] = operands(0)

    def attaches(self, stream: str) -> bool:
        """Whether stdin, stdout or stderr is attached; without -a stdout and stderr are."""
        if stream == "stdin":
            return self.interactive or stream in self.attach
        return not self.attach or stream in self.attach

    def exit_code(self, error: DockerMagicsError) -> int:
        """Return the exit code for an error."""
        return error.exit_code
