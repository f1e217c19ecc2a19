"""Which repositories have a layer: a registry takes it over from there, and it is not sent again.

ROOT/images/sources.json    {"sha256:DIFF_ID": ["docker.io/library/busybox", ...]}

source: moby distribution/metadata/v2_metadata_service.go.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ..state import read_json, write_json

if TYPE_CHECKING:
    from ...wire.reference import Reference

#: How many repositories of one layer are kept in mind.
_MOST = 50


class Sources:
    """The repositories that layers were pulled from or pushed to."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._known: dict[str, list[str]] = read_json(path) if path.exists() else {}

    def add(self, diff_ids: Iterable[str], repository: Reference) -> None:
        """A repository has these layers."""
        name = repository.name
        with self._lock:
            for diff_id in diff_ids:
                others = [each for each in self._known.get(diff_id, []) if each != name]
                self._known[diff_id] = [name, *others][:_MOST]
            write_json(self._path, self._known)

    def others(self, diff_id: str, repository: Reference) -> list[str]:
        """The paths of further repositories of the same registry, the latest first."""
        prefix = f"{repository.domain}/"
        found = (each for each in self._known.get(diff_id, []) if each.startswith(prefix))
        return [each.removeprefix(prefix) for each in found if each != repository.name]

    def forget(self, diff_id: str) -> None:
        """The layer is gone."""
        with self._lock:
            if self._known.pop(diff_id, None) is not None:
                write_json(self._path, self._known)
