"""What this engine is, and what it cannot do here.

source: Engine API, SystemInfo, SystemVersion.
"""

from __future__ import annotations

import os
import platform
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...version import __version__
from .. import API_VERSION, MIN_API_VERSION, clock
from ..containers.store import ContainerStore
from ..containers.validate import RUNTIMES
from ..images.store import ImageStore
from ..networks import outbound
from ..registry import configuration, proxies
from ..runtime import proc, seccomp
from ..runtime.cgroup import Cgroups
from ..runtime.driver import RuntimeDriver
from ..runtime.id_mapping import IdMapping
from ..state import State

_PLUGINS = {
    "Volume": ["local"],
    "Network": ["bridge", "host", "null"],
    "Authorization": None,
    "Log": ["json-file", "local", "none"],
}
_SWARM = {
    "NodeID": "",
    "NodeAddr": "",
    "LocalNodeState": "inactive",
    "ControlAvailable": False,
    "Error": "",
    "RemoteManagers": None,
}

_NO_FREEZER = "WARNING: No freezer: a paused container's processes can let each other continue"


def version() -> dict[str, Any]:
    """Return the API's SystemVersion."""
    host = _architecture()
    about = {
        "Version": __version__,
        "ApiVersion": API_VERSION,
        "MinAPIVersion": MIN_API_VERSION,
        "GitCommit": "embedded",
        "GoVersion": f"python{platform.python_version()}",
        "Os": "linux",
        "Arch": host,
        "KernelVersion": platform.release(),
        "BuildTime": "",
    }
    details = {
        "ApiVersion": API_VERSION,
        "Arch": host,
        "BuildTime": "",
        "Experimental": "false",
        "GitCommit": "embedded",
        "GoVersion": about["GoVersion"],
        "KernelVersion": about["KernelVersion"],
        "MinAPIVersion": MIN_API_VERSION,
        "Os": "linux",
    }
    component = {"Name": "Engine", "Version": __version__, "Details": details}
    name = {"Name": "docker_magics embedded engine"}
    return {"Platform": name, "Components": [component], **about}


def _architecture() -> str:
    """Return the machine's architecture by Go's name."""
    machines = {"x86_64": "amd64", "aarch64": "arm64"}
    return machines.get(platform.machine(), platform.machine())


class SystemInfo:
    """Describes the engine.

    Args:
        state: the root folder.
        driver: how containers run.
        cgroups: what limits them.
        containers, images: are counted.
        no_outbound: tells why containers have no outbound connectivity; empty where they have.
    """

    def __init__(
        self,
        state: State,
        driver: RuntimeDriver,
        cgroups: Cgroups,
        containers: ContainerStore,
        images: ImageStore,
        no_outbound: Callable[[], str] = outbound.unavailable_reason,
    ) -> None:
        self._state = state
        self._driver = driver
        self._cgroups = cgroups
        self._containers = containers
        self._images = images
        self._no_outbound = no_outbound

    def as_json(self) -> dict[str, Any]:
        """Return the API's SystemInfo. There is no containerd, firewall or device driver."""
        mapping = self._driver.id_mapping
        return {
            "ID": self._state.engine_id(),
            **self._counts(),
            "Driver": "overlay2",
            "DriverStatus": [
                ["Sandbox", self._driver.description],
                ["Identity", mapping.value],
                ["Rootless", str(mapping is not IdMapping.ROOT).lower()],
            ],
            "Plugins": _PLUGINS,
            **_limits(self._cgroups),
            "IPv4Forwarding": True,
            "Debug": False,
            "NFd": len(os.listdir("/proc/self/fd")),
            "OomKillDisable": False,
            "NGoroutines": 0,
            "SystemTime": clock.stamp(),
            "LoggingDriver": "json-file",
            "CgroupDriver": "cgroupfs" if self._cgroups.has("memory") else "none",
            "CgroupVersion": self._cgroups.version,
            "NEventsListener": 0,
            "KernelVersion": platform.release(),
            "OperatingSystem": _operating_system(),
            "OSVersion": "",
            "OSType": "linux",
            "Architecture": platform.machine(),
            "IndexServerAddress": "https://index.docker.io/v1/",
            "RegistryConfig": configuration.read(self._state.root).as_json(),
            "NCPU": os.cpu_count() or 1,
            "MemTotal": proc.memory_total(),
            "GenericResources": None,
            "DockerRootDir": str(self._state.root),
            **proxies.info(),
            "Name": socket.gethostname(),
            "Labels": [],
            "ExperimentalBuild": False,
            "ServerVersion": __version__,
            "Runtimes": {
                name: {"path": "docker_magics.embedded.runtime"} for name in sorted(RUNTIMES)
            },
            "DefaultRuntime": "runc",
            "Swarm": _SWARM,
            "LiveRestoreEnabled": False,
            "Isolation": "",
            "InitBinary": "docker-init",
            "ContainerdCommit": {"ID": ""},
            "RuncCommit": {"ID": ""},
            "InitCommit": {"ID": ""},
            "SecurityOptions": _security_options(mapping),
            "Warnings": self._warnings(),
        }

    def _counts(self) -> dict[str, int]:
        statuses = [container.status for container in self._containers.all()]
        running, paused = statuses.count("running"), statuses.count("paused")
        return {
            "Containers": len(statuses),
            "ContainersRunning": running,
            "ContainersPaused": paused,
            "ContainersStopped": len(statuses) - running - paused,
            "Images": len(self._images.all()),
        }

    def _warnings(self) -> list[str]:
        """Return what containers cannot have here, and what is not enforced."""
        warnings = list(self._driver.warnings)
        if not self._cgroups.has("memory"):
            warnings.append(
                "WARNING: No limits: CPU and pids are unlimited; a container above its memory limit"
                " is killed"
            )
        elif not self._cgroups.has("swap"):
            warnings.append("WARNING: No swap limit support")
        if not self._cgroups.has("freezer"):
            warnings.append(_NO_FREEZER)
        if self._driver.isolates_network and (reason := self._no_outbound()):
            warnings.append(f"WARNING: No outbound network access from containers ({reason})")
        return warnings


def _limits(cgroups: Cgroups) -> dict[str, bool]:
    """Return which limits are enforced."""
    by_cpu = dict.fromkeys(("CpuCfsPeriod", "CpuCfsQuota", "CPUShares"), cgroups.has("cpu"))
    return {
        "MemoryLimit": cgroups.has("memory"),
        "SwapLimit": cgroups.has("swap"),
        **by_cpu,
        "CPUSet": cgroups.has("cpuset"),
        "PidsLimit": cgroups.has("pids"),
    }


def _security_options(mapping: IdMapping) -> list[str]:
    options = ["name=seccomp,profile=builtin"] if seccomp.is_supported() else []
    return options if mapping is IdMapping.ROOT else [*options, "name=rootless"]


def _operating_system() -> str:
    try:
        lines = Path("/etc/os-release").read_text().splitlines()
    except OSError:
        return "Linux"
    pairs = dict(line.partition("=")[::2] for line in lines)
    return pairs.get("PRETTY_NAME", "Linux").strip('"')
