"""docker info: show the engine's settings, state and warnings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from docker_magics.cli.command import Command
from docker_magics.commands import _flags
from docker_magics.engine.client import Engine
from docker_magics.results import human
from docker_magics.results.gotemplate import Struct, Template, format_value, to_json
from docker_magics.results.text import Text, blank_line_after_errors
from docker_magics.version import __version__


class SystemInfo(Command):
    """Display system-wide information"""

    usage = "[OPTIONS]"
    aliases = ("info",)

    format: str = _flags.format_of_object()

    def run(self, engine: Engine) -> Text:
        """Return the information as the CLI prints it; with --format json the engine's JSON.

        source: Engine API, SystemInfo; docker/cli, cli/command/system/info.go.
        """
        info = engine.get("/info")
        client = {"Version": __version__, "Context": engine.address.context, "Debug": False}
        known = {**info, "ClientInfo": client}
        if self.format == "json":
            return Text(to_json(known) + "\n")
        if self.format:
            template = Template(self.format)
            with blank_line_after_errors():
                return Text(template.render(Struct(_FIELDS, known, _TYPE)) + "\n")
        lines = [
            "Client: docker_magics",
            f" Version:    {__version__}",
            f" Context:    {engine.address.context}",
            f" Found by:   {engine.address.source}",
            f" Address:    {engine.address.host}",
            "",
            "Server:",
            *_server(info),
        ]
        for warning in info.get("Warnings") or []:
            self.terminal.notify(warning)
        return Text("\n".join(lines) + "\n")


#: The fields of templates, grouped by the zero values of their types.
#:
#: source: moby, api/types/system/info.go: Info.
_TYPE = "system.dockerInfo"
_ZEROS: tuple[tuple[Any, str], ...] = (
    (
        "",
        """ID Driver SystemTime LoggingDriver CgroupDriver CgroupVersion KernelVersion
        OperatingSystem OSVersion OSType Architecture IndexServerAddress DockerRootDir NoProxy
        Name ServerVersion DefaultRuntime Isolation InitBinary ProductLicense UserName""",
    ),
    (
        0,
        """Containers ContainersRunning ContainersPaused ContainersStopped Images NFd NGoroutines
        NEventsListener NCPU MemTotal""",
    ),
    (
        False,
        """MemoryLimit SwapLimit KernelMemory KernelMemoryTCP CPUShares CPUSet PidsLimit
        IPv4Forwarding Debug OomKillDisable ExperimentalBuild LiveRestoreEnabled""",
    ),
    (
        [],
        """DriverStatus SystemStatus GenericResources Labels SecurityOptions DefaultAddressPools
        CDISpecDirs DiscoveredDevices Warnings ServerErrors ClientErrors""",
    ),
    (
        {},
        """Plugins RegistryConfig Runtimes Swarm ClientInfo ContainerdCommit RuncCommit
        InitCommit""",
    ),
    (None, "Containerd FirewallBackend"),
)
_FIELDS: dict[str, tuple[str, Any]] = {
    name: (name, zero) for zero, names in _ZEROS for name in names.split()
} | {
    "CPUCfsPeriod": ("CpuCfsPeriod", False),
    "CPUCfsQuota": ("CpuCfsQuota", False),
    "HTTPProxy": ("HttpProxy", ""),
    "HTTPSProxy": ("HttpsProxy", ""),
}


def _server(info: Mapping[str, Any]) -> Iterator[str]:
    yield f" Containers: {info.get('Containers', 0)}"
    for state in ("Running", "Paused", "Stopped"):
        yield f"  {state}: {info.get(f'Containers{state}', 0)}"
    yield f" Images: {info.get('Images', 0)}"
    yield from _known(info, ("Server Version", "ServerVersion"), ("Storage Driver", "Driver"))
    yield from (f"  {key}: {value}" for key, value in info.get("DriverStatus") or [])
    yield from _known(
        info,
        ("Logging Driver", "LoggingDriver"),
        ("Cgroup Driver", "CgroupDriver"),
        ("Cgroup Version", "CgroupVersion"),
    )
    yield from _plugins(info.get("Plugins") or {})
    if directories := info.get("CDISpecDirs"):
        yield " CDI spec directories:"
        yield from (f"  {directory}" for directory in directories)
    if devices := info.get("DiscoveredDevices"):
        yield " Discovered Devices:"
        yield from (f"  {device['Source']}: {device['ID']}" for device in devices)
    yield f" Swarm: {(info.get('Swarm') or {}).get('LocalNodeState', 'inactive')}"
    yield from _runtimes(info)
    yield from _security(info.get("SecurityOptions") or [])
    yield from _known(
        info,
        ("Kernel Version", "KernelVersion"),
        ("Operating System", "OperatingSystem"),
        ("OSType", "OSType"),
        ("Architecture", "Architecture"),
        ("CPUs", "NCPU"),
    )
    yield f" Total Memory: {human.binary_size(info.get('MemTotal') or 0)}"
    yield from _known(
        info,
        ("Name", "Name"),
        ("ID", "ID"),
        ("Docker Root Dir", "DockerRootDir"),
    )
    yield f" Debug Mode: {format_value(bool(info.get('Debug')))}"
    yield from _known(
        info,
        ("HTTP Proxy", "HttpProxy"),
        ("HTTPS Proxy", "HttpsProxy"),
        ("No Proxy", "NoProxy"),
    )
    if info.get("Labels"):
        yield " Labels:"
        yield from (f"  {label}" for label in info["Labels"])
    yield f" Experimental: {format_value(bool(info.get('ExperimentalBuild')))}"
    yield from _registries(info.get("RegistryConfig") or {})
    yield f" Live Restore Enabled: {format_value(bool(info.get('LiveRestoreEnabled')))}"
    for title, key in (("Firewall Backend", "FirewallBackend"), ("NRI", "NRI")):
        if backend := info.get(key):
            yield f" {title}: {backend.get('Driver', '')}".rstrip()
            yield from (f"  {name}: {value}" for name, value in backend.get("Info") or [])


def _known(info: Mapping[str, Any], *names: tuple[str, str]) -> Iterator[str]:
    """Yield the lines of the keys that have a value."""
    for title, key in names:
        if info.get(key):
            yield f" {title}: {info[key]}"


def _plugins(plugins: Mapping[str, Any]) -> Iterator[str]:
    yield " Plugins:"
    for kind in ("Volume", "Network", "Authorization", "Log"):
        if plugins.get(kind) or kind != "Authorization":
            yield f"  {kind}: {' '.join(plugins.get(kind) or [])}"


def _runtimes(info: Mapping[str, Any]) -> Iterator[str]:
    if info.get("Runtimes"):
        yield f" Runtimes: {' '.join(info['Runtimes'])}"
        yield f" Default Runtime: {info.get('DefaultRuntime', '')}"
    yield from _known(info, ("Init Binary", "InitBinary"))
    for title, key in (
        ("containerd", "ContainerdCommit"),
        ("runc", "RuncCommit"),
        ("init", "InitCommit"),
    ):
        yield f" {title} version: {(info.get(key) or {}).get('ID', '')}"


def _security(options: list[str]) -> Iterator[str]:
    if options:
        yield " Security Options:"
    for option in options:
        pairs = dict(pair.partition("=")[::2] for pair in option.split(","))
        yield f"  {pairs.get('name', option)}"
        if "profile" in pairs:
            yield f"   Profile: {pairs['profile']}"


def _registries(config: Mapping[str, Any]) -> Iterator[str]:
    names = [
        name for name, index in (config.get("IndexConfigs") or {}).items() if not index["Secure"]
    ]
    insecure = [*names, *(config.get("InsecureRegistryCIDRs") or [])]
    for title, registries in (
        ("Insecure Registries", insecure),
        ("Registry Mirrors", config.get("Mirrors") or []),
    ):
        if registries:
            yield f" {title}:"
            yield from (f"  {index}" for index in registries)
