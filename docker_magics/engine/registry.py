"""Manifests and blobs in registries: requests that the docker CLI sends to registries itself.

The embedded engine's client sends them: tokens, redirects, proxies, plain HTTP on the loopback. It
is imported when the first request is sent.

source: OCI distribution specification.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from docker_magics.errors import RegistryError
from docker_magics.wire.digest import of
from docker_magics.wire.media_types import DOCKER_INDEX, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST
from docker_magics.wire.reference import Reference

from .auth import credentials_for

if TYPE_CHECKING:
    from docker_magics.embedded.registry.client import Registry, RegistryResponse

_ACCEPT = f"{OCI_MANIFEST}, {OCI_INDEX}, {DOCKER_MANIFEST}, {DOCKER_INDEX}"
#: The maximum size of a manifest or an image's configuration.
_MAX_JSON = 8 << 20
_PIECE = 1 << 20


class NotInRegistry(RegistryError):
    """The registry does not have the image, or hides it from this user."""


@dataclass(frozen=True)
class Manifest:
    """The manifest of an image, or the index of several, as the registry sent it.

    Attributes:
        data: its bytes, of which the digest is.
        media_type: its format.
    """

    data: bytes
    media_type: str

    @property
    def digest(self) -> str:
        """The digest of the bytes."""
        return of(self.data)

    @property
    def value(self) -> dict[str, Any]:
        """The JSON object."""
        value: dict[str, Any] = json.loads(self.data)
        return value

    @property
    def is_index(self) -> bool:
        """Whether it lists the manifests of several platforms."""
        return self.media_type in {OCI_INDEX, DOCKER_INDEX}

    @property
    def descriptor(self) -> dict[str, Any]:
        """The descriptor with which an index refers to it."""
        return {"mediaType": self.media_type, "size": len(self.data), "digest": self.digest}


class Repository:
    """A repository in a registry, with the credentials that docker login stored.

    Args:
        reference: its domain and path are the repository.
        insecure: whether the registry has no TLS.

    Attributes:
        name: domain and path.
        path: the path in the registry.
    """

    def __init__(self, reference: Reference, *, insecure: bool = False) -> None:
        self._domain, self.path = reference.domain, reference.path
        self.name = reference.name
        self._insecure = insecure
        self._client: Registry | None = None

    def manifest(self, name: str) -> Manifest:
        """Return the manifest with a tag or digest.

        Raises:
            NotInRegistry: the repository does not have it.
            RegistryError: the registry refuses, or does not answer.
        """
        data, media_type = self._read(f"manifests/{name}", {"Accept": _ACCEPT})
        manifest = Manifest(data, media_type)
        if ":" in name and manifest.digest != name:
            raise RegistryError(f"manifest verification failed for digest {name}")
        return manifest

    def blob(self, digest: str) -> bytes:
        """Return the content of a small blob: an image's configuration.

        Raises:
            NotInRegistry: the repository does not have it.
            RegistryError: the content has another digest, or the registry does not answer.
        """
        data, _ = self._read(f"blobs/{digest}")
        if of(data) != digest:
            raise RegistryError(f"blob verification failed for digest {digest}")
        return data

    def _read(self, target: str, headers: dict[str, str] | None = None) -> tuple[bytes, str]:
        """Return what a path of the repository has, and its media type."""
        data = b""
        with _as_registry_errors(), self._send("GET", target, headers=headers) as response:
            while len(data) <= _MAX_JSON and (piece := response.read(_PIECE)):
                data += piece
            media_type = (response.headers.get("Content-Type") or "").partition(";")[0]
        if len(data) > _MAX_JSON:
            raise RegistryError(f"cannot read {target} of {self.path}: it is too large")
        return data, media_type

    def has_blob(self, digest: str) -> bool:
        """Whether the repository has a blob."""
        try:
            self._send("HEAD", f"blobs/{digest}", pushes=True).close()
        except NotInRegistry:
            return False
        return True

    def mount(self, digest: str, source: str) -> bool:
        """Take over a blob of another repository of the registry; return whether it succeeded."""
        path = f"blobs/uploads/?mount={digest}&from={source}"
        scope = f"repository:{source}:pull"
        with self._send("POST", path, body=b"", pushes=True, scope=scope) as response:
            return bool(response.status == 201)

    def take(self, digest: str, source: Repository) -> None:
        """Copy a blob of another repository: the registry mounts its own, others are sent."""
        is_near = self._domain == source._domain
        if self.has_blob(digest) or (is_near and self.mount(digest, source.path)):
            return
        with tempfile.TemporaryFile() as file:
            with _as_registry_errors(), source._send("GET", f"blobs/{digest}") as response:
                shutil.copyfileobj(response, file)
            size = file.tell()
            file.seek(0)
            self._upload(digest, file, size)

    def _upload(self, digest: str, content: BinaryIO, size: int) -> None:
        with self._send("POST", "blobs/uploads/", body=b"", pushes=True) as response:
            location = response.headers.get("Location") or "blobs/uploads/"
        separator = "&" if "?" in location else "?"
        target = f"{location}{separator}digest={digest}"
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(size)}
        self._send("PUT", target, headers=headers, body=content, pushes=True).close()

    def put(self, name: str, manifest: Manifest) -> None:
        """Store a manifest under a tag or its digest."""
        headers = {"Content-Type": manifest.media_type}
        path = f"manifests/{name}"
        self._send("PUT", path, headers=headers, body=manifest.data, pushes=True).close()

    def _send(
        self,
        method: str,
        target: str,
        *,
        headers: dict[str, str] | None = None,
        body: bytes | BinaryIO | None = None,
        pushes: bool = False,
        scope: str = "",
    ) -> RegistryResponse:
        """Send a request.

        Args:
            method: GET, HEAD, POST or PUT.
            target: relative to the repository, or the location of an upload.
            headers: further headers.
            body: the content.
            pushes: whether the token must allow changes.
            scope: what the token must allow in another repository.
        """
        is_location = target.startswith(("/", "http"))
        url = target if is_location else f"/v2/{self.path}/{target}"
        scopes = f"repository:{self.path}:{'pull,push' if pushes else 'pull'} {scope}".strip()
        with _as_registry_errors():
            client = self._client = self._client or self._connect()
            return client.request(method, url, scope=scopes, headers=headers, body=body)

    def _connect(self) -> Registry:
        from docker_magics.embedded.registry.client import Registry
        from docker_magics.embedded.registry.configuration import Configuration
        from docker_magics.embedded.registry.credentials import from_json

        insecure = (self._domain,) if self._insecure else ()
        credentials = from_json(credentials_for(self._domain) or {})
        return Registry(self._domain, credentials, Configuration(insecure=insecure))


@contextlib.contextmanager
def _as_registry_errors() -> Iterator[None]:
    from docker_magics.embedded.errors import ApiError, NotFound

    try:
        yield
    except NotFound as error:
        raise NotInRegistry(str(error)) from error
    except ApiError as error:
        raise RegistryError(str(error)) from error
