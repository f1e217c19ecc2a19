"""The parts that run containers, with fake processes, networks, control groups and images."""

from __future__ import annotations

import contextlib
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from unit.embedded.fakes import FakeEvents, container

from docker_magics.embedded.containers.create import ContainerCreator
from docker_magics.embedded.containers.events import ContainerEvents
from docker_magics.embedded.containers.execs import Execs
from docker_magics.embedded.containers.health_monitor import HealthMonitor
from docker_magics.embedded.containers.lifecycle import Lifecycle
from docker_magics.embedded.containers.memory_watchdog import MemoryWatchdog
from docker_magics.embedded.containers.monitor import Monitor
from docker_magics.embedded.containers.populate import Populator
from docker_magics.embedded.containers.removal import Removal
from docker_magics.embedded.containers.restorer import Restorer
from docker_magics.embedded.containers.signaller import Signaller
from docker_magics.embedded.containers.spawner import Spawner
from docker_magics.embedded.containers.spec_builder import SpecBuilder
from docker_magics.embedded.containers.store import ContainerStore
from docker_magics.embedded.containers.update import Updater
from docker_magics.embedded.errors import NotFound
from docker_magics.embedded.images.image import Image
from docker_magics.embedded.records.container import Container
from docker_magics.embedded.runtime.process import Exit
from docker_magics.embedded.storage.base_layers import BaseLayers
from docker_magics.embedded.storage.rootfs import Rootfs
from docker_magics.embedded.volumes.service import Volumes

WAIT_S = 10


def wait_for(condition: Callable[[], object]) -> None:
    """Wait for a condition that another thread makes true."""
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.005)


class FakeProcess:
    """A fake process; `exit` ends it, and signals that it does not ignore."""

    def __init__(self, pid: int = 4_000_000, *, ignored: tuple[int, ...] = ()) -> None:
        self.pid = pid
        self.ignored = ignored
        self.signals: list[int] = []
        self.is_started = False
        self.start_error: Exception | None = None
        self._exited = threading.Event()
        self._exit = Exit(0, 0)

    def start(self) -> None:
        if self.start_error is not None:
            raise self.start_error
        self.is_started = True

    def signal(self, number: int) -> None:
        if self._exited.is_set():
            raise ProcessLookupError
        self.signals.append(number)
        if number not in self.ignored:
            self.exit(128 + number)

    def exit(self, code: int = 0) -> None:
        self._exit = Exit(code, time.time_ns())
        self._exited.set()

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.signal(SIGKILL)

    def wait(self) -> Exit:
        self._exited.wait()
        return self._exit


class FakeSupervisor:
    """A `Supervisor` with fake processes: `next_processes` first, then new ones.

    A container's files are copies of its layers. Execs take their processes from `probes`.
    """

    driver = SimpleNamespace(enters_namespaces=True)

    def __init__(self) -> None:
        self.probes: list[Any] = []
        self.processes_created: list[FakeProcess] = []
        self.next_processes: list[FakeProcess] = []
        self.specs: list[Any] = []
        self.create_error: Exception | None = None
        self.attached: dict[str, FakeProcess] = {}
        self.pids: list[int] = []
        #: The folder, name and PID of shims that were killed.
        self.orphaned: list[tuple[str, str, int]] = []

    def end_orphans(self, folder: Path, name: str = "shim", pid: int = 0) -> None:
        self.orphaned.append((folder.name, name, pid))

    def create(self, _folder: Path, spec: Any, name: str = "shim") -> FakeProcess:
        if name.startswith("exec-"):
            if not self.probes:
                threading.Event().wait()  # the test has seen enough
            return self.probes.pop(0)
        if self.create_error is not None:
            raise self.create_error
        process = self.next_processes.pop(0) if self.next_processes else FakeProcess()
        self.processes_created.append(process)
        self.specs.append(spec)
        return process

    def processes(self, _process: FakeProcess) -> list[int]:
        return self.pids

    def reattach(self, folder: Path, _pid: int, _name: str = "shim") -> FakeProcess | None:
        return self.attached.get(folder.name)

    @contextlib.contextmanager
    def files(self, _folder: Path, spec: Any) -> Iterator[Rootfs]:
        rootfs = spec["rootfs"]
        for layer in rootfs["lower"]:
            shutil.copytree(layer, rootfs["merged"], symlinks=True, dirs_exist_ok=True)
        with Rootfs(rootfs["merged"]) as root:
            yield root


class FakeStorage:
    """A `StorageDriver` that records released and expected layers."""

    works_ahead = True

    def __init__(self) -> None:
        self.released: list[tuple[Path, bool]] = []
        self.expected: list[list[str]] = []

    def prepare(self, layer: Any, *, readonly: bool = False) -> Any:
        folders = {"upper": str(layer.upper), "merged": str(layer.merged)}
        return {"lower": list(layer.lower), "readonly": readonly, **folders}

    def changes(self, layer: Any) -> Path:
        return layer.upper

    def release(self, layer: Any, *, in_use: bool = False) -> None:
        self.released.append((layer.folder, in_use))

    def expect(self, layers: Any) -> None:
        self.expected.append(list(layers))

    def forget(self) -> None:
        self.expected.clear()


