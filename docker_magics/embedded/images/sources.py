"""Which repositories have a layer: a push lets the registry mount it from there.

ROOT/images/sources.json    {"sha256:DIFF_ID": ["docker.io/library/busybox", ...]}

source: moby distribution/metadata/v2_metadata_service.go.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path

from ...wire.reference import Reference
from ..state import read_json, write_json

#: How many repositories are recorded for one layer.
_MAX_REPOSITORIES = 50


class Sources:
    """The repositories that layers were pulled from or pushed to.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._repositories: dict[str, list[str]] = read_json(path) if path.exists() else {}

    def add(self, diff_ids: Iterable[str], repository: Reference) -> None:
        """Record that a repository has these layers."""
        name = repository.name
        with self._lock:
            for diff_id in diff_ids:
                others = [other for other in self._repositories.get(diff_id, []) if other != name]
                self._repositories[diff_id] = [name, *others][:_MAX_REPOSITORIES]
            write_json(self._path, self._repositories)

    def others(self, diff_id: str, repository: Reference) -> list[str]:
        """Return the paths of other repositories of the same registry, the latest first."""
        prefix = f"{repository.domain}/"
        return [
            name.removeprefix(prefix)
            for name in self._repositories.get(diff_id, [])
            if name.startswith(prefix) and name != repository.name
        ]

    def forget(self, diff_id: str) -> None:
        """Remove the entry of a layer that the store no longer has."""
        with self._lock:
            if self._repositories.pop(diff_id, None) is not None:
                write_json(self._path, self._repositories)
