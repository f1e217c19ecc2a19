"""Images as mounts of containers: `--mount type=image`, on each kind of engine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from embedded.kinds import engine_of

from docker_magics import docker
from docker_magics.errors import DockerMagicsError

_DOCKERFILE = """
FROM busybox
RUN mkdir -p /data/in && echo deep > /data/in/file && echo top > /top
RUN ln -s /data/in /absolute && ln -s ../../../../top /data/up && rm /bin/vi
"""


@pytest.fixture(scope="module", params=["root", "one-id", "proot", "systrap"])
def kind(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run an engine that has the image `data`."""
    folder = tmp_path_factory.mktemp("context")
    (folder / "Dockerfile").write_text(_DOCKERFILE)
    with engine_of(request.param, "busybox"):
        docker("build -q -t data {folder}", folder=str(folder))
        yield request.param


def shown(mount: str, script: str) -> str:
    """Return what a script prints in a container with a mount of an image."""
    line = "run --rm --mount type=image,{mount} busybox sh -c {script}"
    return str(docker(line, mount=mount, script=script))


def test_the_whole_image_is_read_only(kind: str) -> None:
    script = "cat /i/top /i/data/in/file; ls /i/bin/vi; touch /i/new || echo cannot"
    output = shown("source=data,target=/i", f"{script} 2> /dev/null")
    assert output.split() == ["top", "deep"] + (["cannot"] if kind != "proot" else [])
    assert shown("source=data,target=/i", "ls /i/new || echo none").split() == ["none"]


@pytest.mark.parametrize("subpath", ["data/in", "absolute", "absolute/../in"])
def test_a_part_of_an_image(kind: str, subpath: str) -> None:
    assert kind
    assert shown(f"source=data,target=/i,image-subpath={subpath}", "ls /i").split() == ["file"]


def test_a_file_of_an_image_and_a_link_that_leads_out_of_it(kind: str) -> None:
    assert kind
    assert shown("source=data,target=/f,image-subpath=data/up", "cat /f").split() == ["top"]
    with pytest.raises(
        DockerMagicsError, match="cannot access path data/none of image data: no such"
    ):
        shown("source=data,target=/i,image-subpath=data/none", "true")
    with pytest.raises(DockerMagicsError, match="No such image: none:latest"):
        shown("source=none,target=/i", "true")


def test_an_image_is_in_use_while_it_is_mounted(kind: str) -> None:
    assert kind
    docker("tag data used")
    docker("rmi data")
    docker("run -d --name user --mount type=image,source=used,target=/i busybox sleep 1d")
    with pytest.raises(DockerMagicsError, match="is using its referenced image"):
        docker("rmi used")
    docker("stop -t 0 user")
    docker("rmi -f used")
    docker("start user")
    assert str(docker("exec user cat /i/top")).split() == ["top"]
    docker("create --name heir --volumes-from user busybox cat /i/top")
    docker("rm -f user")
    assert str(docker("start -a heir")).split() == ["top"]
    (mount,) = docker("inspect heir")[0]["Mounts"]
    assert docker("inspect heir")[0]["Id"] in mount["Source"]
    docker("rm heir")
    assert "<none>" not in str(docker("images"))
