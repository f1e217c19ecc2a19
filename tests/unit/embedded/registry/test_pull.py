"""Pulls from a registry in this process."""

from __future__ import annotations

import gzip
import os
import random
from typing import Any

import pytest
from unit.embedded.images.support import Store, tar
from unit.embedded.registry.support import PASSWORD, USER, FakeRegistry

from docker_magics.embedded.errors import ApiError, BadParameter, NotFound
from docker_magics.embedded.images.platforms import Platform
from docker_magics.embedded.registry import downloads
from docker_magics.embedded.registry.credentials import Credentials
from docker_magics.embedded.registry.service import Registries
from docker_magics.wire import digest, media_types
from docker_magics.wire.reference import parse

AMD64_JSON = {"os": "linux", "architecture": "amd64"}
AMD64, ARM64 = Platform("linux", "amd64"), Platform("linux", "arm64")
BIG = os.urandom(3 << 20)


@pytest.fixture(autouse=True)
def _no_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "_FIRST_DELAY", 0.0)


def pull(
    registries: Registries, registry: FakeRegistry, name: str, platform: Platform = AMD64,
    credentials: Credentials | None = None, **more: Any,
) -> list[dict[str, Any]]:  # fmt: skip
    """Pull an image; return the messages."""
    reference = parse(f"{registry.address}/{name}")
    messages = registries.pull(reference, credentials or Credentials(), platform, **more)
    return [message for message in messages if message is not None]


def statuses(messages: list[dict[str, Any]], name: str = "") -> list[str]:
    """Return the statuses of messages, or those about one blob; repeated ones once."""
    texts = [m["status"] for m in messages if not name or m.get("id") == digest.short(name)]
    return list(dict.fromkeys(texts))


def publish(registry: FakeRegistry, *contents: str | bytes, tag: str = "1", **fields: Any) -> str:
    """Put an image into the registry, with a layer for each content; return its ID."""
    archives = [tar(file=content) for content in contents]
    layers = [gzip.compress(archive, 1, mtime=0) for archive in archives]
    return registry.add_image("a", tag, layers, [digest.of(data) for data in archives], **fields)


def blob_of(content: str | bytes) -> str:
    return digest.of(gzip.compress(tar(file=content), 1, mtime=0))


def test_an_image_is_pulled_named_and_published(
    registries: Registries, registry: FakeRegistry, store: Store
) -> None:
    image_id = publish(registry, "one", "two")
    name = f"{registry.address}/a:1"
    messages = pull(registries, registry, "a:1")
    manifest = digest.of(registry.manifests["a", "1"][1])
    assert messages[0] == {"status": "Pulling from a", "id": "1"}
    assert messages[-2:] == [
        {"status": f"Digest: {manifest}"},
        {"status": f"Status: Downloaded newer image for {name}"},
    ]
    assert statuses(messages, blob_of("one")) == [
        "Pulling fs layer", "Downloading", "Verifying Checksum", "Download complete",
        "Extracting", "Pull complete",
    ]  # fmt: skip
    image = store.images.resolve(name)
    assert image.id == image_id
    assert [(layer / "file").read_text() for layer in image.layers] == ["one", "two"]
    names = [reference.familiar for reference in store.images.references.of(image_id)]
    assert names == [name, f"{registry.address}/a@{manifest}"]
    assert store.events.events == [("image", "pull", name, {"name": f"{registry.address}/a"})]
    assert store.images.sources.others(image.diff_ids[0], parse(f"{registry.address}/b")) == ["a"]


def test_existing_layers_are_not_fetched_again(
    registries: Registries, registry: FakeRegistry
) -> None:
    publish(registry, "one")
    pull(registries, registry, "a:1")
    registry.requests.clear()
    messages = pull(registries, registry, "a:1")
    assert messages[-1]["status"] == f"Status: Image is up to date for {registry.address}/a:1"
    assert registry.sent("GET", "/blobs/") == []
    publish(registry, "one", "new")
    messages = pull(registries, registry, "a:1")
    assert statuses(messages, blob_of("one")) == ["Already exists"]
    assert "Pull complete" in statuses(messages, blob_of("new"))


def test_layers_complete_in_their_order(registries: Registries, registry: FakeRegistry) -> None:
    contents = [random.Random(number).randbytes(2_000_000 >> 3 * number) for number in range(5)]
    publish(registry, *contents)
    messages = pull(registries, registry, "a:1")
    names = [digest.short(blob_of(content)) for content in contents]
    for status in ("Extracting", "Pull complete"):
        assert [line["id"] for line in messages if line["status"] == status] == names
    assert [line["id"] for line in messages if line["status"] == "Waiting"] == names[3:]


def test_a_repeated_layer_is_fetched_once(
    registries: Registries, registry: FakeRegistry, store: Store
) -> None:
    image_id = publish(registry, "one", "two", "one")
    pull(registries, registry, "a:1")
    assert len(registry.sent("GET", blob_of("one"))) == 1
    assert len(store.images.get(image_id).layers) == 3


