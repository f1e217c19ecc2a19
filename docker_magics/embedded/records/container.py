"""A container: its record on the disk, and its process while it runs.

ROOT/containers/ID/config.json     the record
ROOT/containers/ID/ID-json.log     its log
ROOT/containers/ID/upper, work     its changes on top of the image
ROOT/containers/ID/hosts, ...      files that are bind-mounted into it
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Any, NotRequired, Protocol, TypedDict

from .. import clock
from ..errors import Conflict
from ..runtime.process import Process
from ..state import write_json
from ..storage.driver import WritableLayer
from .config import ContainerConfig
from .endpoint import EndpointSettings
from .host_config import HostConfig
from .mount_point import MountPoint
from .state import ContainerState

_log = logging.getLogger(__name__)
#: Seconds after which somebody who wants to stop a container does not wait for its start.
_HANGS_S = 2.0


class ContainerRecord(TypedDict):
    """The content of config.json, with the API's names where it has them.

    Attributes:
        Path, Args: the command that runs.
        Image: the image's ID; empty for none.
        Layers: the folders of the read-only layers, bottom first.
        Networks: the endpoints by the network's name.
        HasHostname: whether the user chose the hostname.
        Loopback: the number of its part of the machine's loopback.
        Ports: the published ports, as NetworkSettings shows them; None on an internal network.
        Published: the published addresses, ports and protocols.
        ExtraMounts: the runtime's mounts of a build step.
        OfBuild: whether it is removed when the engine starts again.
        ManuallyStopped: whether the user stopped or killed it since its last start.
        RestartDelay: seconds before its last restart.
    """

    Id: str
    Created: str
    Name: str
    Path: str
    Args: list[str]
    Image: str
    Layers: list[str]
    Config: ContainerConfig
    HostConfig: HostConfig
    Networks: dict[str, EndpointSettings]
    State: ContainerState
    Mounts: list[MountPoint]
    RestartCount: int
    HasHostname: bool
    Loopback: NotRequired[int]
    Ports: NotRequired[Any]
    Published: NotRequired[list[Any]]
    ExtraMounts: NotRequired[list[Any]]
    OfBuild: NotRequired[bool]
    ManuallyStopped: bool
    RestartDelay: float


class Attachment(Protocol):
    """A client that waits for a container's process, to attach before it writes anything."""

    def begin(self, process: Process, /) -> None:
        """Attach to a process that is about to start."""

    def cancel(self) -> None:
        """Stop waiting: the process cannot be started."""


class RunningExec(Protocol):
    """An exec of a container. Implementation: `containers.exec.Exec`.

    Attributes:
        id: the whole ID.
        process: None before it starts and after it has ended.
    """

    id: str
    process: Process | None


