"""Images as other tools write them: layers, configurations, archives, manifests.

source: what docker save, BuildKit, Kaniko, Buildah, Jib, Nix's dockerTools and ko write; OCI image
specification.
"""

from __future__ import annotations

import gzip
import hashlib
import http.client
import io
import json
import tarfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import zstandard

from docker_magics.embedded.images.platforms import host_platform
from docker_magics.wire.media_types import (
    DOCKER_CONFIG,
    DOCKER_LAYER_GZIP,
    DOCKER_MANIFEST,
    OCI_CONFIG,
    OCI_INDEX,
    OCI_LAYER,
    OCI_MANIFEST,
)
from tools import images

#: A member of a layer, and its content.
Entry = tuple[tarfile.TarInfo, bytes]
ARCHITECTURE = host_platform().architecture
_CAPABILITY = "SCHILY.xattr.security.capability"


def entry(name: str, kind: bytes, data: bytes = b"", **fields: Any) -> Entry:
    """Return a member; `fields` are those of TarInfo."""
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, len(data)
    for key, value in fields.items():
        setattr(info, key, value)
    return info, data


def file(name: str, data: str = "", **fields: Any) -> Entry:
    """Return a file."""
    return entry(name, tarfile.REGTYPE, data.encode(), **fields)


def folder(name: str, mode: int = 0o755, **fields: Any) -> Entry:
    """Return a folder."""
    return entry(name, tarfile.DIRTYPE, mode=mode, **fields)


def link(name: str, target: str) -> Entry:
    """Return a symbolic link."""
    return entry(name, tarfile.SYMTYPE, linkname=target, mode=0o777)


def hard_link(name: str, target: str) -> Entry:
    """Return a hard link."""
    return entry(name, tarfile.LNKTYPE, linkname=target)


def with_capability(name: str, value: bytes) -> Entry:
    """Return a file with the capabilities of setcap(8)."""
    headers = {_CAPABILITY: value.decode("utf-8", "surrogateescape")}
    return file(name, "x", mode=0o755, pax_headers=headers)


def tar(*entries: Entry, form: int = tarfile.PAX_FORMAT) -> bytes:
    """Return an archive."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form, errors="surrogateescape") as archive:
        for info, data in entries:
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def busybox() -> bytes:
    """Return a layer with busybox and its links."""
    return images.built("busybox").read_bytes()


def digest(data: bytes) -> str:
    """Return `sha256:HEX`."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


@dataclass(frozen=True)
class Sample:
    """An image.

    Attributes:
        layers: uncompressed archives, bottom first.
        config: fields of its configuration, which replace the usual ones; None leaves one out.
    """

    layers: tuple[bytes, ...]
    config: Mapping[str, Any] = field(default_factory=dict)

    @property
    def config_json(self) -> bytes:
        """The configuration."""
        usual = {
            "architecture": ARCHITECTURE,
            "os": "linux",
            "created": "2024-05-06T07:08:09.123456789Z",
            "config": {"Env": ["PATH=/usr/bin:/bin"], "Cmd": ["sh"]},
            "history": [{"created_by": f"layer {number}"} for number in range(len(self.layers))],
            "rootfs": {"type": "layers", "diff_ids": [digest(layer) for layer in self.layers]},
        }
        kept = {key: value for key, value in {**usual, **self.config}.items() if value is not None}
        return json.dumps(kept).encode()

    @property
    def id(self) -> str:
        """The image's ID."""
        return digest(self.config_json)


def _archive(members: Mapping[str, bytes], links: Mapping[str, str] | None = None) -> bytes:
    entries = [entry(name, tarfile.REGTYPE, data) for name, data in members.items()]
    return tar(*entries, *(link(name, target) for name, target in (links or {}).items()))


def docker_archive(sample: Sample, *tags: str) -> bytes:
    """Return an archive of one image, as docker save wrote it before version 25."""
    return docker_archive_of((sample, tags))


def docker_archive_of(*tagged: tuple[Sample, Sequence[str]]) -> bytes:
    """Return an archive of images as docker save wrote it before version 25 (format 1.2).

    Each layer has a folder; one that comes again is a link to the first.
    """
    members: dict[str, bytes] = {}
    links: dict[str, str] = {}
    known: dict[bytes, str] = {}
    manifest = []
    for sample, tags in tagged:
        ids = [
            hashlib.sha256(f"{sample.id} {at}".encode()).hexdigest()
            for at in range(len(sample.layers))
        ]
        for layer_id, layer in zip(ids, sample.layers, strict=True):
            members[f"{layer_id}/VERSION"] = b"1.0"
            members[f"{layer_id}/json"] = json.dumps({"id": layer_id}).encode()
            name = f"{layer_id}/layer.tar"
            if layer in known:
                links[name] = f"../{known[layer]}"
            else:
                members[name] = layer
                known[layer] = name
        config = f"{sample.id.removeprefix('sha256:')}.json"
        members[config] = sample.config_json
        layers = [f"{layer_id}/layer.tar" for layer_id in ids]
        manifest.append({"Config": config, "RepoTags": list(tags) or None, "Layers": layers})
    members["manifest.json"] = json.dumps(manifest).encode()
    return _archive(members, links)


Compression = tuple[str, Callable[[bytes], bytes]]


def _zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(data)


def _seekable(data: bytes) -> bytes:
    """Return frames of 64 KiB, and a skippable frame with their table, as zstd:chunked has."""
    pieces = [data[at : at + (1 << 16)] for at in range(0, len(data), 1 << 16)]
    table = b"table of frames"
    skippable = b"\x50\x2a\x4d\x18" + len(table).to_bytes(4, "little") + table
    return skippable + b"".join(map(_zstd, pieces)) + skippable