def test_a_digest_is_pulled_without_a_tag(
    registries: Registries, registry: FakeRegistry, store: Store
) -> None:
    image_id = publish(registry, "one")
    manifest = digest.of(registry.manifests["a", "1"][1])
    messages = pull(registries, registry, f"a@{manifest}")
    assert messages[0]["id"] == f"{registry.address}/a@{manifest}"
    names = store.images.references.of(image_id)
    assert [(name.tag, name.digest) for name in names] == [(None, manifest)]


def test_all_tags(registries: Registries, registry: FakeRegistry, store: Store) -> None:
    publish(registry, "one", tag="1")
    publish(registry, "two", tag="2")
    messages = pull(registries, registry, "a", all_tags=True)
    assert [message["id"] for message in messages if "Pulling from" in message["status"]] == [
        "1",
        "2",
    ]
    assert [name.tag for name in store.images.references.tags(f"{registry.address}/a")] == [
        "1",
        "2",
    ]
    with pytest.raises(NotFound, match=r"repository .*/b not found"):
        pull(registries, registry, "b", all_tags=True)


def index_of(registry: FakeRegistry, **platforms: str) -> list[dict[str, Any]]:
    """Put an image for each architecture behind one index; return its entries."""
    entries = []
    for architecture, variant in platforms.items():
        publish(registry, architecture + variant, tag=architecture, architecture=architecture)
        name = digest.of(registry.manifests["a", architecture][1])
        platform = {"os": "linux", "architecture": architecture, "variant": variant}
        entries.append({"digest": name, "platform": platform})
    registry.add_manifest(
        "a", "1", {"schemaVersion": 2, "manifests": entries}, media_types.OCI_INDEX
    )
    return entries


def test_an_index_selects_the_platform(
    registries: Registries, registry: FakeRegistry, store: Store
) -> None:
    index_of(registry, amd64="", arm64="v8")
    pull(registries, registry, "a:1", ARM64)
    image = store.images.resolve(f"{registry.address}/a:1")
    assert image.platform.architecture == "arm64"
    with pytest.raises(NotFound, match="no matching manifest for linux/s390x in the manifest list"):
        pull(registries, registry, "a:1", Platform("linux", "s390x"))


def test_an_image_for_another_platform_is_pulled_with_a_warning(
    registries: Registries, registry: FakeRegistry
) -> None:
    publish(registry, "one")
    messages = pull(registries, registry, "a:1", ARM64)
    assert "WARNING: image with reference" in messages[-1]["status"]
    assert (
        "its platform (linux/amd64) does not match the specified platform (linux/arm64)"
        in messages[-1]["status"]
    )


def test_credentials_are_used_and_their_lack_is_reported(
    registries: Registries, registry: FakeRegistry
) -> None:
    publish(registry, "one")
    registry.auth = "basic"
    pull(registries, registry, "a:1", credentials=Credentials(USER, PASSWORD))
    with pytest.raises(
        NotFound, match=r"pull access denied for .*/a, repository does not exist or"
    ):
        pull(registries, registry, "a:1")


def test_missing_images(registries: Registries, registry: FakeRegistry) -> None:
    with pytest.raises(NotFound, match=r"manifest for .*/a:1 not found: manifest unknown"):
        pull(registries, registry, "a:1")
    with pytest.raises(BadParameter, match="'scratch' is a reserved name"):
        list(registries.pull(parse("scratch:latest"), Credentials(), None))


# --- failing downloads


def test_a_broken_download_is_resumed(
    registries: Registries, registry: FakeRegistry, store: Store
) -> None:
    image_id = publish(registry, BIG)
    blob = blob_of(BIG)
    registry.cuts[blob] = [1 << 20, 1000, 1 << 20]
    pull(registries, registry, "a:1")
    ranges = [headers.get("Range") for _, path, headers in registry.requests if path.endswith(blob)]
    assert ranges == [None, f"bytes={1 << 20}-", f"bytes={(1 << 20) + 1000}-",
                      f"bytes={(2 << 20) + 1000}-"]  # fmt: skip
    assert (store.images.get(image_id).layers[0] / "file").read_bytes() == BIG


def test_a_download_restarts_if_the_registry_cannot_resume(
    registries: Registries, registry: FakeRegistry, store: Store
) -> None:
    image_id = publish(registry, BIG)
    registry.ranges = False
    registry.cuts[blob_of(BIG)] = [1 << 20]
    pull(registries, registry, "a:1")
    assert (store.images.get(image_id).layers[0] / "file").read_bytes() == BIG


def test_a_download_without_progress_fails(
    registries: Registries, registry: FakeRegistry, store: Store
) -> None:
    publish(registry, BIG)
    registry.cuts[blob_of(BIG)] = [10] * 20
    with pytest.raises(ApiError, match=r"broke|EOF"):
        pull(registries, registry, "a:1")
    assert len(registry.cuts[blob_of(BIG)]) == 15
    assert nothing_is_left(store)


