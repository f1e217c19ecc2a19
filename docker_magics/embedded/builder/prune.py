"""What `docker builder prune` removes: folders of `RUN --mount=type=cache`.

source: Engine API, BuildPrune; BuildKit, cache/manager.go: calculateKeepBytes.
"""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from ...wire import go
from ..api.messages import Request
from ..errors import ApiError, BadParameter
from ..images.pack import content_size
from ..state import remove_tree


@dataclass(frozen=True)
class Limits:
    """Limits of a prune, in bytes; 0 for none.

    Attributes:
        reserved: is kept in any case.
        most: what the cache may have.
        free: what the disk should have free.
    """

    reserved: int = 0
    most: int = 0
    free: int = 0

    def kept(self, total: int, free: int) -> int:
        """Return the bytes that are kept of a cache; without limits, nothing is.

        Args:
            total: the bytes of the cache.
            free: the bytes that are free on its disk.
        """
        if self == Limits():
            return 0
        kept = self.most or (total if self.free else 0)
        if self.free > free:
            kept = min(kept, total - (self.free - free))
        return max(kept, self.reserved)


def limits_of(request: Request) -> Limits:
    """Return the limits that a request has.

    Raises:
        BadParameter: one is not an integer.
    """
    older = _bytes(request, "keep-storage")
    if request.version < (1, 48):
        return Limits(older)
    reserved = _bytes(request, "reserved-space") or older
    return Limits(reserved, _bytes(request, "max-used-space"), _bytes(request, "min-free-space"))


def _bytes(request: Request, name: str) -> int:
    text = request.get(name)
    try:
        return go.atoi(text) if text else 0
    except ValueError as error:
        reason = f"{name} is in bytes and expects an integer, got {text}"
        raise BadParameter(f"{reason}: {error}") from error


def _last_use(folder: Path) -> int:
    """Return when a step last used a folder: it changes the mode each time; 0 if it is removed."""
    with contextlib.suppress(OSError):
        return folder.lstat().st_ctime_ns
    return 0


def prune_folders(caches: Path, limits: Limits) -> tuple[list[str], int]:
    """Remove folders of a cache, those first that were not used for the longest time.

    Returns:
        The names of the removed folders, and their bytes.
    """
    sizes: dict[Path, int] = {}
    for folder in sorted(caches.iterdir(), key=_last_use):
        with contextlib.suppress(OSError, ApiError):
            sizes[folder] = content_size(folder)
    total = sum(sizes.values())
    kept = limits.kept(total, shutil.disk_usage(caches).free)
    removed, reclaimed = [], 0
    for folder, size in sizes.items():
        if kept and total - reclaimed <= kept:
            break
        with contextlib.suppress(OSError, ApiError):
            remove_tree(folder)
            removed.append(folder.name)
            reclaimed += size
    return removed, reclaimed
