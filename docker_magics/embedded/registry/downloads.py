"""Download and unpack layers concurrently; downloads that break off are resumed.

dockerd unpacks one layer after the other. The messages about this come in the same order.

source: moby distribution/xfer/download.go, distribution/pull_v2.go.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from ...wire import digest
from ...wire.reference import Reference
from ..errors import ApiError, Forbidden, NotFound, Unauthorized
from ..images.blobs import BlobWriter
from ..images.disk_room import DiskFull
from ..images.oci import Descriptor
from ..images.store import ImageStore
from .cancellation import Cancelled
from .client import Registry, RegistryResponse
from .manifests import scope_of
from .progress import Message, layer_message

_CONCURRENT = 3
_CHUNK = 1 << 18
#: The bytes between two progress messages.
_PROGRESS_EVERY = 1 << 20
#: How often a download may break off without this much progress in between, in bytes.
_TRIES, _PROGRESS = 5, 1 << 20
#: Seconds before the first retry; each further one takes twice as long.
_FIRST_DELAY = 0.1


class _InOrder:
    """Passes on the messages of layers in the layers' order; holds back those of later ones.

    Args:
        diff_ids: of the layers, in order.
        send: takes a message.
    """

    def __init__(self, diff_ids: Iterable[str], send: Callable[[Message], None]) -> None:
        self._held: dict[str, list[Message]] = {diff_id: [] for diff_id in diff_ids}
        self._complete: set[str] = set()
        self._send = send
        self._lock = threading.Lock()

    def add(self, diff_id: str, message: Message, *, last: bool = False) -> None:
        """Add a message of a layer; with `last` the next layer's may follow."""
        with self._lock:
            self._held[diff_id].append(message)
            if last:
                self._complete.add(diff_id)
            for first in list(self._held):
                while self._held[first]:
                    self._send(self._held[first].pop(0))
                if first not in self._complete:
                    return
                del self._held[first]


class LayerDownloads:
    """Fetches layers of a repository into the store.

    Args:
        store: receives the layers.
        registry, reference: the repository.
    """

    def __init__(self, store: ImageStore, registry: Registry, reference: Reference) -> None:
        self._store = store
        self._registry = registry
        self._reference = reference
        self._messages: queue.SimpleQueue[Message | None] = queue.SimpleQueue()

    def run(self, layers: Mapping[str, Descriptor]) -> Iterator[Message]:
        """Fetch layers; yield their messages.

        If one fails, or the caller closes the iterator, the registry's requests are cancelled.

        Args:
            layers: by diff ID, as the manifest describes them.

        Raises:
            ApiError: a layer cannot be downloaded, or is damaged.
        """
        extractions = _InOrder(layers, self._messages.put)
        for layer in list(layers.values())[_CONCURRENT:]:
            self._report(layer, "Waiting")
        with ThreadPoolExecutor(_CONCURRENT) as pool:
            futures = [
                pool.submit(self._fetch, layer, diff_id, extractions)
                for diff_id, layer in layers.items()
            ]
            for future in futures:
                future.add_done_callback(lambda _: self._messages.put(None))
            try:
                yield from self._until_done(futures)
            finally:
                if not all(future.done() for future in futures):
                    self._registry.cancellation.set()

    def _until_done(self, futures: Sequence[Future[None]]) -> Iterator[Message]:
        """Yield messages until all layers are done, or one has failed; raise its error."""
        remaining = len(futures)
        while remaining:
            message = self._messages.get()
            if message is not None:
                yield message
                continue
            remaining -= 1
            for future in futures:
                if future.done():
                    future.result()

    def _fetch(self, layer: Descriptor, diff_id: str, extractions: _InOrder) -> None:
        """Download a layer, and unpack it."""
        self._registry.cancellation.check()
        blob = layer["digest"]
        with self._store.blobs.writer() as archive:
            self._download_resuming(layer, archive)
            self._report(layer, "Verifying Checksum")
            if archive.digest != blob:
                raise ApiError(f"filesystem layer verification failed for digest {blob}")
            self._report(layer, "Download complete")
            size = archive.size
            extractions.add(diff_id, layer_message(blob, "Extracting", current=size, total=size))
            try:
                self._store.layers.add(archive, diff_id)
            except digest.DigestError as error:
                raise ApiError(f"layer verification failed: {error}") from error
        extractions.add(diff_id, layer_message(blob, "Pull complete"), last=True)

    def _download_resuming(self, layer: Descriptor, writer: BlobWriter) -> None:
        """Download a blob; resume it while that makes progress."""
        tries, reached = _TRIES, 0
        while True:
            try:
                self._try_download(layer, writer)
            except (Unauthorized, Forbidden, NotFound, DiskFull, Cancelled):
                raise
            except ApiError:
                tries -= 1
                if writer.size >= reached + _PROGRESS:
                    tries, reached = _TRIES, writer.size
                if not tries:
                    raise
                self._registry.cancellation.wait(_FIRST_DELAY * 2 ** (_TRIES - tries))
            else:
                return

    def _try_download(self, layer: Descriptor, writer: BlobWriter) -> None:
        headers = {"Range": f"bytes={writer.size}-"} if writer.size else {}
        path = f"/v2/{self._reference.path}/blobs/{layer['digest']}"
        scope = scope_of(self._reference, "pull")
        with self._registry.get(path, scope=scope, headers=headers) as response:
            if response.status != 206:  # the registry ignores the range
                writer.restart()
            self._receive(response, layer, writer)

    def _receive(self, response: RegistryResponse, layer: Descriptor, writer: BlobWriter) -> None:
        total = int(layer.get("size") or 0)
        reported = 0
        while data := response.read_some(_CHUNK):
            writer.write(data)
            if total and writer.size > total:
                writer.restart()
                raise ApiError(f"layer {layer['digest']} is longer than its manifest says")
            if writer.size - reported >= _PROGRESS_EVERY or writer.size == total:
                reported = writer.size
                self._report(layer, "Downloading", current=reported, total=total)
        if writer.size < total:
            raise ApiError(f"unexpected EOF: layer {layer['digest']} ended early")

    def _report(self, layer: Descriptor, status: str, **detail: int) -> None:
        self._messages.put(layer_message(layer["digest"], status, **detail))
