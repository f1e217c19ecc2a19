"""Removal of images, with dockerd's error messages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from unit.embedded.fakes import container, start
from unit.embedded.images.support import Store

from docker_magics.embedded.errors import BadParameter, Conflict, NotFound
from docker_magics.embedded.images.image import Image
from docker_magics.embedded.images.removal import ImageRemoval, Records
from docker_magics.wire import digest
from docker_magics.wire.reference import parse

DIGEST = "sha256:" + "d" * 64


class Remover:
    """A store with the removal of its images."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self._folder = folder
        self.removal = ImageRemoval(store.images, store.containers, store.events)

    def remove(self, text: str, *, force: bool = False, prune: bool = True) -> Records:
        return self.removal.remove(text, force=force, prune=prune)

    def use(self, image: Image, *, running: bool = False) -> str:
        """Let a container use an image; return its short ID."""
        user = container(self._folder, Image=image.id)
        if running:
            start(user)
        self.store.containers.containers.append(user)
        return user.id[:12]

    @property
    def names(self) -> list[str]:
        """Return the names of all images."""
        images = self.store.images
        return [name.familiar for image in images.all() for name in images.references.of(image.id)]


@pytest.fixture
def remover(store: Store, tmp_path: Path) -> Remover:
    """An empty store to remove images of."""
    return Remover(store, tmp_path)


def conflict(remover: Remover, text: str, *, force: bool = False) -> str:
    """Check that an image cannot be removed and nothing changes; return the message."""
    before = (remover.names, len(remover.store.images.all()))
    with pytest.raises(Conflict) as caught:
        remover.remove(text, force=force)
    assert (remover.names, len(remover.store.images.all())) == before
    return str(caught.value)


def test_removing_the_last_name_removes_the_image(remover: Remover, store: Store) -> None:
    image = store.image("web:1", "web:2")
    assert remover.remove("web:1") == [{"Untagged": "web:1"}]
    assert remover.remove("web:2") == [
        {"Untagged": "web:2"},
        {"Deleted": image.id},
        {"Deleted": image.chain_ids[0]},
    ]
    assert store.images.all() == []
    assert store.events.actions("image") == ["untag", "untag", "delete"]
    with pytest.raises(NotFound, match="No such image: web:2"):
        remover.remove("web:2")


def test_removing_by_id_removes_a_single_name(remover: Remover, store: Store) -> None:
    image = store.image("web")
    records = remover.remove(digest.hex_of(image.id)[:12])
    assert records[:2] == [{"Untagged": "web:latest"}, {"Deleted": image.id}]


def test_removing_the_last_tag_of_a_repository_removes_its_digests(
    remover: Remover, store: Store
) -> None:
    image = store.image("web", "zoo")
    store.images.references.set(parse(f"web@{DIGEST}"), image.id)
    assert remover.remove("web") == [{"Untagged": "web:latest"}, {"Untagged": f"web@{DIGEST}"}]
    store.images.references.set(parse(f"zoo@{DIGEST}"), image.id)
    assert remover.remove(f"zoo@{DIGEST}") == [{"Untagged": f"zoo@{DIGEST}"}]
    assert remover.names == ["zoo:latest"]


def test_unnamed_parents_are_removed_too_unless_noprune(remover: Remover, store: Store) -> None:
    base = store.image("base")
    middle = store.image(parent=base.id, author="middle")
    top = store.image("top", parent=middle.id)
    deleted = [record.get("Deleted") for record in remover.remove("top")]
    assert [name for name in deleted if name in {base.id, middle.id, top.id}] == [top.id, middle.id]
    again = store.image(parent=base.id, author="again")
    store.image("top", parent=again.id)
    remover.remove("top", prune=False)
    assert store.images.has(again.id)
    assert store.images.has(base.id)


def test_a_running_container_keeps_its_image(remover: Remover, store: Store) -> None:
    image = store.image("web")
    user = remover.use(image, running=True)
    running = f"image is being used by running container {user}"
    hard = f"conflict: unable to delete {image.short_id} (cannot be forced) - {running}"
    assert conflict(remover, image.id) == hard
    assert conflict(remover, image.id, force=True) == hard
    assert conflict(remover, "web") == (
        'conflict: unable to remove repository reference "web" (must force) - container'
        f" {user} is using its referenced image {image.short_id}"
    )


