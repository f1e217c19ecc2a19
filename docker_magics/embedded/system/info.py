"""What this engine is, and what it cannot do here.

source: Engine API, SystemInfo, SystemVersion.
"""

from __future__ import annotations

import os
import platform
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import API_VERSION, MIN_API_VERSION, clock
from ..containers import create
from ..networks import outbound
from ..registry import configuration, proxies
from ..runtime import proc
from ..runtime.id_mapping import IdMapping

if TYPE_CHECKING:
    from ..engine import Engine
    from ..runtime.cgroup import Cgroups


def version(engine: Engine) -> dict[str, Any]:
    """The API's SystemVersion."""
    host = _host()
    about = {
        "Version": engine.version,
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
    component = {"Name": "Engine", "Version": engine.version, "Details": details}
    name = {"Name": "docker_magics embedded engine"}
    return {"Platform": name, "Components": [component], **about}


def _host() -> str:
    machines = {"x86_64": "amd64", "aarch64": "arm64"}
    return machines.get(platform.machine(), platform.machine())


def info(engine: Engine) -> dict[str, Any]:
    """The API's SystemInfo."""
    containers = engine.container_store.all()
    statuses = [each.status for each in containers]
    driver = engine.supervisor.driver
    return {
        "ID": engine.identity,
        "Containers": len(containers),
        "ContainersRunning": statuses.count("running"),
        "ContainersPaused": statuses.count("paused"),
        "ContainersStopped": len(statuses) - statuses.count("running") - statuses.count("paused"),
        "Images": len(engine.images.all()),
        "Driver": "overlay2",
        "DriverStatus": [
            ["Sandbox", driver.description],
            ["Identity", driver.id_mapping.value],
            ["Rootless", str(driver.id_mapping is not IdMapping.ROOT).lower()],
        ],
        "Plugins": {
            "Volume": ["local"],
            "Network": ["bridge", "host", "null"],
            "Authorization": None,
            "Log": ["json-file", "local", "none"],
        },
        **_limits(engine.cgroups),
        "IPv4Forwarding": True,
        "BridgeNfIptables": False,
        "BridgeNfIp6tables": False,
        "Debug": False,
        "NFd": len(os.listdir("/proc/self/fd")),
        "OomKillDisable": False,
        "NGoroutines": 0,
        "SystemTime": clock.stamp(),
        "LoggingDriver": "json-file",
        "CgroupDriver": "cgroupfs" if engine.cgroups.has("memory") else "none",
        "CgroupVersion": engine.cgroups.version,
        "NEventsListener": 0,
        "KernelVersion": platform.release(),
        "OperatingSystem": _operating_system(),
        "OSVersion": "",
        "OSType": "linux",
        "Architecture": platform.machine(),
        "IndexServerAddress": "https://index.docker.io/v1/",
        "RegistryConfig": configuration.read(engine.state.root).as_json(),
        "NCPU": os.cpu_count() or 1,
        "MemTotal": proc.memory_total(),
        "GenericResources": None,
        "DockerRootDir": str(engine.state.root),
        **proxies.info(),
        "Name": socket.gethostname(),
        "Labels": [],
        "ExperimentalBuild": False,
        "ServerVersion": engine.version,
        "Runtimes": {
            name: {"path": "docker_magics.embedded.runtime"} for name in sorted(create.RUNTIMES)
        },
        "DefaultRuntime": "runc",
        "Swarm": {
            "NodeID": "",
            "NodeAddr": "",
            "LocalNodeState": "inactive",
            "ControlAvailable": False,
            "Error": "",
            "RemoteManagers": None,
        },
        "LiveRestoreEnabled": False,
        "Isolation": "",
        "InitBinary": "docker-init",
        "ContainerdCommit": {"ID": "", "Expected": ""},
        "RuncCommit": {"ID": "", "Expected": ""},
        "InitCommit": {"ID": "", "Expected": ""},
        "SecurityOptions": _security(driver.id_mapping),
        "Warnings": warnings(engine),
    }


def _limits(cgroups: Cgroups) -> dict[str, bool]:
    """Which limits are enforced."""
    by_cpu = dict.fromkeys(("CpuCfsPeriod", "CpuCfsQuota", "CPUShares"), cgroups.has("cpu"))
    return {
        "MemoryLimit": cgroups.has("memory"),
        "SwapLimit": cgroups.has("swap"),
        **by_cpu,
        "CPUSet": cgroups.has("cpuset"),
        "PidsLimit": cgroups.has("pids"),
    }


def _security(mapping: IdMapping) -> list[str]:
    found = ["name=seccomp,profile=builtin"] if mapping is not IdMapping.NONE else []
    return found if mapping is IdMapping.ROOT else [*found, "name=rootless"]


def warnings(engine: Engine) -> list[str]:
    """What cannot be enforced or had here."""
    found = list(engine.supervisor.driver.warnings)
    if not engine.cgroups.has("memory"):
        found.append("WARNING: No limits: memory, CPU and pids of containers are not enforced")
    elif not engine.cgroups.has("swap"):
        found.append("WARNING: No swap limit support")
    if engine.networks.isolated and (reason := outbound.reason()):
        found.append(f"WARNING: No way out: containers reach each other, not the world ({reason})")
    return found


def _operating_system() -> str:
    try:
        lines = Path("/etc/os-release").read_text().splitlines()
    except OSError:
        return "Linux"
    pairs = dict(line.partition("=")[::2] for line in lines)
    return pairs.get("PRETTY_NAME", "Linux").strip('"')
