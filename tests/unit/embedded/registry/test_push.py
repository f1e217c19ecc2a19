"""Pushes to a registry in this process."""

from __future__ import annotations

import gzip
import json
import lzma
from typing import Any

import pytest
import zstandard
from unit.embedded.images.support import Store, config, tar
from unit.embedded.registry.support import PASSWORD, USER, FakeRegistry

from docker_magics.embedded.errors import ApiError, NotFound
from docker_magics.embedded.images.image import Image
from docker_magics.embedded.registry.credentials import Credentials
from docker_magics.embedded.registry.service import Registries
from docker_magics.wire import digest, media_types
from docker_magics.wire.reference import parse


def push(
    registries: Registries,
    registry: FakeRegistry,
    name: str,
    credentials: Credentials | None = None,
) -> list[dict[str, Any]]:
    """Push an image; return the messages."""
    reference = parse(f"{registry.address}/{name}")
    messages = registries.push(reference, credentials or Credentials())
    return [message for message in messages if message is not None]


def image_of(store: Store, registry: FakeRegistry, *archives: bytes, name: str = "a:1") -> Image:
    """Add an image with these archives as layers."""
    image = store.images.add(config([store.add_layer(archive) for archive in archives]))
    store.images.tag(image, parse(f"{registry.address}/{name}"), event=False)
    return image


def statuses(messages: list[dict[str, Any]], diff_id: str) -> list[str]:
    return [m["status"] for m in messages if m.get("id") == digest.short(diff_id)]


def test_an_image_is_pushed_and_can_be_pulled(
    registries: Registries, registry: FakeRegistry, store: Store
) -> None:
    diff_id = store.layer(f="text")
    name = f"{registry.address}/a:1"
    image = store.image(name, diff_ids=[diff_id, diff_id])
    messages = push(registries, registry, "a:1")
    kind, manifest = registry.manifests["a", "1"]
    value, size = digest.of(manifest), len(manifest)
    assert messages[0] == {"status": f"The push refers to repository [{registry.address}/a]"}
    assert statuses(messages, diff_id) == ["Preparing", "Preparing", "Pushing", "Pushing", "Pushed"]
    assert messages[-2] == {"status": f"1: digest: {value} size: {size}"}
    assert messages[-1]["aux"] == {"Tag": "1", "Digest": value, "Size": size}
    assert kind == media_types.DOCKER_MANIFEST
    content = json.loads(manifest)
    first, second = content["layers"]
    assert first == second
    assert first["mediaType"] == media_types.DOCKER_LAYER_GZIP
    assert digest.of(gzip.decompress(registry.blobs[first["digest"]])) == diff_id
    assert registry.blobs[image.id] == store.images.blobs.read(image.id)
    assert f"{registry.address}/a@{value}" in map(str, store.images.references.of(image.id))
    assert store.events.events[-1] == ("image", "push", name, {"name": f"{registry.address}/a"})
    assert list(store.tmp.iterdir()) == []
    before = store.images.get(image.id)
    store.images.drop(before)
    store.images.references.delete(parse(name))
    list(registries.pull(parse(name), Credentials(), image.platform))
    assert store.images.resolve(name).id == image.id


@pytest.mark.parametrize(
    ("compress", "kind"),
    [
        (gzip.compress, media_types.DOCKER_LAYER_GZIP),
        (zstandard.ZstdCompressor().compress, media_types.OCI_LAYER_ZSTD),
    ],
)
def test_a_layer_that_the_registry_has_keeps_its_digest(
    registries: Registries, registry: FakeRegistry, store: Store, compress: Any, kind: str
) -> None:
    archive = compress(tar(f="text"))
    image = image_of(store, registry, archive)
    registry.add_blob(archive)
    messages = push(registries, registry, "a:1")
    assert statuses(messages, image.diff_ids[0]) == ["Preparing", "Layer already exists"]
    (layer,) = json.loads(registry.manifests["a", "1"][1])["layers"]
    assert layer == {"mediaType": kind, "size": len(archive), "digest": digest.of(archive)}


