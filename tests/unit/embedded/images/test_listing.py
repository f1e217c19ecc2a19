"""Images in the API: list, inspect, history."""

from __future__ import annotations

import pytest
from unit.embedded.images.support import Store

from docker_magics.embedded.errors import BadParameter, NotFound
from docker_magics.embedded.images import details, listing
from docker_magics.embedded.images.image import Image
from docker_magics.wire.reference import parse

DIGEST = "sha256:" + "d" * 64


def stamp(second: int) -> str:
    return f"2026-01-01T00:00:{second:02}Z"


@pytest.fixture
def images(store: Store) -> dict[str, Image]:
    """A base, its intermediate child, that one's named child, and one without a name."""
    base = store.image("base:1", "me/base", created=stamp(1), config={"Labels": {"k": "v"}})
    middle = store.image(parent=base.id, created=stamp(2))
    top = store.image("top", parent=middle.id, created=stamp(3))
    lone = store.image(created=stamp(4), config={"Labels": {"k": "w"}})
    return {"base": base, "middle": middle, "top": top, "lone": lone}


def list_names(
    store: Store, images: dict[str, Image], *, every: bool = False, **filters: str
) -> list[str]:
    names = {image.id: name for name, image in images.items()}
    given = {key: value.split(",") for key, value in filters.items()}
    passing = listing.find(store.images, given, intermediate=every)
    return [names[image.id] for image in passing]


def test_the_newest_come_first_and_intermediate_ones_with_all(
    store: Store, images: dict[str, Image]
) -> None:
    assert list_names(store, images) == ["lone", "top", "base"]
    assert list_names(store, images, every=True) == ["lone", "top", "middle", "base"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"dangling": "true"}, ["lone"]),
        ({"dangling": "false"}, ["top", "base"]),
        ({"label": "k"}, ["lone", "base"]),
        ({"label": "k=v"}, ["base"]),
        ({"label": "k,absent"}, []),
        ({"before": "top"}, ["base"]),
        ({"since": "base:1"}, ["lone", "top"]),
        ({"until": stamp(3)}, ["base"]),
        ({"reference": "ba*"}, ["base"]),
        ({"reference": "me/*"}, ["base"]),
        ({"reference": "base:2"}, []),
        ({"reference": "top,base:1"}, ["top", "base"]),
        ({"reference": "b*", "label": "absent"}, []),
    ],
)
def test_filters(
    store: Store, images: dict[str, Image], filters: dict[str, str], expected: list[str]
) -> None:
    assert list_names(store, images, **filters) == expected


def test_invalid_filters(store: Store, images: dict[str, Image]) -> None:
    with pytest.raises(BadParameter, match="invalid filter 'nonsense'"):
        list_names(store, images, nonsense="1")
    with pytest.raises(BadParameter, match="invalid filter 'dangling="):
        list_names(store, images, dangling="maybe")
    with pytest.raises(NotFound, match="No such image: none:latest"):
        list_names(store, images, before="none")


def test_a_summary(store: Store, images: dict[str, Image]) -> None:
    base = images["base"]
    store.images.references.set(parse(f"base@{DIGEST}"), base.id)
    size = store.images.size(base)
    assert listing.summary(store.images, base, old=False) == {
        "Containers": -1,
        "Created": 1767225601,
        "Id": base.id,
        "Labels": {"k": "v"},
        "ParentId": "",
        "RepoDigests": [f"base@{DIGEST}"],
        "RepoTags": ["base:1", "me/base:latest"],
        "SharedSize": -1,
        "Size": size,
        "VirtualSize": size,
    }
    chosen = listing.summary(store.images, base, old=False, wanted=["me/*"])
    assert (chosen["RepoTags"], chosen["RepoDigests"]) == (["me/base:latest"], [])


def test_a_summary_for_old_clients(store: Store, images: dict[str, Image]) -> None:
    lone = listing.summary(store.images, images["lone"], old=True)
    assert (lone["RepoTags"], lone["RepoDigests"]) == (["<none>:<none>"], ["<none>@<none>"])
    top = listing.summary(store.images, images["top"], old=True)
    assert (top["RepoTags"], top["RepoDigests"]) == (["top:latest"], None)


def test_the_shared_size_is_that_of_layers_in_other_images(store: Store) -> None:
    shared, own = store.layer(a="12345"), store.layer(b="123")
    image = store.image("a", diff_ids=[shared, own])
    assert listing.shared_size(store.images, image) == 0
    store.image("b", diff_ids=[shared])
    assert listing.shared_size(store.images, image) == 5


def test_inspect(store: Store) -> None:
    first, second = store.layer(a="1"), store.layer(b="22")
    image = store.image(
        "a:1",
        diff_ids=[first, second],
        created=stamp(1),
        variant="v2",
        config={"Cmd": ["sh"], "Env": None, "Labels": None},
        history=[{}, {"comment": "last"}],
    )
    answer = details.inspect_image(store.images, image, old=True)
    assert (answer["RepoTags"], answer["Comment"], answer["Variant"]) == (["a:1"], "last", "v2")
    assert answer["Config"]["Cmd"] == ["sh"]
    assert list(answer["Config"])[:3] == ["AttachStderr", "AttachStdin", "AttachStdout"]
    current = details.inspect_image(store.images, image, old=False)["Config"]
    assert list(current) == [
        "Cmd", "Entrypoint", "Env", "Labels", "OnBuild", "User", "Volumes", "WorkingDir",
    ]  # fmt: skip
    assert answer["ContainerConfig"]["Labels"] is None
    assert answer["RootFS"] == {"Type": "layers", "Layers": [first, second]}
    assert answer["GraphDriver"]["Data"] == {
        "UpperDir": str(image.layers[1]),
        "LowerDir": str(image.layers[0]),
    }
    assert answer["Size"] == 3
    assert answer["Metadata"]["LastTagTime"] == image.tagged_at


def test_inspect_of_an_empty_image(store: Store) -> None:
    answer = details.inspect_image(store.images, store.image(diff_ids=[]), old=False)
    assert answer["RootFS"] == {"Type": "layers"}
    assert answer["GraphDriver"]["Data"] == {}
    assert answer["Created"] == answer["Metadata"]["LastTagTime"] == "0001-01-01T00:00:00Z"
    assert "Variant" not in answer


def test_history_has_the_parents_ids_and_the_layers_sizes(store: Store) -> None:
    big = store.layer(a="12345")
    base = store.image("base", diff_ids=[big], history=[{"created_by": "ADD", "created": stamp(1)}])
    steps = [*(base.config["history"] or []), {"created_by": "CMD", "empty_layer": True}]
    pulled = [{"created_by": "pulled", "empty_layer": True}]
    top = store.image("top", parent=base.id, diff_ids=[big], history=[*pulled, *steps])
    newest, middle, oldest = details.image_history(store.images, top)
    assert newest == {
        "Comment": "",
        "Created": -62135596800,
        "CreatedBy": "CMD",
        "Id": top.id,
        "Size": 0,
        "Tags": ["top:latest"],
    }
    assert (middle["Id"], middle["Size"], middle["Tags"]) == (base.id, 5, ["base:latest"])
    assert middle["Created"] == 1767225601
    assert (oldest["Id"], oldest["CreatedBy"], oldest["Tags"]) == ("<missing>", "pulled", None)
