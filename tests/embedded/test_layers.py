"""Images with repeated layers and with very many layers."""

from __future__ import annotations

import io
from collections.abc import Iterator

import docker
import pytest
from embedded.shared import client, layer, load_busybox, running, with_layers

EMPTY = layer()


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[docker.DockerClient]:
    """A client of a private engine that has busybox."""
    folder = tmp_path_factory.mktemp("layers")
    with running(folder), client(folder) as api:
        load_busybox(folder)
        yield api


@pytest.fixture
def busybox(api: docker.DockerClient) -> bytes:
    """The image as `docker save` writes it."""
    return b"".join(api.images.get("busybox").save(named=True))


def test_an_image_that_has_a_layer_twice_runs(api: docker.DockerClient, busybox: bytes) -> None:
    first, second = layer(which="first"), layer(which="second")
    (image,) = api.images.load(
        with_layers(busybox, "twice", EMPTY, first, EMPTY, second, first, EMPTY)
    )
    output = api.containers.run("twice", ["cat", "/which"], remove=True)
    assert output == b"first", "the topmost of equal layers counts"
    base = len(api.images.get("busybox").attrs["RootFS"]["Layers"])
    assert len(image.attrs["RootFS"]["Layers"]) == base + 6


def test_commands_on_an_image_with_repeated_layers(
    api: docker.DockerClient, busybox: bytes
) -> None:
    """diff, commit, history, sizes, save and load."""
    data = layer(which="x" * 5000)
    (image,) = api.images.load(with_layers(busybox, "sized", data, EMPTY, data))
    container = api.containers.create("sized", ["sh", "-c", "echo more > /more"])
    container.start()
    container.wait()
    assert {change["Path"] for change in container.diff()} == {"/more"}
    committed = container.commit("committed")
    assert api.containers.run("committed", ["cat", "/more"], remove=True) == b"more\n"
    assert [entry["Size"] for entry in image.history()[:3]] == [5000, 0, 5000]
    usage = api.df()
    in_use = sum(image["Size"] - image["SharedSize"] for image in usage["Images"])
    assert usage["LayersSize"] >= in_use
    saved = b"".join(committed.save(named=True))
    container.remove()
    for name in ("committed", "sized"):
        api.images.remove(name)
    api.images.load(saved)
    assert api.containers.run("committed", ["cat", "/which"], remove=True) == b"x" * 5000


def test_steps_after_an_unchanged_layer_build(api: docker.DockerClient) -> None:
    steps = ["FROM busybox", *["RUN chmod 755 /bin"] * 3, "RUN echo built > /built"]
    for cached in (True, True, False):
        dockerfile = io.BytesIO("\n".join(steps).encode())
        image, _ = api.images.build(fileobj=dockerfile, rm=True, nocache=not cached)
        assert api.containers.run(image, ["cat", "/built"], remove=True) == b"built\n"


def test_hundreds_of_layers_can_be_mounted(api: docker.DockerClient, busybox: bytes) -> None:
    layers = [layer(**{f"file-{number}": str(number)}) for number in range(400)]
    api.images.load(with_layers(busybox, "tall", *layers))
    script = "cat /file-0 /file-399; ls / | grep -c file-"
    output = api.containers.run("tall", ["sh", "-c", script], remove=True)
    assert output == b"0399400\n"


def test_push_and_pull_of_repeated_layers(
    api: docker.DockerClient, busybox: bytes, registry: str
) -> None:
    name = f"{registry}/twice"
    (image,) = api.images.load(with_layers(busybox, name, EMPTY, layer(a="1"), EMPTY))
    pushed = api.images.push(name, stream=True, decode=True)
    assert not [line for line in pushed if "error" in line]
    api.images.remove(name)
    pulled = api.images.pull(name, tag="latest")
    assert pulled.id == image.id
    assert api.containers.run(name, ["cat", "/a"], remove=True) == b"1"
