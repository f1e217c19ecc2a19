"""Images created from a folder of changes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from unit.embedded.fakes import container
from unit.embedded.images.support import Store

from docker_magics.embedded.images import commit
from docker_magics.embedded.images.commit import Step, plan_config
from docker_magics.embedded.images.platforms import Platform
from docker_magics.embedded.storage import whiteouts
from docker_magics.version import __version__

CREATED = "2026-01-01T00:00:00Z"


def test_the_plan_of_an_image_without_a_parent() -> None:
    step = Step("RUN x", comment="c", author="me", platform=Platform("linux", "arm64"))
    assert plan_config(None, "sha256:1", {"Cmd": ["sh"]}, step, created=CREATED) == {
        "architecture": "arm64",
        "os": "linux",
        "created": CREATED,
        "author": "me",
        "config": {"Cmd": ["sh"]},
        "docker_version": __version__,
        "comment": "c",
        "history": [{"created": CREATED, "author": "me", "created_by": "RUN x", "comment": "c"}],
        "rootfs": {"type": "layers", "diff_ids": ["sha256:1"]},
    }


def test_the_plan_adds_to_a_copy_of_the_parent(store: Store, tmp_path: Path) -> None:
    parent = store.image(
        author="first", architecture="s390x", variant="v9", config={"Cmd": ["old"]},
        history=[{"created_by": "ADD"}],
    )  # fmt: skip
    before = repr(parent.config)
    user = container(tmp_path, config={"Cmd": ["true"]})
    step = Step("CMD", container=user, platform=Platform("linux", "amd64"))
    plan = plan_config(parent, None, {"Cmd": ["new"]}, step, created=CREATED)
    assert (plan["author"], plan["architecture"], plan["variant"]) == ("first", "s390x", "v9")
    assert plan["config"] == {"Cmd": ["new"]}
    assert plan["rootfs"]["diff_ids"] == parent.diff_ids
    assert plan["history"] == [
        {"created_by": "ADD"},
        {"created": CREATED, "created_by": "CMD", "empty_layer": True},
    ]
    assert plan["container"] == user.id
    assert plan["container_config"] == user.config
    assert repr(parent.config) == before


def test_changes_become_a_layer_on_top(store: Store, tmp_path: Path) -> None:
    parent = store.image("base")
    changes = tmp_path / "upper"
    (changes / "d").mkdir(parents=True)
    (changes / "d/new").write_text("text")
    fd = os.open(changes, os.O_RDONLY)
    whiteouts.make_whiteout("name", fd)
    os.close(fd)
    image = commit.commit(store.images, parent, changes, {}, Step("RUN x"))
    assert image.parent == parent.id
    assert image.diff_ids[:-1] == parent.diff_ids
    top = image.layers[-1]
    assert (top / "d/new").read_text() == "text"
    assert whiteouts.is_whiteout(str(top / "name"), os.lstat(top / "name"))
    assert store.images.size(image) == store.images.size(parent) + 4


def test_an_equal_layer_survives_a_concurrent_removal_of_its_image(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = tmp_path / "upper"
    changes.mkdir()
    (changes / "f").write_text("text")
    parent = store.image("parent")
    first = commit.commit(store.images, parent, changes, {}, Step("first"))

    def plan(*args: Any, **more: Any) -> Any:
        for image in (first, parent):
            store.images.drop(image)
        return plan_config(*args, **more)

    monkeypatch.setattr(commit, "plan_config", plan)
    second = commit.commit(store.images, parent, changes, {}, Step("second"))
    assert [image.id for image in store.images.all()] == [second.id]
    assert sorted(store.images.layers.diff_ids()) == sorted(first.diff_ids)


def test_without_changes_no_layer_is_added(store: Store, tmp_path: Path) -> None:
    parent = store.image("base")
    changes = tmp_path / "upper"
    changes.mkdir()
    image = commit.commit(store.images, parent, changes, {"Env": ["A=1"]}, Step("ENV A=1"))
    assert image.diff_ids == parent.diff_ids
    assert image.run_config == {"Env": ["A=1"]}
    assert image.id != parent.id
    assert store.images.layers.diff_ids() == parent.diff_ids
    first = commit.commit(store.images, None, changes, {}, Step("CMD"))
    assert (first.diff_ids, first.parent) == ([], "")
