"""Volumes: folders that outlive containers.

ROOT/volumes/NAME/volume.json     the record
ROOT/volumes/NAME/_data/          the files

source: Engine API, "Volume"; moby volume/local.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import clock
from ..errors import BadParameter, Conflict, Fault, NotFound
from ..filtering import has_labels, matches, refuse_unknown, truth
from ..images import pack
from ..state import read_json, remove_tree, write_json

if TYPE_CHECKING:
    from ...wire.filters import Filters
    from ..engine import Engine

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")
#: What dockerd marks volumes with that nobody named.
ANONYMOUS = "com.docker.volume.anonymous"
_OPTIONS = {"type", "device", "o", "size"}
_NEEDS = {"device": ("type",), "o": ("device", "type"), "type": ("device",)}


class Volume:
    """One volume.

    Attributes:
        record: Name, Driver, Labels, Options, CreatedAt.
        path: its files.
    """

    def __init__(self, folder: Path, record: dict[str, Any]) -> None:
        self.folder = folder
        self.record = record
        self.path = folder / "_data"

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.record["Name"])

    @property
    def labels(self) -> dict[str, str]:
        """Its labels."""
        return dict(self.record["Labels"] or {})

    @property
    def is_anonymous(self) -> bool:
        """Whether nobody named it."""
        return ANONYMOUS in self.labels

    @property
    def tmpfs(self) -> str | None:
        """The mount options of a volume in memory; None for one on the disk."""
        options = self.record["Options"] or {}
        return options.get("o", "") if options.get("type") == "tmpfs" else None

    @property
    def foreign(self) -> str:
        """The kind of file system that this engine mounts none of; empty where it does."""
        kind = str((self.record["Options"] or {}).get("type") or "")
        return "" if self.device or kind in {"", "none", "tmpfs"} else kind

    @property
    def device(self) -> str:
        """The folder of the machine that is shown as this volume; empty where it has its own."""
        options = self.record["Options"] or {}
        is_bind = {"bind", "rbind"} & {*options.get("o", "").split(",")}
        return str(options.get("device") or "") if is_bind else ""

    def size(self) -> int:
        """The bytes of its files."""
        with contextlib.suppress(OSError):  # a container may be at work there
            return pack.content_size(self.path)
        return 0

    def as_json(self) -> dict[str, Any]:
        """The API's Volume."""
        return {
            "CreatedAt": self.record["CreatedAt"],
            "Driver": "local",
            "Labels": self.record["Labels"],
            "Mountpoint": str(self.path),
            "Name": self.name,
            "Options": self.record["Options"],
            "Scope": "local",
        }


