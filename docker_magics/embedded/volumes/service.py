"""The volumes of one engine: created, found, removed.

source: Engine API, "Volume"; moby volume/local, volume/service.
"""

from __future__ import annotations

import os
import re
import secrets
import threading
from pathlib import Path
from typing import Any

from ...wire.filters import Filters
from .. import clock
from ..errors import ApiError, BadParameter, Conflict, NotFound
from ..filtering import has_labels, matches, parse_bool, refuse_unknown
from ..ports import ContainerLookup, EventSink
from ..state import read_json, remove_leftover, remove_tree, write_json
from .volume import ANONYMOUS, Volume, VolumeRecord

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")
#: The options of the `local` driver, and those that each one also requires.
_OPTIONS = {"type", "device", "o", "size"}
_NEEDED_OPTIONS = {"device": ("type",), "o": ("device", "type"), "type": ("device",)}


class Volumes:
    """All volumes.

    Args:
        folder: holds a folder for each volume.
        events: receives create, destroy and prune.
        containers: may use volumes.
    """

    def __init__(self, folder: Path, events: EventSink, containers: ContainerLookup) -> None:
        self._folder = folder
        self._events = events
        self._containers = containers
        self._lock = threading.RLock()
        self._volumes: dict[str, Volume] = {}
        for path in folder.iterdir():
            self._load(path)

    def _load(self, path: Path) -> None:
        record = path / "volume.json"
        if record.exists():
            self._volumes[path.name] = Volume(path, read_json(record))
        else:
            remove_leftover(path)  # its creation or removal was interrupted

    def all(self) -> list[Volume]:
        """Return all volumes, sorted by name."""
        return [volume for _, volume in sorted(self._volumes.copy().items())]

    def get(self, name: str) -> Volume:
        """Return a volume.

        Raises:
            NotFound: no such volume.
        """
        volume = self._volumes.get(name)
        if volume is None:
            raise NotFound(f"get {name}: no such volume")
        return volume

    def has(self, name: str) -> bool:
        """Whether there is a volume of this name."""
        return name in self._volumes

    def create(
        self,
        name: str = "",
        *,
        driver: str = "local",
        labels: dict[str, str] | None = None,
        options: dict[str, str] | None = None,
    ) -> Volume:
        """Create a volume, or return the one that has the name already.

        Raises:
            BadParameter: an invalid name or option.
            Conflict: the existing one has other options.
            NotFound: no such driver.
        """
        if driver not in {"", "local"}:
            reason = f'error looking up volume plugin {driver}: plugin "{driver}" not found'
            raise NotFound(f"create {name}: {reason}")
        if not name:
            name, labels = secrets.token_hex(32), {**(labels or {}), ANONYMOUS: ""}
        _check_name(name)
        _check_options(name, options or {})
        with self._lock:
            if name in self._volumes:
                return self._existing(name, options)
            volume = self._create(name, labels, options)
        self._publish("create", volume)
        return volume

    def _existing(self, name: str, options: dict[str, str] | None) -> Volume:
        volume = self._volumes[name]
        if options and volume.record["Options"] and options != volume.record["Options"]:
            raise Conflict(f"create {name}: conflict: volume name must be unique")
        return volume

    def _create(
        self, name: str, labels: dict[str, str] | None, options: dict[str, str] | None
    ) -> Volume:
        record: VolumeRecord = {
            "Name": name,
            "Labels": labels,
            "Options": options or None,
            "CreatedAt": clock.stamp_seconds(),
        }
        volume = Volume(self._folder / name, record)
        try:
            volume.path.mkdir(parents=True, mode=0o755)
            volume.folder.chmod(0o700)
            volume.path.chmod(0o755)
            write_json(volume.folder / "volume.json", record)
        except OSError as error:
            remove_tree(volume.folder)
            reason = os.strerror(error.errno or 0).lower()
            raise ApiError(f"create {name}: error while creating volume root path '{volume.folder}': mkdir {volume.folder}: {reason}") from error  # fmt: skip  # noqa: E501
        self._volumes[name] = volume
        return volume

    def remove(self, name: str, *, force: bool = False) -> None:
        """Remove a volume and its files.

        Raises:
            NotFound: no such volume, and `force` is not set.
            Conflict: a container uses it.
        """
        with self._lock:
            if name not in self._volumes:
                if force:
                    return
                self.get(name)
            users = self.users(name)
            if users:
                raise Conflict(f"remove {name}: volume is in use - [{', '.join(users)}]")
            volume = self._volumes.pop(name)
            (volume.folder / "volume.json").unlink(missing_ok=True)
            remove_tree(volume.folder)
        self._publish("destroy", volume)

    def users(self, name: str) -> list[str]:
        """Return the IDs of the containers that mount a volume."""
        return [
            container.id
            for container in self._containers.all()
            if any(m["Type"] == "volume" and m["Name"] == name for m in container.record["Mounts"])
        ]

    def find(self, filters: Filters) -> list[Volume]:
        """Return the volumes that pass a listing's filters: dangling, name, driver, label.

        Raises:
            BadParameter: an unknown filter.
        """
        refuse_unknown(filters, {"dangling", "name", "driver", "label"})
        volumes = self.all()
        if "name" in filters:
            volumes = [v for v in volumes if matches(v.name, filters["name"])]
        if "driver" in filters:
            volumes = [v for v in volumes if "local" in filters["driver"]]
        if "label" in filters:
            volumes = [v for v in volumes if has_labels(v.labels, filters["label"])]
        if "dangling" in filters:
            dangling = parse_bool("dangling", filters["dangling"])
            volumes = [v for v in volumes if dangling != bool(self.users(v.name))]
        return volumes

    def prune(self, filters: Filters, *, named: bool) -> dict[str, Any]:
        """Remove unused volumes, and return the API's VolumePruneResponse.

        Args:
            filters: label, label!, all.
            named: also remove named volumes, as before API 1.42; the filter `all` overrides it.
        """
        refuse_unknown(filters, {"label", "label!", "all"})
        if "all" in filters:
            named = parse_bool("all", filters["all"])
        removed, freed = [], 0
        for volume in self.all():
            if self.users(volume.name) or not (named or volume.is_anonymous):
                continue
            if not has_labels(volume.labels, filters.get("label") or []):
                continue
            if "label!" in filters and has_labels(volume.labels, filters["label!"]):
                continue
            freed += volume.size()
            self.remove(volume.name)
            removed.append(volume.name)
        self._events.publish("volume", "prune", "", {"reclaimed": str(freed)})
        return {"VolumesDeleted": removed, "SpaceReclaimed": freed}

    def _publish(self, action: str, volume: Volume) -> None:
        self._events.publish("volume", action, volume.name, {"driver": "local"})


def _check_name(name: str) -> None:
    if len(name) == 1:
        raise BadParameter(
            f"create {name}: volume name is too short, names should be at least two"
            " alphanumeric characters"
        )
    if not _NAME.fullmatch(name):
        raise BadParameter(
            f'create {name}: "{name}" includes invalid characters for a local volume name, '
            'only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host '
            "directory, use absolute path"
        )


def _check_options(name: str, options: dict[str, str]) -> None:
    for option in options:
        if option not in _OPTIONS:
            raise BadParameter(f'create {name}: invalid option: "{option}"')
    for option in sorted(options):
        for needed in _NEEDED_OPTIONS.get(option, ()):
            if needed not in options:
                raise BadParameter(f'create {name}: missing required option: "{needed}"')
