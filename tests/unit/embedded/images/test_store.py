"""The image store: look-up, tags, removal of unused images, and restarts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from unit.embedded.fakes import container
from unit.embedded.images.support import Store, config

from docker_magics.embedded.errors import ApiError, BadParameter, NotFound
from docker_magics.embedded.images.details import inspect_image
from docker_magics.embedded.images.listing import find, summary
from docker_magics.embedded.images.platforms import Platform
from docker_magics.embedded.images.removal import ImageRemoval
from docker_magics.wire import digest
from docker_magics.wire.reference import parse


def layers(store: Store) -> list[str]:
    return sorted(store.images.layers.diff_ids())


def blobs(store: Store) -> list[str]:
    return sorted(path.name for path in (store.folder / "images/blobs/sha256").iterdir())


def use(store: Store, image_id: str, path: Path) -> None:
    """Let a container use an image."""
    store.containers.containers.append(container(path, Image=image_id))


def test_an_image_is_found_by_name_id_and_prefix(store: Store) -> None:
    image = store.image("busybox", "me/tool:1")
    digits = digest.hex_of(image.id)
    for text in ("busybox", "busybox:latest", "docker.io/library/busybox", "me/tool:1"):
        assert store.images.resolve(text).id == image.id
    for text in (image.id, digits, digits[:12], f"sha256:{digits[:12]}"):
        assert store.images.resolve(text).id == image.id
    assert image.short_id == digits[:12]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("busybox:2", "No such image: busybox:2"),
        ("nothing", "No such image: nothing:latest"),
        ("0" * 64, f"No such image: {'0' * 64}"),
        (f"sha256:{'0' * 64}", f"No such image: sha256:{'0' * 64}"),
        ("sha256:00", "No such image: sha256:00"),
    ],
)
def test_unknown_images_are_not_found(store: Store, text: str, message: str) -> None:
    store.image("busybox:1")
    with pytest.raises(NotFound) as caught:
        store.images.resolve(text)
    assert str(caught.value) == message


@pytest.mark.parametrize("text", ["", "UPPER", "a b", "../etc", "a:b:c"])
def test_invalid_names_are_errors(store: Store, text: str) -> None:
    with pytest.raises(BadParameter):
        store.images.resolve(text)


def test_an_ambiguous_prefix_means_no_image(store: Store) -> None:
    images = [store.image(f"i:{number}") for number in range(17)]
    by_digit: dict[str, list[str]] = {}
    for image in images:
        by_digit.setdefault(digest.hex_of(image.id)[0], []).append(image.id)
    digit = next(digit for digit, ids in by_digit.items() if len(ids) > 1)
    with pytest.raises(NotFound):
        store.images.resolve(f"sha256:{digit}")


def test_a_name_wins_over_an_equal_prefix_of_an_id(store: Store) -> None:
    first = store.image("one")
    prefix = digest.hex_of(first.id)[:6]
    second = store.image(prefix)
    assert store.images.resolve(prefix).id == second.id


def test_an_image_for_another_platform_is_not_found(store: Store) -> None:
    image = store.image("busybox")
    assert store.images.resolve("busybox", Platform("linux", "amd64")).id == image.id
    with pytest.raises(NotFound, match=r"does not match the specified platform \(linux/s390x\)"):
        store.images.resolve("busybox", Platform("linux", "s390x"))


def test_adding_an_image_again_changes_nothing_but_a_missing_parent(store: Store) -> None:
    parent = store.image("parent")
    image = store.image("child", author="me")
    again = store.images.add(store.images.blobs.read(image.id), parent.id)
    assert (again.id, again.parent, again.tagged_at) == (image.id, parent.id, image.tagged_at)
    assert store.images.add(image.config, image.id).parent == parent.id
    assert [child.id for child in store.images.children(parent)] == [image.id]


def test_an_image_whose_layer_is_missing_cannot_be_added(store: Store) -> None:
    with pytest.raises(ApiError, match="is missing from the store"):
        store.images.add(config([digest.of(b"no such layer")]))
    assert store.images.all() == []


def test_a_tag_moves_and_is_published(store: Store) -> None:
    first, second = store.image("a"), store.image("b")
    assert first.tagged_at
    store.images.tag(second, parse("a"))
    assert store.images.resolve("a").id == second.id
    assert store.images.references.of(first.id) == []
    assert store.events.events == [("image", "tag", second.id, {"name": "a"})]


def test_events_carry_labels_and_the_name(store: Store) -> None:
    image = store.image("a:1", config={"Labels": {"k": "v"}})
    store.images.publish("load", image)
    store.images.publish_transfer("pull", image, parse("a:1"))
    assert store.events.events == [
        ("image", "load", image.id, {"k": "v", "name": image.id}),
        ("image", "pull", "a:1", {"k": "v", "name": "a"}),
    ]


def test_everything_survives_a_restart(store: Store) -> None:
    parent = store.image("parent")
    image = store.image("child", parent=parent.id)
    reopened = store.reopen()
    assert {known.id for known in reopened.all()} == {parent.id, image.id}
    assert reopened.resolve("child") == image


def test_dropping_an_image_removes_only_its_own_layers(store: Store) -> None:
    shared, own = store.layer(a="1"), store.layer(b="2")
    keeps = store.image("keeps", diff_ids=[shared])
    goes = store.image("goes", diff_ids=[shared, own])
    assert store.images.drop(goes) == [goes.chain_ids[1]]
    assert layers(store) == [shared]
    assert blobs(store) == [digest.hex_of(keeps.id)]
    assert not store.images.has(goes.id)
    with pytest.raises(NotFound):
        store.images.get(goes.id)


def test_a_used_image_is_hidden_until_its_last_container_is_removed(store: Store) -> None:
    image = store.image("used")
    use(store, image.id, store.folder)
    assert store.images.drop(image) == []
    assert store.images.all() == []
    assert not store.images.has(image.id)
    assert store.images.get(image.id) == image
    reopened = store.reopen()
    assert reopened.all() == []
    reopened.drop_hidden()
    assert layers(store) == image.diff_ids
    store.containers.containers.clear()
    reopened.drop_hidden()
    assert layers(store) == []
    assert blobs(store) == []
    assert store.reopen().all() == []


def test_a_hidden_image_reappears_when_it_is_added_again(store: Store) -> None:
    image = store.image("used")
    use(store, image.id, store.folder)
    store.images.drop(image)
    store.images.add(image.config)
    assert store.images.has(image.id)
    assert store.reopen().has(image.id)


def test_held_layers_are_kept_while_an_image_is_created(store: Store) -> None:
    image = store.image("old")
    with store.images.held(image.diff_ids), store.images.held(image.diff_ids):
        store.images.drop(image)
        assert layers(store) == image.diff_ids
    assert layers(store) == []
    diff_id = store.layer(a="1")
    with store.images.held([diff_id]):
        store.images.add(config([diff_id]))
    assert layers(store) == [diff_id]


def test_unfinished_work_of_a_killed_engine_is_swept(store: Store) -> None:
    image = store.image("kept")
    orphan = store.layer(orphan="1")
    unused = store.images.blobs.add(b"unused")
    folder = store.folder / "images"
    (folder / "layers/draft-x/fs").mkdir(parents=True)
    (folder / "layers/gone-x").mkdir()
    (folder / "blobs/drafts/left").touch()
    (folder / "about" / f"{'0' * 64}.json").write_text("{}")
    images = store.reopen()
    assert images.all() == [image]
    assert not images.layers.has(orphan)
    assert not images.blobs.has(unused)
    left = [
        path.name
        for name in ("layers", "blobs/drafts", "about")
        for path in (folder / name).iterdir()
    ]
    assert sorted(left) == sorted(
        [digest.hex_of(image.diff_ids[0]), f"{digest.hex_of(image.id)}.json"]
    )


def test_records_are_json_files(store: Store) -> None:
    image = store.image("a")
    path = store.folder / "images/about" / f"{digest.hex_of(image.id)}.json"
    assert json.loads(path.read_text()) == {
        "parent": "",
        "tagged_at": image.tagged_at,
        "hidden": False,
    }
    assert (store.folder / "images/about").stat().st_mode & 0o777 == 0o700


def test_sizes_count_a_layer_once_for_each_chain(store: Store) -> None:
    five, three = store.layer(a="55555"), store.layer(b="333")
    twice = store.image("twice", diff_ids=[five, three, five])
    store.image("once", diff_ids=[five])
    assert store.images.size(twice) == 13
    assert store.images.layers_size() == 13
    store.image("other", diff_ids=[three])
    assert store.images.layers_size() == 16


BAD_FIELDS = [
    {"config": ["x"]},
    {"config": {"Labels": ["x"]}},
    {"created": "yesterday"},
    {"history": "abc"},
]


@pytest.mark.parametrize("fields", BAD_FIELDS)
def test_an_invalid_configuration_leaves_nothing(store: Store, fields: dict[str, Any]) -> None:
    image = store.image("good")
    before = blobs(store)
    with pytest.raises(BadParameter):
        store.images.add(json.dumps({**image.config, **fields}).encode())
    assert blobs(store) == before


@pytest.mark.parametrize("fields", BAD_FIELDS)
def test_an_older_engines_image_with_an_invalid_configuration_is_listed_and_removed(
    store: Store, fields: dict[str, Any]
) -> None:
    good = store.image("good")
    data = json.dumps(dict(config([store.layer(f="bad")]), **fields)).encode()
    bad_id = store.images.blobs.add(data)
    record = {"parent": "", "tagged_at": "", "hidden": False}
    about = store.folder / f"images/about/{digest.hex_of(bad_id)}.json"
    about.write_text(json.dumps(record))
    store.images.references.set(parse("bad:latest"), bad_id)
    images = store.reopen()
    listed = find(images, {}, intermediate=False)
    assert {summary(images, image, old=False)["Id"] for image in listed} == {good.id, bad_id}
    assert inspect_image(images, images.resolve("bad"), old=False)["Id"] == bad_id
    removal = ImageRemoval(images, store.containers, store.events)
    assert {"Deleted": bad_id} in removal.remove("bad", force=False, prune=True)
    assert [image.id for image in store.reopen().all()] == [good.id]
    assert len(layers(store)) == 1
