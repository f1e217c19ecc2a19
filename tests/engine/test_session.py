"""docker session on real engines: prune removes exactly the session's objects."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest

from docker_magics import docker
from docker_magics.cli.terminal import Terminal
from docker_magics.errors import Conflict, DockerMagicsError, UsageError
from docker_magics.session import shared

_LAB = "lab-of-tests"


@pytest.fixture(autouse=True)
def _clean_up(engine: str) -> Iterator[None]:  # noqa: ARG001
    yield
    shared().labels.clear()
    names = docker("ps -aq --filter name=lab-")
    if names:
        docker("rm -fv {names}", names=names)
    for line in (f"session prune -f {_LAB}", "session prune -f lab-other", "volume rm lab-kept"):
        try:
            docker(line)
        except DockerMagicsError:
            continue  # it does not exist


def build(tag: str, *flags: str, text: bytes = b"FROM busybox\nRUN echo 1 > /f\n") -> None:
    terminal = Terminal(io.BytesIO(text), has_input=True)
    shared().run_args(["build", "-t", tag, *flags, "-"], terminal=terminal)


def names_by_kind(session: str = _LAB) -> dict[str, list[str]]:
    """Return the objects of a session: kind -> sorted names."""
    table = docker(f"session ls {session}")
    return {str(kind): sorted(rows["NAME"]) for kind, rows in table.groupby("KIND")}


def create_objects() -> None:
    """Create an object of each kind, in each way."""
    docker("network create lab-net")
    docker("volume create lab-made")
    volumes = "-v lab-made:/a -v lab-implied:/b"
    docker(f"run -d --name lab-web --network lab-net {volumes} busybox sleep 1000")
    docker("create --name lab-idle -v lab-kept:/k -v /nameless busybox")
    docker("commit lab-web lab-commit:1")
    build("lab-built:1", "--builder", "classic")
    build("lab-child:1", "--builder", "classic", text=b"FROM lab-built:1\nRUN echo 2 > /g\n")


def test_prune_removes_all_objects_of_the_session(engine: str) -> None:  # noqa: ARG001
    docker("volume create lab-kept")
    docker("run -d --name lab-stranger busybox sleep 1000")
    docker(f"session start {_LAB}")
    create_objects()
    names = names_by_kind()
    (anonymous,) = (name for name in names["volume"] if re.fullmatch("[0-9a-f]{64}", name))
    assert names["container"] == ["lab-idle", "lab-web"]
    assert names["network"] == ["lab-net"]
    assert names["volume"] == sorted([anonymous, "lab-implied", "lab-made"])
    images = [name.rpartition("/")[2] for name in names["image"]]
    assert images == ["lab-built:1", "lab-child:1", "lab-commit:1"]
    table = docker("session")
    assert set(table["SESSION"]) == {_LAB}
    assert str(table["CREATED"].dtype) == "datetime64[ns, UTC]"
    assert table["SIZE"].dtype == "int64"
    report = docker("session prune -f")
    assert "Deleted Containers:\n" in report
    assert "Total reclaimed space: " in report
    assert names_by_kind() == {}
    assert docker("ps -a --filter name=lab- --format '{{.Names}}'") == "lab-stranger"
    assert docker("volume ls -q --filter name=lab-") == ["lab-kept"]
    assert docker("images -q busybox")


def test_prune_without_force_removes_nothing(engine: str) -> None:  # noqa: ARG001
    docker(f"session start {_LAB}")
    docker("volume create lab-made")
    with pytest.raises(UsageError, match="1 volume: lab-made"):
        docker("session prune")
    assert names_by_kind() == {"volume": ["lab-made"]}


def test_sessions_do_not_touch_each_other(engine: str) -> None:  # noqa: ARG001
    docker("session start lab-other")
    docker("volume create lab-theirs")
    docker("create --name lab-theirs busybox")
    docker(f"session start {_LAB}")
    docker("create --name lab-ours -v lab-theirs:/v busybox")
    docker("session prune -f")
    assert names_by_kind("lab-other") == {"container": ["lab-theirs"], "volume": ["lab-theirs"]}
    assert docker("session stop") == _LAB
    docker("create --name lab-nobody-s busybox")
    assert set(docker("session")["SESSION"]) == {"lab-other"}


def test_prune_keeps_other_containers_of_a_session_s_image(engine: str) -> None:  # noqa: ARG001
    """The container inherits the image's labels; its image is kept too."""
    docker(f"session start {_LAB}")
    build("lab-built:1", "--builder", "classic")
    docker("session stop")
    docker("run -d --name lab-guest lab-built:1 sleep 1000")
    assert list(names_by_kind()) == ["image"]
    with pytest.raises(DockerMagicsError) as caught:
        docker(f"session prune -f {_LAB}")
    assert isinstance(caught.value, Conflict) or "in use" in str(caught.value)
    assert docker("ps --filter name=lab-guest --format '{{.Names}}'") == "lab-guest"


def test_buildkit_labels_images_of_the_session(
    dockerd: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", dockerd)
    docker(f"session start {_LAB}")
    build("lab-kit:1", "--builder", "buildkit", "--label", "a=b")
    assert names_by_kind() == {"image": ["lab-kit:1"]}
    assert docker("inspect lab-kit:1")[0]["Config"]["Labels"]["a"] == "b"


def test_without_a_session_nothing_is_labelled(engine: str) -> None:  # noqa: ARG001
    docker("create --name lab-plain busybox")
    labels = docker("inspect lab-plain")[0]["Config"]["Labels"] or {}
    assert not [name for name in labels if name.startswith("docker_magics.session")]
