"""The build cache."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from unit.embedded.images.support import Store

from docker_magics.embedded.builder.cache import Cache
from docker_magics.embedded.images.image import Image


@pytest.fixture
def store(tmp_path: Any) -> Store:
    return Store(tmp_path)


def image(name: str, parent: str, step: str, created: str = "1", **config: Any) -> Image:
    fields: Any = {
        "created": created,
        "config": config,
        "history": [{"created_by": step}],
        "rootfs": {"type": "layers", "diff_ids": []},
    }
    return Image(name, fields, (), parent, "")


def cache_of(*images: Image, enabled: bool = True) -> Cache:
    store: Any = SimpleNamespace(all=lambda: list(images))
    return Cache(store, None, enabled=enabled)


BASE = image("sha256:base", "", "base")
IMAGES = (
    BASE,
    image("sha256:old", BASE.id, "RUN x", "1", Env=["A=1"]),
    image("sha256:new", BASE.id, "RUN x", "2", Env=["A=1"], Hostname="h", Image="i"),
    image("sha256:other", BASE.id, "RUN x", "3", Env=["A=2"]),
    image("sha256:child", "sha256:new", "RUN x", "4", Env=["A=1"]),
)


def test_the_newest_image_of_parent_step_and_config() -> None:
    """Host name, image and empty fields do not count."""
    config: Any = {"Env": ["A=1"], "Labels": None, "Image": "j"}
    hit = cache_of(*IMAGES).find(BASE, "RUN x", config)
    assert hit is not None
    assert hit.id == "sha256:new"


@pytest.mark.parametrize(
    ("parent", "step", "env"),
    [(BASE, "RUN y", "A=1"), (BASE, "RUN x", "A=3"), (None, "RUN x", "A=1")],
)
def test_a_miss(parent: Image | None, step: str, env: str) -> None:
    assert cache_of(*IMAGES).find(parent, step, {"Env": [env]}) is None


def test_a_disabled_cache_is_empty() -> None:
    cache = cache_of(*IMAGES, enabled=False)
    assert cache.find(BASE, "RUN x", {"Env": ["A=1"]}) is None


def test_images_without_a_history() -> None:
    bare = Image("sha256:a", {"rootfs": {"type": "layers", "diff_ids": []}}, (), "", "")
    assert cache_of(bare).find(None, "RUN x", {}) is None


def test_the_history_of_a_source(store: Store) -> None:
    """An image of `--cache-from` has no parents; its first steps become images."""
    layers = [store.layer(a="1"), store.layer(b="2")]
    steps = ["ADD", "CMD", "RUN y"]
    source = store.image(
        "pulled", diff_ids=layers,
        history=[{"created_by": "ADD"}, {"created_by": "CMD", "empty_layer": True},
                 {"created_by": "RUN y"}],
    )  # fmt: skip
    cache = Cache(store.images, [source])
    hits: list[Image | None] = [None]
    for step in steps:
        hits.append(cache.find(hits[-1], step, {}))
    assert [hit and hit.diff_ids for hit in hits] == [None, layers[:1], layers[:1], layers]
    assert hits[-1] == source
    assert hits[1] is not None
    assert hits[2] is not None
    assert store.images.get(hits[2].id).parent == hits[1].id


def test_a_source_of_another_history_or_of_other_layers(store: Store) -> None:
    ours, theirs = store.layer(a="1"), store.layer(b="2")
    history = [{"created_by": "ADD"}, {"created_by": "RUN"}]
    source = store.image("pulled", diff_ids=[theirs, theirs], history=history)
    base = store.image("base", diff_ids=[ours], history=history[:1])
    cache = Cache(store.images, [source])
    assert cache.find(base, "RUN", {}) is None
    assert cache.find(None, "RUN", {}) is None
    assert cache.find(source, "RUN", {}) is None
    assert Cache(store.images, []).find(None, "ADD", {}) is None