def _members(data: bytes) -> bytes:
    """Return gzip of several members, as eStargz and pigz write."""
    return b"".join(gzip.compress(data[at : at + 50_000], 1) for at in range(0, len(data), 50_000))


PLAIN: Compression = (OCI_LAYER, bytes)
GZIP: Compression = (f"{OCI_LAYER}+gzip", lambda data: gzip.compress(data, 1))
GZIP_MEMBERS: Compression = (f"{OCI_LAYER}+gzip", _members)
ZSTD: Compression = (f"{OCI_LAYER}+zstd", _zstd)
ZSTD_SEEKABLE: Compression = (f"{OCI_LAYER}+zstd", _seekable)
DOCKER_GZIP: Compression = (DOCKER_LAYER_GZIP, lambda data: gzip.compress(data, 1))


def _descriptor(kind: str, data: bytes, **fields: Any) -> dict[str, Any]:
    return {"mediaType": kind, "digest": digest(data), "size": len(data), **fields}


@dataclass
class Blobs:
    """The blobs of a repository or a layout, by digest, and its top manifest."""

    blobs: dict[str, bytes] = field(default_factory=dict)
    manifests: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    def add(self, kind: str, data: bytes, **fields: Any) -> dict[str, Any]:
        """Add a blob; return its descriptor."""
        self.blobs[digest(data)] = data
        return _descriptor(kind, data, **fields)

    def add_manifest(self, kind: str, value: Any, **fields: Any) -> dict[str, Any]:
        """Add a manifest or index; return its descriptor."""
        data = json.dumps({"schemaVersion": 2, "mediaType": kind, **value}).encode()
        self.manifests[digest(data)] = (kind, data)
        return _descriptor(kind, data, **fields)

    def add_image(
        self, sample: Sample, compression: Compression = GZIP, **fields: Any
    ) -> dict[str, Any]:
        """Add an image; return the descriptor of its manifest."""
        is_docker = compression is DOCKER_GZIP
        layers = [self.add(compression[0], compression[1](layer)) for layer in sample.layers]
        config = self.add(DOCKER_CONFIG if is_docker else OCI_CONFIG, sample.config_json)
        kind = DOCKER_MANIFEST if is_docker else OCI_MANIFEST
        return self.add_manifest(kind, {"config": config, "layers": layers}, **fields)

    def add_attested(self, sample: Sample, compression: Compression = GZIP) -> dict[str, Any]:
        """Add an index as BuildKit pushes it: the image, another platform's, an attestation."""
        image = self.add_image(
            sample, compression, platform={"architecture": ARCHITECTURE, "os": "linux"}
        )
        other = Sample(sample.layers, {**sample.config, "architecture": "s390x"})
        foreign = self.add_image(other, platform={"architecture": "s390x", "os": "linux"})
        statement = self.add("application/vnd.in-toto+json", b'{"_type":"statement"}')
        attestation = self.add_manifest(
            OCI_MANIFEST,
            {"config": self.add(OCI_CONFIG, b'{"os":"unknown"}'), "layers": [statement]},
            platform={"architecture": "unknown", "os": "unknown"},
            annotations={
                "vnd.docker.reference.digest": image["digest"],
                "vnd.docker.reference.type": "attestation-manifest",
            },
        )
        return self.add_manifest(OCI_INDEX, {"manifests": [attestation, foreign, image]})

    def push(self, registry: str, repository: str, tag: str, top: dict[str, Any]) -> None:
        """Upload everything to a registry, with a tag for the top manifest."""
        for name, data in self.blobs.items():
            _upload(registry, repository, name, data)
        for name, (kind, data) in self.manifests.items():
            if name != top["digest"]:
                _put_manifest(registry, f"/v2/{repository}/manifests/{name}", kind, data)
        kind, data = self.manifests[top["digest"]]
        _put_manifest(registry, f"/v2/{repository}/manifests/{tag}", kind, data)

    def layout(self, *tops: dict[str, Any]) -> bytes:
        """Return an OCI layout as an archive, without manifest.json."""
        contents = {**self.blobs, **{name: data for name, (_, data) in self.manifests.items()}}
        members = {f"blobs/{name.replace(':', '/')}": data for name, data in contents.items()}
        index = {"schemaVersion": 2, "manifests": list(tops)}
        members["index.json"] = json.dumps(index).encode()
        members["oci-layout"] = b'{"imageLayoutVersion": "1.0.0"}'
        return _archive(members)


def _put_manifest(registry: str, path: str, kind: str, data: bytes) -> None:
    status, body, _ = _request(registry, "PUT", path, data, {"Content-Type": kind})
    assert status == 201, body


def _upload(registry: str, repository: str, name: str, data: bytes) -> None:
    _, _, location = _request(registry, "POST", f"/v2/{repository}/blobs/uploads/")
    url = urlsplit(location)
    path = f"{url.path}?{url.query}&digest={name}"
    headers = {"Content-Type": "application/octet-stream"}
    status, body, _ = _request(registry, "PUT", path, data, headers)
    assert status == 201, body


def _request(
    registry: str, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] = {}
) -> tuple[int, bytes, str]:
    connection = http.client.HTTPConnection(registry, timeout=20)
    try:
        connection.request(method, path, body, dict(headers))
        response = connection.getresponse()
        return response.status, response.read(), response.headers.get("Location") or ""
    finally:
        connection.close()
