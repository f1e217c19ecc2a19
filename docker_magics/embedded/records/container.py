"""A container: its record on the disk, its state, and its process while it runs.

ROOT/containers/ID/config.json     the record
ROOT/containers/ID/ID-json.log     what it wrote
ROOT/containers/ID/upper, work     its changes on top of the image
ROOT/containers/ID/hosts, ...      files that are bound into it
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Any

from .. import clock
from ..errors import Conflict
from ..runtime.supervisor import Process
from ..state import write_json
from ..storage.driver import WritableLayer
from .endpoint import EndpointSettings

_log = logging.getLogger(__name__)
Record = dict[str, Any]

NEW_STATE: Record = {
    "Running": False,
    "Paused": False,
    "Restarting": False,
    "OOMKilled": False,
    "Dead": False,
    "Removing": False,
    "Pid": 0,
    "ExitCode": 0,
    "Error": "",
    "StartedAt": clock.ZERO,
    "FinishedAt": clock.ZERO,
}


class Container:
    """One container.

    Attributes:
        folder: where it lies.
        record: what is kept of it; `save` after changes.
        process: while it runs.
        lock: held while its state changes.
        changed: told whenever it did.
        exits: how often its process has ended, so that one can wait for the next time.
        stopped_by_hand: whether a restart policy has nothing to say any more.
        removed: whether it is gone.
        awaited: whether someone stops it and sees to what comes after that.
    """

    def __init__(self, folder: Path, record: Record) -> None:
        self.folder = folder
        self.record = record
        self.process: Process | None = None
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.exits = 0
        self.stopped_by_hand = False
        self.removed = False
        self.awaited = False
        self.attachments: list[Any] = []
        self.execs: dict[str, Any] = {}
        self.health_stop: threading.Event | None = None
        self.restart_now = threading.Event()

    @property
    def id(self) -> str:
        """The whole ID."""
        return str(self.record["Id"])

    @property
    def name(self) -> str:
        """The name, without a slash."""
        return str(self.record["Name"])

    @property
    def config(self) -> Record:
        """The API's Config."""
        found: Record = self.record["Config"]
        return found

    @property
    def host_config(self) -> Record:
        """The API's HostConfig."""
        found: Record = self.record["HostConfig"]
        return found

    @property
    def state(self) -> Record:
        """The API's State."""
        found: Record = self.record["State"]
        return found

    @property
    def networks(self) -> dict[str, EndpointSettings]:
        """The endpoints by the name of the network."""
        endpoints: dict[str, EndpointSettings] = self.record["Networks"]
        return endpoints

    def endpoints(self) -> dict[str, EndpointSettings]:
        """Return a copy of `networks`, for readers that do not hold the lock.

        A dict's own copy is atomic, whoever connects or disconnects the container meanwhile.
        """
        return {name: settings.copy() for name, settings in self.networks.copy().items()}

    @property
    def running(self) -> bool:
        """Whether its process runs, paused or not; also while it waits to be restarted."""
        return bool(self.state["Running"])

    def active(self) -> Process:
        """Its process.

        Raises:
            Conflict: it does not run, or waits to be restarted.
        """
        if self.state["Restarting"]:
            words = "is restarting, wait until the container is running"
            raise Conflict(f"Container {self.id} {words}")
        if self.process is None:
            raise Conflict(f"Container {self.id} is not running")
        return self.process

    @property
    def status(self) -> str:
        """created, running, paused, restarting, removing, exited or dead."""
        state = self.state
        for name in ("Paused", "Restarting", "Running", "Removing", "Dead"):
            if state[name] and (name in {"Removing", "Dead"} or state["Running"]):
                return name.lower()
        return "created" if state["StartedAt"] == clock.ZERO else "exited"

    @property
    def log_path(self) -> Path:
        """Where what it writes is kept."""
        return self.folder / f"{self.id}-json.log"

    @property
    def layer(self) -> WritableLayer:
        """Its changes on top of the image's layers."""
        return WritableLayer(self.folder, tuple(self.record["Layers"]))

    def remove_exec_files(self) -> None:
        """Remove the files of execs that an earlier engine started."""
        for path in self.folder.glob("exec-*"):
            path.unlink(missing_ok=True)

    def write(self) -> None:
        """Keep the record.

        Raises:
            OSError: the disk is full.
        """
        write_json(self.folder / "config.json", self.record)

    def save(self) -> None:
        """Keep the record, as far as the disk allows, and wake everyone who waits for a change."""
        try:
            self.write()
        except OSError as error:  # it costs no container its life
            _log.warning("%s: %s", self.id, error)
        with self.changed:
            self.changed.notify_all()

    def labels(self) -> dict[str, str]:
        """Its labels."""
        return dict(self.config.get("Labels") or {})
