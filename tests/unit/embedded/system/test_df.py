"""docker system df."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from unit.embedded import fakes
from unit.embedded.images.support import Store

from docker_magics.embedded.containers.listing import ContainerListing
from docker_magics.embedded.containers.sizes import ContainerSizes
from docker_magics.embedded.system.df import DiskUsage
from docker_magics.embedded.volumes.service import Volumes

ALL = {"container", "image", "volume", "build-cache"}


@pytest.fixture
def usage(tmp_path: Path) -> DiskUsage:
    """An image, and a container that wrote 5 bytes and uses a volume of 3 bytes."""
    store = Store(tmp_path)
    image = store.image("base:1")
    web = fakes.container(tmp_path, Image=image.id, config={"Image": "base:1"})
    web.record["Mounts"] = [{  # type: ignore[typeddict-item]
        "Type": "volume", "Name": "data", "Source": "/v", "Destination": "/d", "RW": True,
    }]  # fmt: skip
    containers = fakes.FakeContainers(web)
    changes = tmp_path / "changes"
    changes.mkdir()
    (changes / "f").write_text("12345")
    storage: Any = SimpleNamespace(changes=lambda _layer: changes)
    folder = tmp_path / "volumes"
    folder.mkdir()
    volumes = Volumes(folder, fakes.FakeEvents(), containers)
    (volumes.create("data").path / "f").write_text("123")
    volumes.create("unused")
    listing = ContainerListing(containers, store.images, ContainerSizes(store.images, storage))
    return DiskUsage(containers, listing, store.images, volumes)


def test_everything_is_counted(usage: DiskUsage) -> None:
    answer = usage.as_json(ALL, old=False)
    [image] = answer["Images"]
    assert (image["RepoTags"], image["Containers"]) == (["base:1"], 1)
    assert answer["LayersSize"] == image["Size"] > 0
    [container] = answer["Containers"]
    assert container["SizeRw"] == 5
    assert container["SizeRootFs"] == 5 + image["Size"]
    assert {volume["Name"]: volume["UsageData"] for volume in answer["Volumes"]} == {
        "data": {"RefCount": 1, "Size": 3},
        "unused": {"RefCount": 0, "Size": 0},
    }
    assert (answer["BuildCache"], answer["BuilderSize"]) == ([], 0)


@pytest.mark.parametrize(
    ("type_", "key"),
    [
        ("image", "Images"),
        ("container", "Containers"),
        ("volume", "Volumes"),
        ("build-cache", "BuildCache"),
    ],
)
def test_a_single_type(usage: DiskUsage, type_: str, key: str) -> None:
    answer = usage.as_json({type_}, old=False)
    lists = ("Images", "Containers", "Volumes", "BuildCache")
    assert [name for name in lists if answer[name] is not None] == [key]
    assert (answer["LayersSize"] > 0) == (type_ == "image")
