"""A store of blobs in a folder, as an OCI image layout, which BuildKit reads and writes.

Local caches (`type=local`) and contexts `oci-layout://FOLDER` are such folders.

source: containerd, api/services/content/v1/content.proto; moby/buildkit, session/content and
client/ociindex; OCI image spec, image-layout.md.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import secrets
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

from docker_magics.engine.buildkit import grpc
from docker_magics.engine.buildkit.protobuf import Message, encode

_SERVICE = "/containerd.services.content.v1.Content/"
#: The metadata that names the store of a call.
_STORE_ID = "buildkit-attachable-store-id"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_TAG = "org.opencontainers.image.ref.name"
_IMAGE = "io.containerd.image.name"
_INDEX_TYPE = "application/vnd.oci.image.index.v1+json"
_CHUNK = 256 * 1024
_COMMIT = 2


class ContentStore:
    """The blobs of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, tag: str) -> str | None:
        """Return the digest that the index has for a tag, None if it has none."""
        for manifest in self._index()["manifests"]:
            if (manifest.get("annotations") or {}).get(_TAG) == tag:
                return str(manifest["digest"])
        return None

    def only(self) -> str | None:
        """Return the digest of the only entry of the index, None if it has several."""
        manifests = self._index()["manifests"]
        return str(manifests[0]["digest"]) if len(manifests) == 1 else None

    def put(self, descriptor: Mapping[str, Any], tag: str, image: str = "") -> None:
        """Add an entry to the index; it replaces the one of the same tag and image.

        Args:
            descriptor: the manifest's descriptor.
            tag: the tag.
            image: the image's whole name, "" for none.

        Raises:
            OSError: the index cannot be written.
        """
        index = self._index()
        others = [
            manifest for manifest in index["manifests"] if _names(manifest) != (tag, image or None)
        ]
        names = {_TAG: tag} | ({_IMAGE: image} if image else {})
        annotations = {**(descriptor.get("annotations") or {}), **names}
        index["manifests"] = [*others, {**descriptor, "annotations": annotations}]
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
        temporary = self._folder / f"index.json.{secrets.token_hex(8)}"
        try:
            temporary.write_text(json.dumps(index, separators=(",", ":")))
            temporary.replace(self._folder / "index.json")
        finally:
            temporary.unlink(missing_ok=True)

    def blob(self, digest: str) -> Path:
        """Return the path of a blob, which may not exist.

        Raises:
            CallError: the digest is malformed.
        """
        if not _DIGEST.fullmatch(digest):
            raise grpc.CallError(grpc.Status.UNKNOWN, f"{digest!r} failed validation")
        return self._folder / "blobs" / digest.replace(":", "/")

    def ingest(self) -> Path:
        """Return the path of a new blob until it is complete."""
        return self._folder / "ingest" / secrets.token_hex(8)

    def size(self, digest: str) -> int:
        """Return the size of a blob, in bytes.

        Raises:
            CallError: the blob does not exist.
        """
        path = self.blob(digest)
        if not path.is_file():
            raise grpc.CallError(grpc.Status.NOT_FOUND, f"content {digest}: not found")
        return path.stat().st_size

    def _index(self) -> dict[str, Any]:
        try:
            index = json.loads((self._folder / "index.json").read_bytes())
        except (OSError, RecursionError, ValueError):
            index = None
        index = index if isinstance(index, dict) else {}
        manifests = index.get("manifests")
        valid = [it for it in manifests if _is_manifest(it)] if isinstance(manifests, list) else []
        return {"schemaVersion": 2, "mediaType": _INDEX_TYPE} | index | {"manifests": valid}