def nothing_is_left(store: Store) -> bool:
    """Whether neither an image nor a layer nor an archive of one is in the store."""
    images = store.images
    drafts = list((store.folder / "images/blobs/drafts").iterdir())
    folders = list((store.folder / "images/layers").iterdir())
    return not (images.all() or images.layers.diff_ids() or drafts or folders)


def spoiled(registry: FakeRegistry, content: str, data: bytes) -> None:
    registry.blobs[blob_of(content)] = data


def test_a_layer_with_another_digest_is_an_error(
    registries: Registries, registry: FakeRegistry, store: Store
) -> None:
    publish(registry, "one")
    real = registry.blobs[blob_of("one")]
    for data, message in (
        (bytes(len(real)), "filesystem layer verification failed for digest"),
        (real + b"more", "is longer than its manifest says"),
        (real[:-5], "ended early"),
    ):
        spoiled(registry, "one", data)
        with pytest.raises(ApiError, match=message):
            pull(registries, registry, "a:1")
        assert nothing_is_left(store)


def test_a_layer_with_another_diff_id_is_an_error(
    registries: Registries, registry: FakeRegistry, store: Store
) -> None:
    layer = gzip.compress(tar(file="x"))
    registry.add_image("a", "1", [layer], [digest.of(b"other")])
    with pytest.raises(ApiError, match="layer verification failed: expected diff ID"):
        pull(registries, registry, "a:1")
    assert nothing_is_left(store)
    assert not store.images.blobs.has(digest.of(layer))


def test_a_damaged_layer_is_an_error(
    registries: Registries, registry: FakeRegistry, store: Store
) -> None:
    registry.add_image("a", "1", [b"garbage" * 200], [digest.of(b"")])
    with pytest.raises(BadParameter, match="archive/tar: invalid tar header"):
        pull(registries, registry, "a:1")
    assert nothing_is_left(store)


def test_one_bad_layer_stops_the_others(
    registries: Registries, registry: FakeRegistry, store: Store
) -> None:
    publish(registry, *map(str, range(8)))
    del registry.blobs[blob_of("0")]
    with pytest.raises(NotFound):
        pull(registries, registry, "a:1")
    assert nothing_is_left(store)


def test_a_disconnected_client_stops_the_pull(
    registries: Registries, registry: FakeRegistry, store: Store
) -> None:
    publish(registry, BIG, "other")
    reference = parse(f"{registry.address}/a:1")
    messages = registries.pull(reference, Credentials(), AMD64)
    for message in messages:
        if message and message["status"] in {"Downloading", "Extracting"}:
            break
    messages.close()  # type: ignore[attr-defined]
    assert nothing_is_left(store)


# --- untrusted manifests


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ({"schemaVersion": 1}, "unsupported manifest format"),
        ([], "unsupported manifest format"),
        ({"schemaVersion": 2}, "invalid manifest"),
        ({"schemaVersion": 2, "config": []}, "invalid manifest"),
        ({"schemaVersion": 2, "config": {"digest": "../../x"}}, "invalid manifest: invalid digest"),
        ({"schemaVersion": 2, "config": {"digest": digest.of(b"")}, "layers": [{}]}, "invalid"),
        ({"schemaVersion": 2, "config": {"digest": digest.of(b"")}, "layers": "x"}, "invalid"),
        ({"schemaVersion": 2, "manifests": "x"}, "expected a list of manifests"),
        ({"schemaVersion": 2, "manifests": ["x"]}, "expected a list of manifests"),
        ({"schemaVersion": 2, "manifests": [{"platform": AMD64_JSON}]}, "manifest: 'digest'"),
    ],
)  # fmt: skip
def test_invalid_manifests(
    registries: Registries, registry: FakeRegistry, manifest: Any, message: str
) -> None:
    registry.add_manifest("a", "1", manifest, "kind")
    with pytest.raises(ApiError, match=message):
        pull(registries, registry, "a:1")


def test_manifests_that_are_not_json_or_too_large_or_differ(
    registries: Registries, registry: FakeRegistry
) -> None:
    registry.manifests["a", "1"] = ("kind", b"{")
    with pytest.raises(ApiError, match="invalid manifest"):
        pull(registries, registry, "a:1")
    registry.manifests["a", "1"] = ("kind", b" " * ((4 << 20) + 1))
    with pytest.raises(ApiError, match="answer has more than 4194304 bytes"):
        pull(registries, registry, "a:1")
    name = digest.of(b"right")
    registry.manifests["a", name] = ("kind", b"wrong")
    with pytest.raises(ApiError, match=f"manifest verification failed for digest {name}"):
        pull(registries, registry, f"a@{name}")


def test_invalid_image_configs(registries: Registries, registry: FakeRegistry) -> None:
    image_id = publish(registry, "one")
    manifest = {"schemaVersion": 2, "config": {"digest": image_id}, "layers": []}
    registry.add_manifest("a", "few", manifest)
    with pytest.raises(ApiError, match="another number of layers than the image has"):
        pull(registries, registry, "a:few")
    registry.blobs[image_id] = b"{}"
    with pytest.raises(ApiError, match=f"image config verification failed for digest {image_id}"):
        pull(registries, registry, "a:1")
