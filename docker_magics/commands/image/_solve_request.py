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
from docker_magics.wire import reference

from ._build_request import BuildStream

_CACHE_MANIFEST, _DIGEST = "cache.manifest", "containerimage.digest"
_DESCRIPTOR, _NAMES = "containerimage.descriptor", "image.name"


class SolveBuild(BuildStream):
    """Sends the request, and yields messages as /build does.

    Args:
        engine: the engine.
        request: the request.
        session: the build's session.
        local_caches: folders that the build's cache is written to, and the tag of each; their
            indexes are written at the end.
        layouts: folders that the image is written to, and whose indexes are written too.

    Attributes:
        response: what the exporters say, after the end.
    """

    def __init__(
        self,
        engine: Engine,
        request: control.SolveRequest,
        session: BuildSession,
        local_caches: Sequence[tuple[ContentStore, str]] = (),
        layouts: Sequence[ContentStore] = (),
    ) -> None:
        super().__init__(session)
        self._engine = engine
        self._request = request
        self._build_session = session
        self._local_caches = local_caches
        self._layouts = layouts
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
        """Name cache and image in the indexes of their folders: BuildKit leaves it to clients."""
        if manifest := self.response.get(_CACHE_MANIFEST):
            for store, tag in self._local_caches:
                store.put(json.loads(manifest), tag)
        if descriptor := self.response.get(_DESCRIPTOR):
            manifest = json.loads(base64.b64decode(descriptor))
            names = [*filter(None, self.response.get(_NAMES, "").split(","))]
            tags = [(str(reference.parse(name).tag or ""), name) for name in names]
            for store in self._layouts:
                for tag, name in tags or [("latest", "")]:
                    store.put(manifest, tag, name)

    def _stop(self) -> None:
        if self._call is not None:
            self._call.close()