class Volumes:
    """The volumes of one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._folder = engine.state.folder("volumes")
        self._lock = threading.RLock()
        self._volumes: dict[str, Volume] = {}
        for path in self._folder.iterdir():
            record = path / "volume.json"
            if record.exists():
                self._volumes[path.name] = Volume(path, read_json(record))
            else:
                remove_tree(path)  # cut off while it was made or removed

    def all(self) -> list[Volume]:
        """All volumes, by name."""
        return [self._volumes[name] for name in sorted(self._volumes)]

    def get(self, name: str) -> Volume:
        """A volume.

        Raises:
            NotFound: there is none.
        """
        if name not in self._volumes:
            raise NotFound(f"get {name}: no such volume")
        return self._volumes[name]

    def create(
        self,
        name: str = "",
        *,
        driver: str = "local",
        labels: dict[str, str] | None = None,
        options: dict[str, str] | None = None,
    ) -> Volume:
        """Make a volume; one that is there already is given instead.

        Raises:
            BadParameter: a name or an option that cannot be.
            Conflict: one of the name has another driver.
        """
        if driver not in {"", "local"}:
            words = f'error looking up volume plugin {driver}: plugin "{driver}" not found'
            raise NotFound(f"create {name}: {words}")
        if not name:
            name, labels = secrets.token_hex(32), {**(labels or {}), ANONYMOUS: ""}
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
        _check_options(name, options or {})
        with self._lock:
            if name in self._volumes:
                return self._known(name, options)
            volume = self._make(name, labels, options)
        self._log("create", volume, {})
        return volume

    def _known(self, name: str, options: dict[str, str] | None) -> Volume:
        volume = self._volumes[name]
        if options and volume.record["Options"] and options != volume.record["Options"]:
            raise Conflict(f"create {name}: conflict: volume name must be unique")
        return volume

    def _make(
        self, name: str, labels: dict[str, str] | None, options: dict[str, str] | None
    ) -> Volume:
        record = {
            "Name": name,
            "Labels": labels,
            "Options": options or None,
            "CreatedAt": clock.seconds(),
        }
        volume = Volume(self._folder / name, record)
        try:
            volume.path.mkdir(parents=True, mode=0o755)
            volume.folder.chmod(0o700)
            volume.path.chmod(0o755)
            write_json(volume.folder / "volume.json", record)
        except OSError as error:
            remove_tree(volume.folder)
            words = os.strerror(error.errno or 0).lower()
            raise Fault(f"create {name}: error while creating volume root path '{volume.folder}': mkdir {volume.folder}: {words}") from error  # fmt: skip  # noqa: E501
        self._volumes[name] = volume
        return volume

    def remove(self, name: str, *, force: bool = False) -> None:
        """Take a volume and its files away.

        Raises:
            NotFound: there is none, and `force` is not set.
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
        self._log("destroy", volume, {})

    def users(self, name: str) -> list[str]:
        """The IDs of the containers that have it mounted."""
        return [
            container.id
            for container in self._engine.containers.all()
            if any(m["Type"] == "volume" and m["Name"] == name for m in container.record["Mounts"])
        ]

    def find(self, filters: Filters) -> list[Volume]:
        """The volumes that pass the filters of a listing.

        Raises:
            BadParameter: a filter that volumes do not have.
        """
        refuse_unknown(filters, {"dangling", "name", "driver", "label"})
        found = self.all()
        if "name" in filters:
            found = [v for v in found if matches(v.name, filters["name"])]
        if "driver" in filters:
            found = [v for v in found if "local" in filters["driver"]]
        if "label" in filters:
            found = [v for v in found if has_labels(v.labels, filters["label"])]
        if "dangling" in filters:
            wanted = truth("dangling", filters["dangling"])
            found = [v for v in found if wanted != bool(self.users(v.name))]
        return found

    def prune(self, filters: Filters, *, every: bool) -> dict[str, Any]:
        """Remove what nobody uses.

        Args:
            filters: label, label!, all.
            every: named ones too; API 1.42 takes the anonymous ones alone otherwise.
        """
        refuse_unknown(filters, {"label", "label!", "all"})
        if "all" in filters:
            every = truth("all", filters["all"])
        gone, freed = [], 0
        for volume in self.all():
            if self.users(volume.name) or not (every or volume.is_anonymous):
                continue
            if not has_labels(volume.labels, filters.get("label") or []):
                continue
            if "label!" in filters and has_labels(volume.labels, filters["label!"]):
                continue
            freed += volume.size()
            self.remove(volume.name)
            gone.append(volume.name)
        self._engine.events.publish("volume", "prune", "", {"reclaimed": str(freed)})
        return {"VolumesDeleted": gone, "SpaceReclaimed": freed}

    def log_mount(self, name: str, container: str, *, mounted: bool, writable: bool) -> None:
        """Tell that a container mounts or lets go of a volume."""
        attributes = {"container": container, "driver": "local"}
        if mounted:
            more = {"destination": "", "propagation": "", "read/write": str(writable).lower()}
            attributes |= more
        action = "mount" if mounted else "unmount"
        self._engine.events.publish("volume", action, name, attributes)

    def _log(self, action: str, volume: Volume, extra: dict[str, str]) -> None:
        self._engine.events.publish("volume", action, volume.name, {"driver": "local", **extra})


def _check_options(name: str, options: dict[str, str]) -> None:
    for key in options:
        if key not in _OPTIONS:
            raise BadParameter(f'create {name}: invalid option: "{key}"')
    for key in sorted(options):
        for other in _NEEDS.get(key, ()):
            if other not in options:
                raise BadParameter(f'create {name}: missing required option: "{other}"')