class FakeNetworks:
    """`Attachments` that record calls; `attach_error` and `prepare_error` are raised."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.attach_error: Exception | None = None
        self.prepare_error: Exception | None = None
        self.files = self

    def namespace(self, container: Container) -> str:
        return "host" if container.host_config["NetworkMode"] == "host" else "new"

    def loopback(self, _container: Container) -> None:
        """Return None: each has a network of its own."""

    def prepare(self, _container: Container, _config: Any) -> None:
        if self.prepare_error is not None:
            raise self.prepare_error
        self.calls.append("prepare")

    def attach(self, _container: Container, _pid: int) -> None:
        if self.attach_error is not None:
            raise self.attach_error
        self.calls.append("attach")

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_: self.calls.append(name)


class FakeCgroups:
    """`Cgroups` that record existing groups."""

    version = "2"

    def __init__(self) -> None:
        self.groups: dict[str, Any] = {}
        self.devices: dict[str, Any] = {}
        self.leaves_devices_open = False
        self.oom_killed = False
        self.controllers = {"memory", "cpuset"}
        self.error: OSError | None = None
        self.group_freezer: Any = None

    def has(self, controller: str) -> bool:
        return controller in self.controllers

    def create(self, name: str, limits: Any, devices: Any = None) -> list[str]:
        self.limit(name, limits)
        self.devices[name] = devices
        return self.procs_files(name)

    def limit(self, name: str, limits: Any) -> None:
        if self.error is not None:
            raise self.error
        self.groups[name] = limits

    def procs_files(self, name: str) -> list[str]:
        return [f"/cgroup/{name}/cgroup.procs"]

    def visible_folders(self, _name: str) -> dict[str, str]:
        return {}

    def freezer(self, _name: str) -> Any:
        return self.group_freezer

    def remove(self, name: str) -> bool:
        self.groups.pop(name, None)
        return self.oom_killed


class FakeImages:
    """An `ImageStore` of the added images, by name and ID."""

    def __init__(self) -> None:
        self.images: dict[str, Image] = {}
        self.hidden_dropped = 0

    def add(self, name: str, layers: tuple[Path, ...] = (), **config: Any) -> Image:
        """Add an image with this config."""
        platform = config.pop("platform", {})
        image = Image(
            "sha256:" + name.encode().hex().ljust(64, "0"),
            {"config": config, "rootfs": {"type": "layers", "diff_ids": []}, **platform},
            layers,
        )
        self.images[name] = self.images[image.id] = image
        return image

    def get(self, name: str) -> Image:
        if name not in self.images:
            raise NotFound(f"No such image: {name}")
        return self.images[name]

    def resolve(self, text: str, _platform: Any = None) -> Image:
        return self.get(text)

    def drop_hidden(self) -> None:
        self.hidden_dropped += 1


class Harness:
    """All parts that run containers."""

    def __init__(self, root: Path) -> None:
        for name in ("containers", "volumes"):
            (root / name).mkdir(exist_ok=True)
        self.root = root
        self.bus = FakeEvents()
        self.store = ContainerStore(root / "containers")
        self.events = ContainerEvents(self.bus)
        self.supervisor: Any = FakeSupervisor()
        self.storage: Any = FakeStorage()
        self.networks: Any = FakeNetworks()
        self.cgroups: Any = FakeCgroups()
        self.images: Any = FakeImages()
        self.volumes = Volumes(root / "volumes", self.bus, self.store)
        self.signaller = Signaller(self.events, self.supervisor, self.cgroups)
        self.removal = Removal(
            self.store, self.events, self.images, self.volumes, self.storage, self.signaller
        )
        self.specs = SpecBuilder(
            self.store, self.images, self.volumes, self.networks, self.storage, frozenset()
        )
        execs = Execs(self.events, self.supervisor, self.cgroups, self.specs)
        self.health = HealthMonitor(self.events, execs)
        self.watchdog = MemoryWatchdog(self.store, self.signaller)
        self.monitor = Monitor(
            self.events,
            self.supervisor,
            self.networks,
            self.cgroups,
            self.removal,
            self.health,
            self.watchdog,
        )
        spawner = Spawner(self.specs, self.supervisor, self.cgroups, self.networks)
        self.lifecycle = Lifecycle(self.events, spawner, self.signaller, self.monitor, self.removal)
        self.restorer = Restorer(
            self.store,
            self.supervisor,
            self.cgroups,
            self.networks,
            self.lifecycle,
            self.monitor,
            self.removal,
        )
        self.updater = Updater(self.store, self.events, self.cgroups, self.networks)
        self.creator = ContainerCreator(
            self.store,
            self.events,
            self.images,
            self.volumes,
            self.networks,
            BaseLayers(root, single_id=False),
            self.cgroups,
            Populator(self.volumes, self.storage, self.supervisor),
            self.removal,
        )

    def add(self, name: str = "web", **fields: Any) -> Container:
        """Add a stopped container; `fields` are those of `fakes.container`."""
        host_config = fields.pop("host_config", {})
        policy = {"Name": "no", "MaximumRetryCount": 0}
        config = {"Cmd": ["sh"], **fields.pop("config", {})}
        host_config = {"RestartPolicy": policy, **host_config}
        box = container(
            self.store.folder(""), name, config=config, host_config=host_config, **fields
        )
        if not box.layer.upper.exists():
            box.layer.create()
        box.write()
        self.store.reserve_name(box.name, box.id)
        self.store.add(box)
        return box

    def start(self, name: str = "web", process: FakeProcess | None = None, **fields: Any) -> Any:
        """Add a container and start it; return it and its process."""
        box = self.add(name, **fields)
        self.supervisor.next_processes.append(process or FakeProcess())
        self.lifecycle.start(box)
        return box, box.process

    def actions(self) -> list[str]:
        """Return the actions of containers' events."""
        return self.bus.actions("container")


def policy(name: str, maximum: int = 0) -> dict[str, Any]:
    """Return a HostConfig's fields with a restart policy."""
    return {"RestartPolicy": {"Name": name, "MaximumRetryCount": maximum}}


def an_exec(process: FakeProcess | None) -> Any:
    """Return an exec with a process, or one that has not started."""
    return SimpleNamespace(id="e" * 64, process=process)


SIGTERM, SIGKILL = int(signal.SIGTERM), int(signal.SIGKILL)
