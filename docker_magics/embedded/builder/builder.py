"""Building images of Dockerfiles, a step at a time, as the classic builder does and tells.

source: Engine API, ImageBuild; moby builder/dockerfile.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ...wire import dockerfile as language
from ..api.messages import Request
from ..errors import ApiError, BadParameter
from ..filtering import refuse_unknown
from ..state import remove_tree
from . import check, context, metadata, options
from .build import Build
from .metadata import Words

if TYPE_CHECKING:
    from ...wire.filters import Filters
    from ..engine import Engine

Message = dict[str, Any]
#: Of what BuildKit keeps, and what a system's prune says to all of its parts.
_FILTERS = frozenset(
    {"until", "unused-for", "id", "parent", "type", "description", "inuse", "shared", "private",
     "label", "label!"}
)  # fmt: skip


class Builder:
    """Builds, several at once where asked.

    Args:
        engine: the engine.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._running: dict[str, threading.Event] = {}

    def build(self, request: Request) -> Iterator[Message | None]:
        """Build what a request brings; gives the API's messages.

        Raises:
            BadParameter: options or a Dockerfile that make no sense.
            ApiError: a step failed.
        """
        wanted = options.read(request)
        cancelled = threading.Event()
        if wanted.build_id:
            self._running[wanted.build_id] = cancelled
        try:
            with context.opened(self._engine, wanted, request.body) as source:
                build = Build(self._engine, wanted, source, cancelled)
                try:
                    yield from build.run()
                finally:
                    build.close()
        finally:
            self._running.pop(wanted.build_id, None)

    def cancel(self, build_id: str) -> None:
        """End a build.

        Raises:
            BadParameter: no build was named.
        """
        if not build_id:
            raise BadParameter("build ID not provided")
        if build_id in self._running:
            self._running[build_id].set()

    def apply(self, config: dict[str, Any], changes: list[str]) -> None:
        """Apply what `--change` says to a configuration.

        Raises:
            BadParameter: an instruction that cannot be used here, or makes no sense.
        """
        if not changes:
            return
        try:
            parsed = language.parse("\n".join(changes))
        except language.DockerfileError as error:
            raise BadParameter(str(error)) from error
        for instruction in parsed.instructions:
            keyword = instruction.keyword
            if keyword not in metadata.CHANGES:
                raise BadParameter(f"{keyword.lower()} is not a valid change command")
            check.instruction(instruction)
        for instruction in parsed.instructions:
            variables = dict(each.partition("=")[::2] for each in config.get("Env") or [])
            metadata.apply(config, instruction, Words(variables))
        config.pop("CmdIsOwn", None)

    def prune(self, filters: Filters) -> dict[str, Any]:
        """Forget the folders of `RUN --mount=type=cache`; gives the API's answer.

        Raises:
            BadParameter: a filter that there is not.
        """
        try:
            refuse_unknown(filters, _FILTERS)
        except BadParameter as fault:
            raise BadParameter(f"failed to prune build cache: {fault}") from fault
        from ..images.pack import content_size

        folder = self._engine.state.folder("buildcache")
        freed = 0
        gone = []
        for path in folder.iterdir():
            with contextlib.suppress(OSError, ApiError):
                freed += content_size(path)
                remove_tree(path)
                gone.append(path.name)
        self._engine.events.publish("builder", "prune", "", {"reclaimed": str(freed)})
        return {"CachesDeleted": gone or None, "SpaceReclaimed": freed}
