"""What archives and registries contain: layers, contexts, configurations, manifests."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fuzz.shared import JSON, TEXTS, archives, json_like
from hypothesis import given
from hypothesis import strategies as st
from unit.embedded.fakes import FakeContainers, FakeEvents

from docker_magics.embedded.builder.context import unpack_context
from docker_magics.embedded.dockerfile.changes import apply_changes
from docker_magics.embedded.errors import ApiError, NotFound
from docker_magics.embedded.images import details
from docker_magics.embedded.images.compression import decompressed
from docker_magics.embedded.images.config import dump_config, parse_config
from docker_magics.embedded.images.importer import ImageImporter
from docker_magics.embedded.images.loader import ImageLoader
from docker_magics.embedded.images.pack import packed
from docker_magics.embedded.images.platforms import Platform
from docker_magics.embedded.images.store import ImageStore
from docker_magics.embedded.images.unpack import unpack
from docker_magics.embedded.registry.manifests import Manifest, for_platform
from docker_magics.wire import digest, reference

HEX = st.sampled_from(["0" * 64, "a" * 64, "A" * 64, "", "x", "../" * 22])
DIGESTS = HEX.map("sha256:{}".format) | HEX
STAMPS = st.sampled_from(
    ["0001-01-01T00:00:00Z", "2020-02-30T00:00:00Z", "9999-12-31T23:59:59.9Z", ""]
)
HISTORY = st.lists(
    json_like({"created": STAMPS, "empty_layer": st.booleans(), "comment": TEXTS}), max_size=3
)
RUN_CONFIG = json_like(
    {"Env": st.lists(TEXTS), "Cmd": st.lists(TEXTS) | TEXTS, "Labels": JSON, "Volumes": JSON}
)
CONFIGS = json_like(
    {
        "architecture": TEXTS,
        "os": TEXTS,
        "created": STAMPS,
        "config": RUN_CONFIG,
        "history": HISTORY,
        "rootfs": json_like({"type": st.just("layers"), "diff_ids": st.lists(DIGESTS, max_size=2)}),
    }
)
DESCRIPTORS = json_like(
    {
        "digest": DIGESTS,
        "size": st.integers(),
        "mediaType": TEXTS,
        "platform": JSON,
        "annotations": JSON,
    }
)
MANIFESTS = json_like(
    {
        "schemaVersion": st.just(2),
        "config": DESCRIPTORS,
        "layers": st.lists(DESCRIPTORS, max_size=2),
    }
    | {"manifests": st.lists(DESCRIPTORS, max_size=2), "mediaType": TEXTS}
)


#: Where the folders of the cases are: in memory, if the machine has such a place.
_PARENT = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@contextlib.contextmanager
def _empty() -> Iterator[Path]:
    """Yield an empty folder; nothing may appear next to it."""
    with tempfile.TemporaryDirectory(dir=_PARENT) as name:
        inner = Path(name) / "inner"
        inner.mkdir()
        yield inner
        assert _names(inner.parent) == {"inner"}


@given(archives())
def test_a_layer_is_unpacked_or_an_api_error(archive: bytes) -> None:
    """A layer that was unpacked and packed stays the same from then on."""
    with _empty() as inner, _empty() as again, contextlib.suppress(ApiError):
        unpack(io.BytesIO(archive), inner, layer=True)
        packed_once = b"".join(packed(inner))
        unpack(io.BytesIO(packed_once), again, layer=True)
        assert b"".join(packed(again)) == packed_once


@given(archives())
def test_files_are_imported_or_an_api_error(archive: bytes) -> None:
    with _empty() as inner:
        store = ImageStore(inner / "images", FakeEvents(), FakeContainers())
        importer = ImageImporter(store, apply_changes)
        with contextlib.suppress(ApiError):
            importer.import_image(io.BytesIO(archive), message="", changes=[], platform="")


@given(archives(), st.sampled_from(["/", "/a"]), st.booleans())
def test_files_are_copied_into_a_container_or_an_api_error(
    archive: bytes,
    into: str,
    keep_kinds: bool,  # noqa: FBT001
) -> None:
    with _empty() as inner:
        (inner / "a/b").mkdir(parents=True)
        (inner / "out").symlink_to("/")
        with contextlib.suppress(ApiError):
            unpack(io.BytesIO(archive), inner, into=into, busy={"/a/b"}, keep_kinds=keep_kinds)
        assert (inner / "a/b").is_dir()


@given(archives())
def test_a_context_is_opened_or_an_api_error(archive: bytes) -> None:
    with _empty() as inner, contextlib.suppress(ApiError):
        unpack_context(io.BytesIO(archive), inner, "Dockerfile").parse()


@given(
    st.sampled_from([b"\x1f\x8b\x08\0", b"\x28\xb5\x2f\xfd", b"BZh9", b"\xfd7zXZ\0", b""]),
    st.binary(),
)
def test_a_stream_is_decompressed_or_an_api_error(magic: bytes, data: bytes) -> None:
    with contextlib.suppress(ApiError):
        stream = decompressed(io.BytesIO(magic + data))
        while stream.read(1 << 16):
            pass


@given(CONFIGS)
def test_a_configuration_is_shown_or_an_api_error(value: Any) -> None:
    data = json.dumps(value).encode()
    try:
        config = parse_config(data)
    except ApiError:
        return
    assert parse_config(dump_config(config)) == config
    with _empty() as inner:
        store = ImageStore(inner, FakeEvents(), FakeContainers())
        with contextlib.suppress(ApiError):
            image = store.add(data)
            json.dumps(details.inspect_image(store, image, old=False))
            details.image_history(store, image)
            assert image.created_ns is not None


class _NoRegistry:
    """A registry that has nothing."""

    def get(self, path: str, **_options: Any) -> None:
        """Fail."""
        raise NotFound(path)


@given(MANIFESTS)
def test_a_manifest_is_read_or_an_api_error(value: Any) -> None:
    manifest = Manifest(value, digest.of(b""), "", 0)
    with contextlib.suppress(ApiError):
        manifest.parts()
    with contextlib.suppress(ApiError):
        for_platform(_NoRegistry(), reference.parse("a"), manifest, Platform("linux", "amd64"))  # type: ignore[arg-type]


def _archive_of(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


@st.composite
def image_archives(draw: st.DrawFn) -> bytes:
    """Return an archive of an image by docker save or of OCI's layout, with odd values."""
    layer = draw(archives())
    diff_id = hashlib.sha256(layer).hexdigest()
    config = draw(
        CONFIGS | st.just({"rootfs": {"type": "layers", "diff_ids": [f"sha256:{diff_id}"]}})
    )
    data = json.dumps(config).encode()
    config_hex = hashlib.sha256(data).hexdigest()
    members = {f"blobs/sha256/{diff_id}": layer, f"blobs/sha256/{config_hex}": data}
    if draw(st.booleans()):
        entry = {"Config": f"blobs/sha256/{config_hex}", "Layers": [f"blobs/sha256/{diff_id}"]}
        entry |= draw(
            json_like({"RepoTags": st.lists(TEXTS), "Layers": st.lists(TEXTS), "Parent": TEXTS})
        )
        members["manifest.json"] = json.dumps(draw(JSON | st.just([entry]))).encode()
        return _archive_of(members)
    layers = [{"digest": f"sha256:{diff_id}"}]
    manifest = {"config": {"digest": f"sha256:{config_hex}"}, "layers": layers} | draw(MANIFESTS)
    data = json.dumps(manifest).encode()
    name = hashlib.sha256(data).hexdigest()
    members[f"blobs/sha256/{name}"] = data
    entry = {"digest": f"sha256:{name}"} | draw(DESCRIPTORS)
    members["index.json"] = json.dumps(draw(st.just({"manifests": [entry]}) | MANIFESTS)).encode()
    return _archive_of(members)


@given(image_archives() | archives())
def test_an_archive_of_images_is_loaded_or_an_api_error(archive: bytes) -> None:
    with _empty() as inner:
        store = ImageStore(inner / "images", FakeEvents(), FakeContainers())
        with contextlib.suppress(ApiError):
            list(ImageLoader(store, inner).load(io.BytesIO(archive), quiet=False))
        assert _names(inner) == {"images"}
