"""A build by BuildKit's control API: Solve and Status, at the same time."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator, Sequence
from typing import Any

from docker_magics.engine.buildkit import control
from docker_magics.engine.buildkit.call import GrpcCall
from docker_magics.engine.buildkit.content import ContentStore
from docker_magics.engine.buildkit.grpc import CallError
from docker_magics.engine.buildkit.session import BuildSession
from docker_magics.engine.buildkit.trace import TRACE_ID
from docker_magics.engine.client import Engine

from ._build_request import BuildStream

_CACHE_MANIFEST, _DIGEST = "cache.manifest", "containerimage.digest"


class SolveBuild(BuildStream):
    """Sends the request, and yields messages as /build does.

    Args:
        engine: the engine.
        request: the request.
        session: the build's session.
        local_caches: folders that the build's cache is written to, and the tag of each; their
            indexes are written at the end.

    Attributes:
        response: what the exporters say, after the end.
    """

    def __init__(
        self,
        engine: Engine,
        request: control.SolveRequest,
        session: BuildSession,
        local_caches: Sequence[tuple[ContentStore, str]] = (),
    ) -> None:
        super().__init__(session)
        self._engine = engine
        self._request = request
        self._build_session = session
        self._local_caches = local_caches
        self._call: GrpcCall | None = None
        self._error = ""
        self.response: dict[str, str] = {}

    def _responses(self) -> Iterator[Any]:
        self._build_session.open(self._engine)
        try:
            self._call = control.solve(self._engine, self._request)
        except CallError as error:
            yield {"error": str(error)}
            return
        if self._cancelled.is_set():
            self._call.close()
        end = threading.Thread(target=self._await, args=[self._call], daemon=True)
        end.start()
        try:
            for message in control.status(self._engine, self._request.ref):
                yield {"id": TRACE_ID, "aux": base64.b64encode(message).decode()}
        except CallError as error:
            end.join()
            self._error = self._error or str(error)
        end.join()
        if self._error:
            yield {"error": self._error}
        elif identity := self.response.get(_DIGEST):
            yield {"aux": {"ID": identity}}

    def _await(self, call: GrpcCall) -> None:
        try:
            self.response = control.solved(call)
            self._write_indexes()
        except (CallError, OSError, ValueError) as error:  # ValueError: a malformed message
            self._error = str(error) or "the engine ended the build"

    def _write_indexes(self) -> None:
        """Name the cache in the index of its folder, as BuildKit leaves it to its client."""
        if manifest := self.response.get(_CACHE_MANIFEST):
            for store, tag in self._local_caches:
                store.put(json.loads(manifest), tag)

    def _stop(self) -> None:
        if self._call is not None:
            self._call.close()