class Container:
    """One container.

    Attributes:
        folder: holds its files.
        record: what is kept; call `save` after changes.
        process: its init process while it runs.
        starting: its init process while it is started.
        lock: held while its state changes; lock order: see `containers.store.ContainerStore`.
        changed: notified after each change.
        exits: how often its process has exited, so that one can wait for the next exit.
        manually_stopped: whether the user stops, kills or removes it, so that its restart policy
            does not apply.
        stop_in_progress: whether a stop or restart runs, which does what follows the exit (--rm).
        removed: whether it is removed.
        attachments: clients that wait for its process.
        execs: its execs that have not ended, by ID.
        health_stop: ends its health check when set; None if none runs.
        restart_now: ends the delay before a restart when set.
    """

    def __init__(self, folder: Path, record: ContainerRecord) -> None:
        self.folder = folder
        self.record = record
        self.process: Process | None = None
        self.starting: Process | None = None
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.exits = 0
        self.manually_stopped = False
        self.stop_in_progress = False
        self.removed = False
        self.attachments: list[Attachment] = []
        self.execs: dict[str, RunningExec] = {}
        self.health_stop: threading.Event | None = None
        self.restart_now = threading.Event()

    @property
    def id(self) -> str:
        """The whole ID."""
        return self.record["Id"]

    @property
    def name(self) -> str:
        """The name, without a slash."""
        return self.record["Name"]

    @property
    def config(self) -> ContainerConfig:
        """The program and its environment."""
        return self.record["Config"]

    @property
    def host_config(self) -> HostConfig:
        """The settings that concern this host."""
        return self.record["HostConfig"]

    @property
    def state(self) -> ContainerState:
        """Its state."""
        return self.record["State"]

    @property
    def networks(self) -> dict[str, EndpointSettings]:
        """The endpoints by the name of the network."""
        return self.record["Networks"]

    def endpoints(self) -> dict[str, EndpointSettings]:
        """Return a copy of `networks`, for readers that do not hold the lock.

        A dict's own copy is atomic, whoever connects or disconnects the container meanwhile.
        """
        return {name: settings.copy() for name, settings in self.networks.copy().items()}

    @property
    def running(self) -> bool:
        """Whether its process runs, paused or not; also while it waits for a restart."""
        return self.state["Running"]

    def active(self) -> Process:
        """Return its process.

        Raises:
            Conflict: it does not run, or waits for a restart.
        """
        if self.state["Restarting"]:
            raise Conflict(
                f"Container {self.id} is restarting, wait until the container is running"
            )
        if self.process is None:
            raise Conflict(f"container {self.id} is not running")
        return self.process

    def abort_hanging_start(self) -> bool:
        """Kill the init process if its start holds the lock for seconds, as a dead disk does.

        Returns:
            Whether it was killed.
        """
        if self.lock.acquire(timeout=_HANGS_S):
            self.lock.release()
            return False
        process = self.starting
        if process is not None:
            process.abort_start()
        return process is not None

    @property
    def status(self) -> str:
        """Its status: created, running, paused, restarting, removing, exited or dead.

        source: moby container/state.go: StateString.
        """
        state = self.state
        if state["Running"]:
            if state["Paused"]:
                return "paused"
            return "restarting" if state["Restarting"] else "running"
        if state["Removing"]:
            return "removing"
        if state["Dead"]:
            return "dead"
        return "created" if state["StartedAt"] == clock.ZERO else "exited"

    @property
    def log_path(self) -> Path:
        """The path of its log."""
        return self.folder / f"{self.id}-json.log"

    @property
    def image_ids(self) -> set[str]:
        """The images that it was created from or mounts."""
        mounted = {point["ImageId"] for point in self.record["Mounts"] if "ImageId" in point}
        return {self.record["Image"], *mounted}

    @property
    def layer(self) -> WritableLayer:
        """Its changes on top of the image's layers."""
        return WritableLayer(self.folder, tuple(self.record["Layers"]))

    def wait_for_exit(self, exits: int, seconds: float | None) -> bool:
        """Block until its process has exited, or it is removed.

        Args:
            exits: the value of `exits` before.
            seconds: the most to wait; None for no limit.

        Returns:
            Whether it has exited in time.
        """
        with self.changed:
            return self.changed.wait_for(lambda: self.exits > exits or self.removed, seconds)

    def remove_exec_files(self) -> None:
        """Remove the files of execs that an earlier engine started."""
        for path in self.folder.glob("exec-*"):
            path.unlink(missing_ok=True)

    def write(self) -> None:
        """Write the record.

        Raises:
            OSError: the disk is full.
        """
        write_json(self.folder / "config.json", self.record)

    def save(self) -> None:
        """Write the record, as far as the disk allows, and notify everyone who waits."""
        try:
            self.write()
        except OSError as error:  # a full disk must not end the container
            _log.warning("%s: %s", self.id, error)
        with self.changed:
            self.changed.notify_all()

    def labels(self) -> dict[str, str]:
        """Return a copy of its labels."""
        return dict(self.config["Labels"])
