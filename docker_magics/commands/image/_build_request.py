"""The request /build: sends the context and receives the engine's messages."""

from __future__ import annotations

import contextlib
import queue
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from docker_magics.engine import auth
from docker_magics.engine.build_context import BuildContext, compressed
from docker_magics.engine.client import Engine
from docker_magics.engine.streamed import StreamedResponse
from docker_magics.errors import DockerMagicsError, Interrupted

if TYPE_CHECKING:
    from docker_magics.engine.buildkit.session import BuildSession

_REPORT_EVERY = 1024 * 1024


class BuildStream(ABC):
    """The messages of a build, which a background thread receives, so that they can be shown.

    Args:
        session: the BuildKit session of the build, or None.
    """

    def __init__(self, session: BuildSession | None) -> None:
        self._session = session
        self._queue: queue.Queue[Any] = queue.Queue(256)
        self._cancelled = threading.Event()
        self._finished = threading.Event()

    def messages(self) -> Iterator[Any]:
        """Yield `{"sent": bytes}` while the context is sent, then the engine's messages.

        A cancelled build ends with an error, so that nothing is made of its incomplete result.
        """
        threading.Thread(target=self._run, daemon=True, name="docker-magics-build").start()
        while (message := self._queue.get()) is not None:
            if isinstance(message, DockerMagicsError):
                raise message
            yield message
        if self._cancelled.is_set():
            yield {"error": "the build was cancelled"}

    def cancel(self) -> None:
        """Cancel the upload and the build. Idempotent; without effect after the end."""
        if self._finished.is_set() or self._cancelled.is_set():
            return
        self._cancelled.set()
        self._stop()

    @abstractmethod
    def _responses(self) -> Iterator[Any]:
        """Send the build, and yield the engine's messages."""

    @abstractmethod
    def _stop(self) -> None:
        """Cancel the build."""

    def _run(self) -> None:
        try:
            for message in self._responses():
                self._put(message)
        except DockerMagicsError as error:
            if not self._cancelled.is_set():
                self._put(error)
        finally:
            if self._session is not None:
                self._session.close()
            self._finished.set()
            self._put(None)

    def _put(self, message: Any) -> None:
        while True:
            try:
                self._queue.put(message, timeout=0.2)
            except queue.Full:
                if self._cancelled.is_set():  # perhaps nothing reads any more
                    with contextlib.suppress(queue.Empty):
                        self._queue.get_nowait()
            else:
                return


class BuildRequest(BuildStream):
    """The request /build, which sends the context.

    Args:
        engine: the engine.
        query: the parameters of the request; with `buildid` the build can be cancelled.
        context: the context to send, or None if the engine fetches it.
        compress: whether to compress the context by gzip.
        session: the BuildKit session of the build, or None.
    """

    def __init__(
        self,
        engine: Engine,
        query: dict[str, Any],
        context: BuildContext | None,
        *,
        compress: bool = False,
        session: BuildSession | None = None,
    ) -> None:
        super().__init__(session)
        self._engine = engine
        self._query = query
        self._context = context
        self._compress = compress
        self._response: StreamedResponse | None = None

    def _responses(self) -> Iterator[Any]:
        if self._session is not None:
            self._session.open(self._engine)
        response = self._engine.request(
            "POST",
            "/build",
            query=self._query,
            data=self._body(),
            headers={"Content-Type": "application/x-tar", **auth.header_for_all()},
            stream=True,
        )
        self._response = StreamedResponse(response)
        if self._cancelled.is_set():
            self._response.close()
        yield from self._response.values()

    def _stop(self) -> None:
        if identity := self._query["buildid"]:
            self._engine.post("/build/cancel", {"id": identity})
        if self._response is not None:
            self._response.close()

    def _body(self) -> Iterator[bytes] | None:
        if self._context is None:
            return None
        pieces = self._counted(self._context)
        return compressed(pieces) if self._compress else pieces

    def _counted(self, context: BuildContext) -> Iterator[bytes]:
        sent = reported = 0
        for piece in context.pieces():
            if self._cancelled.is_set():
                raise Interrupted("the build was cancelled")
            yield piece
            sent += len(piece)
            if sent - reported >= _REPORT_EVERY:
                reported = sent
                self._put({"sent": sent})