@pytest.mark.parametrize("compress", [bytes, lzma.compress, zstandard.ZstdCompressor().compress])
def test_a_layer_that_the_registry_lacks_is_compressed_once(
    registries: Registries,
    registry: FakeRegistry,
    store: Store,
    compress: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    image = image_of(store, registry, compress(tar(f="text")))
    push(registries, registry, "a:1")
    (layer,) = json.loads(registry.manifests["a", "1"][1])["layers"]
    assert layer["mediaType"] == media_types.DOCKER_LAYER_GZIP
    assert digest.of(gzip.decompress(registry.blobs[layer["digest"]])) == image.diff_ids[0]
    registry.requests.clear()
    monkeypatch.delattr("docker_magics.embedded.images.layers.Layers.packed")
    again = push(registries, registry, "a:1")
    assert statuses(again, image.diff_ids[0]) == ["Preparing", "Layer already exists"]
    assert registry.sent("POST") == []


def test_a_layer_of_another_repository_is_mounted(
    registries: Registries, registry: FakeRegistry, store: Store
) -> None:
    archive = gzip.compress(tar(f="text"))
    image = image_of(store, registry, archive)
    store.images.sources.add(image.diff_ids, parse(f"{registry.address}/other"))
    registry.mountable.add(digest.of(archive))
    messages = push(registries, registry, "a:1")
    assert statuses(messages, image.diff_ids[0]) == ["Preparing", "Mounted from other"]
    assert digest.of(archive) not in registry.blobs
    registry.mountable.clear()
    assert statuses(push(registries, registry, "a:1"), image.diff_ids[0])[-1] == "Pushed"


def test_all_tags_of_a_repository(
    registries: Registries, registry: FakeRegistry, store: Store
) -> None:
    image_of(store, registry, tar(f="1"), name="a:1")
    image_of(store, registry, tar(f="2"), name="a:2")
    messages = push(registries, registry, "a")
    assert [m["aux"]["Tag"] for m in messages if "aux" in m] == ["1", "2"]
    assert {("a", "1"), ("a", "2")} <= registry.manifests.keys()


def test_push_of_a_missing_image(
    registries: Registries, registry: FakeRegistry, store: Store
) -> None:
    with pytest.raises(NotFound, match=r"An image does not exist locally with the tag: .*/a"):
        push(registries, registry, "a:1")
    image_of(store, registry, tar(f="1"))
    with pytest.raises(NotFound, match=r"tag does not exist: .*/a:2"):
        push(registries, registry, "a:2")


def test_push_with_wrong_credentials(
    registries: Registries, registry: FakeRegistry, store: Store
) -> None:
    image_of(store, registry, tar(f="1"))
    registry.auth = "basic"
    with pytest.raises(ApiError, match="denied: requested access to the resource is denied"):
        push(registries, registry, "a:1", Credentials(USER, "wrong"))
    push(registries, registry, "a:1", Credentials(USER, PASSWORD))
    assert ("a", "1") in registry.manifests


def test_push_to_a_registry_that_rejects_uploads(
    registries: Registries, registry: FakeRegistry, store: Store
) -> None:
    image = image_of(store, registry, tar(f="1"))
    registry.answers["/v2/a/blobs/uploads/"] = (507, b"")
    with pytest.raises(ApiError, match="received unexpected HTTP status: 507"):
        push(registries, registry, "a:1")
    assert [name.digest for name in store.images.references.of(image.id)] == [None]


def test_a_modified_layer_is_not_pushed(
    registries: Registries, registry: FakeRegistry, store: Store
) -> None:
    image = store.image(f"{registry.address}/a:1")
    (image.layers[0] / "more").touch()
    with pytest.raises(
        ApiError,
        match=r"^cannot push .*a:1: .* been changed on the disk; pull or build it again$",
    ):
        push(registries, registry, "a:1")
    assert registry.manifests == {}