def _names(manifest: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return the tag and image of an entry of an index."""
    annotations = manifest.get("annotations") or {}
    return annotations.get(_TAG), annotations.get(_IMAGE)


def _is_manifest(value: Any) -> bool:
    """Whether an entry of an index has a digest; annotations, if any, are an object."""
    return (
        isinstance(value, dict)
        and isinstance(value.get("digest"), str)
        and isinstance(value.get("annotations") or {}, dict)
    )


def methods(stores: Mapping[str, ContentStore]) -> dict[str, grpc.Method]:
    """Return the methods of the content service, of stores by their IDs."""

    def chosen(headers: grpc.Headers) -> ContentStore:
        name = headers.get(_STORE_ID, [""])[0]
        if name not in stores:
            raise grpc.CallError(grpc.Status.NOT_FOUND, f"unknown store {name}: not found")
        return stores[name]

    return {
        f"{_SERVICE}Info": lambda headers: _info(chosen(headers)),
        f"{_SERVICE}Update": lambda headers: _updated(chosen(headers)),
        f"{_SERVICE}Read": lambda headers: Read(chosen(headers)),
        f"{_SERVICE}Write": lambda headers: Write(chosen(headers)),
        f"{_SERVICE}Status": lambda _headers: grpc.Unary(_no_status),
        f"{_SERVICE}ListStatuses": lambda _headers: grpc.Unary(lambda _request: b""),
        f"{_SERVICE}Abort": lambda _headers: grpc.Unary(lambda _request: b""),
    }


def _info(store: ContentStore) -> grpc.Unary:
    return grpc.Unary(lambda request: _described(store, Message(request).text(1)))


def _updated(store: ContentStore) -> grpc.Unary:
    """Answer the update of labels, which a folder does not keep."""
    return grpc.Unary(
        lambda request: _described(store, Message(Message(request).one(1, b"")).text(1))
    )


def _described(store: ContentStore, digest: str) -> bytes:
    return encode({1: encode({1: digest, 2: store.size(digest)})})


def _no_status(request: bytes) -> bytes:
    ref = Message(request).text(1)
    raise grpc.CallError(grpc.Status.NOT_FOUND, f"ingest {ref}: not found")


class Read:
    """A call that reads a blob, or a part of it."""

    def __init__(self, store: ContentStore) -> None:
        self._store = store
        self._parts: Generator[bytes] | None = None
        self.finished = False

    def receive(self, message: bytes) -> None:
        """Handle the request."""
        request = Message(message)
        digest, offset, size = request.text(1), request.one(2, 0), request.one(3, 0)
        total = self._store.size(digest)
        end = min(offset + size, total) if size else total
        self._parts = self._read(self._store.blob(digest), offset, end)
        self.finished = True

    def end_receiving(self) -> None:
        """Do nothing: the request has only one message."""

    def next_message(self) -> bytes | None:
        """Return the next part."""
        return next(self._parts, None) if self._parts else None

    def close(self) -> None:
        """Close the blob."""
        if self._parts:
            self._parts.close()

    def _read(self, path: Path, offset: int, end: int) -> Generator[bytes]:
        with path.open("rb") as file:
            file.seek(offset)
            while offset < end and (data := file.read(min(_CHUNK, end - offset))):
                yield encode({1: offset, 2: data})
                offset += len(data)


class Write:
    """A call that writes a blob: first into the folder `ingest`."""

    def __init__(self, store: ContentStore) -> None:
        self._store = store
        self._path = store.ingest()
        self._hash = hashlib.sha256()
        self._size = 0
        self._expected = ""
        self._answers: list[bytes] = []
        self.finished = False

    def receive(self, message: bytes) -> None:
        """Write a part, and answer with the size so far; a commit stores the blob."""
        request = Message(message)
        self._expected = request.text(4) or self._expected
        if self._expected and self._store.blob(self._expected).is_file():
            reason = f"blob with expected digest {self._expected} exists"
            raise grpc.CallError(grpc.Status.ALREADY_EXISTS, reason)
        action, offset, data = request.one(1, 0), request.one(5, 0), request.one(6, b"")
        if data and offset != self._size:
            raise grpc.CallError(grpc.Status.UNKNOWN, f"cannot write at {offset} of {self._size}")
        self._hash.update(data)
        self._size += len(data)
        digest = f"sha256:{self._hash.hexdigest()}"
        try:
            self._write(data)
            if action == _COMMIT:
                self._commit(digest)
        except OSError as error:
            raise grpc.CallError(grpc.Status.UNKNOWN, str(error)) from error
        self._answers.append(encode({1: action, 4: self._size, 5: request.one(3, 0), 6: digest}))

    def end_receiving(self) -> None:
        """Finish the call: what is not committed is dropped."""
        self.finished = True

    def next_message(self) -> bytes | None:
        """Return the next answer."""
        return self._answers.pop(0) if self._answers else None

    def close(self) -> None:
        """Remove what is not committed."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)

    def _write(self, data: bytes) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab") as file:
            file.write(data)

    def _commit(self, digest: str) -> None:
        if self._expected not in {"", digest}:
            reason = f"unexpected digest {digest}, expected {self._expected}"
            raise grpc.CallError(grpc.Status.UNKNOWN, reason)
        blob = self._store.blob(digest)
        blob.parent.mkdir(parents=True, exist_ok=True)
        self._path.replace(blob)
        self.finished = True