def test_force_removes_the_image_of_a_stopped_container(remover: Remover, store: Store) -> None:
    image = store.image("web")
    user = remover.use(image)
    assert conflict(remover, image.id) == (
        f"conflict: unable to delete {image.short_id} (must be forced) - image is being used by"
        f" stopped container {user}"
    )
    records = remover.remove(image.id, force=True)
    assert records == [{"Untagged": "web:latest"}, {"Deleted": image.id}]
    assert store.images.layers.diff_ids() == image.diff_ids  # the container needs it


def test_forcing_a_used_name_leaves_a_running_containers_image(
    remover: Remover, store: Store
) -> None:
    image = store.image("web")
    remover.use(image, running=True)
    assert remover.remove("web", force=True) == [{"Untagged": "web:latest"}]
    assert store.images.has(image.id)


def test_one_of_several_names_of_a_used_image_can_be_removed(
    remover: Remover, store: Store
) -> None:
    image = store.image("web:1", "zoo:1")
    remover.use(image, running=True)
    assert remover.remove("web:1") == [{"Untagged": "web:1"}]


def test_an_image_with_names_in_several_repositories_is_forced_by_id(
    remover: Remover, store: Store
) -> None:
    image = store.image("web", "zoo")
    assert conflict(remover, image.id) == (
        f"conflict: unable to delete {image.short_id} (must be forced) - image is referenced in"
        " multiple repositories"
    )
    assert remover.remove(image.id, force=True)[:2] == [
        {"Untagged": "web:latest"},
        {"Untagged": "zoo:latest"},
    ]


def test_an_image_with_children_cannot_be_forced(remover: Remover, store: Store) -> None:
    base = store.image("base")
    store.image("top", parent=base.id)
    message = (
        f"conflict: unable to delete {base.short_id} (cannot be forced) - image has dependent"
        " child images"
    )
    assert conflict(remover, base.id) == message
    assert conflict(remover, base.id, force=True) == message
    assert remover.remove("base") == [{"Untagged": "base:latest"}]
    assert store.images.has(base.id)
    assert conflict(remover, base.id) == message


def pruned(remover: Remover, **filters: str) -> list[str]:
    """Prune; return the labels of the removed images."""
    before = {image.id: image.labels["n"] for image in remover.store.images.all()}
    answer = remover.removal.prune(
        {key.replace("_", "!"): [value] for key, value in filters.items()}
    )
    left = {image.id for image in remover.store.images.all()}
    deleted = {record.get("Deleted") for record in answer["ImagesDeleted"] or []}
    gone = before.keys() - left
    assert gone <= deleted
    return sorted(before[image_id] for image_id in gone)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["lone"]),
        ({"dangling": "true"}, ["lone"]),
        ({"dangling": "false"}, ["lone", "named", "twice"]),
        ({"dangling": "false", "label": "n=named"}, ["named"]),
        ({"dangling": "false", "label_": "n=named"}, ["lone", "twice"]),
        ({"dangling": "false", "until": "2026-01-02"}, ["named"]),
        ({"label": "absent"}, []),
    ],
)
def test_prune(
    remover: Remover, store: Store, filters: dict[str, str], expected: list[str]
) -> None:
    def image(name: str, *tags: str, day: int = 3, parent: str = "") -> Image:
        config = {"Labels": {"n": name}}
        return store.image(*tags, parent=parent, config=config, created=f"2026-01-0{day}T00:00:00Z")

    image("lone")
    image("named", "named", day=1)
    image("twice", "x", "y")
    remover.use(image("used", "used"))
    base = image("base", "base")
    remover.use(image("child", parent=base.id))
    assert pruned(remover, **filters) == expected
    assert store.events.events[-1] == ("image", "prune", "", {"reclaimed": "0"})


def test_prune_reports_freed_bytes_and_omits_empty_lists(remover: Remover, store: Store) -> None:
    store.image(diff_ids=[store.layer(a="12345")])
    answer = remover.removal.prune({})
    assert answer["SpaceReclaimed"] == 5
    assert remover.removal.prune({}) == {"ImagesDeleted": None, "SpaceReclaimed": 0}


@pytest.mark.parametrize(
    "filters", [{"nonsense": ["1"]}, {"dangling": ["x"]}, {"until": ["x"]}, {"until": ["1", "2"]}]
)
def test_prune_refuses_filters(
    remover: Remover, store: Store, filters: dict[str, list[str]]
) -> None:
    store.image()
    with pytest.raises(BadParameter, match=re.compile("filter|parse")):
        remover.removal.prune(filters)
    assert len(store.images.all()) == 1
