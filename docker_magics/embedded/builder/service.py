"""The builder: builds that run, and their caches.

source: Engine API, ImageBuild, BuildCancel, BuildPrune; moby builder/dockerfile.
"""

from __future__ import annotations

import contextlib
import tempfile
import threading
from pathlib import Path
from typing import Any

from ...wire.filters import Filters
from ...wire.tarstream import Readable
from ..api.messages import Request
from ..errors import ApiError, BadParameter
from ..filtering import refuse_unknown
from ..ports import EventSink
from ..registry.cancellation import Cancellation, result_of
from ..state import remove_tree
from .build import Build
from .context import Context, download_context, unpack_context
from .messages import Messages, MessagesThen
from .options import BuildOptions, read_options
from .parts import BuildParts
from .prune import Limits, prune_folders

#: Filters of BuildKit's cache, and those that `docker system prune` sends to all its parts.
_FILTERS = frozenset(
    {"until", "unused-for", "id", "parent", "type", "description", "inuse", "shared", "private",
     "label", "label!"}
)  # fmt: skip


class Builder:
    """Builds images from Dockerfiles as the classic builder does. Safe to use from any thread.

    Args:
        parts: the engine's parts.
        events: receives prune.
    """

    def __init__(self, parts: BuildParts, events: EventSink) -> None:
        self._parts = parts
        self._events = events
        self._running: dict[str, threading.Event] = {}

    def build(self, request: Request) -> Messages:
        """Build the context of a request, and yield the API's messages.

        Raises:
            BadParameter: an invalid option, context or Dockerfile.
            ApiError: a step fails.
        """
        options = read_options(request)
        cancelled = threading.Event()
        if options.build_id:
            self._running[options.build_id] = cancelled
        try:
            yield from _until(cancelled, self._build(options, request.body, cancelled))
        finally:
            self._running.pop(options.build_id, None)

    def _build(
        self, options: BuildOptions, body: Readable, cancelled: threading.Event
    ) -> MessagesThen[None]:
        folder = Path(tempfile.mkdtemp(prefix="context-", dir=self._parts.tmp))
        try:
            context = yield from self._context(options, body, folder)
            yield from Build(self._parts, options, context, cancelled).run()
        finally:
            remove_tree(folder)

    def _context(
        self, options: BuildOptions, body: Readable, folder: Path
    ) -> MessagesThen[Context]:
        url, name = options.remote, options.dockerfile
        if not url:
            return unpack_context(body, folder, name)
        cancellation = Cancellation()
        return (
            yield from result_of(
                lambda: download_context(url, folder, name, self._parts.tmp, cancellation),
                cancellation,
            )
        )

    def cancel(self, build_id: str) -> None:
        """Cancel a build; one that does not run is ignored.

        Raises:
            BadParameter: the ID is empty.
        """
        if not build_id:
            raise BadParameter("build ID not provided")
        if build_id in self._running:
            self._running[build_id].set()

    def prune(self, filters: Filters, limits: Limits) -> dict[str, Any]:
        """Remove the folders of `RUN --mount=type=cache`; return the API's BuildPruneResponse.

        Args:
            filters: of BuildKit's cache.
            limits: what is kept.

        Raises:
            BadParameter: an unknown filter.
        """
        try:
            refuse_unknown(filters, _FILTERS)
        except BadParameter as error:
            raise BadParameter(f"failed to prune build cache: {error}") from error
        removed, reclaimed = prune_folders(self._parts.caches, limits)
        self._events.publish("builder", "prune", "", {"reclaimed": str(reclaimed)})
        return {"CachesDeleted": removed or None, "SpaceReclaimed": reclaimed}


def _until(cancelled: threading.Event, messages: MessagesThen[None]) -> Messages:
    """Yield the messages of a build until it ends or is cancelled."""
    with contextlib.closing(messages):
        for message in messages:
            if cancelled.is_set():
                raise ApiError("build cancelled")
            yield message
