"""docker images: the DataFrame, and the text of the docker CLI 29.7.2 for the same images."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from unit.commands.stub_engine import Notes, StubEngine, run

from docker_magics.results.listing import AS_TEXT

_PLATFORM = {"os": "linux", "architecture": "amd64"}


def _image(letter: str, tags: list[str], size: int, content: int, uses: int) -> dict[str, Any]:
    identity = "sha256:" + letter * 64
    manifest = {
        "ID": identity,
        "Kind": "image",
        "Available": True,
        "Size": {"Total": size, "Content": content},
        "ImageData": {"Platform": _PLATFORM, "Containers": ["c"] * uses},
    }
    return {
        "Id": identity,
        "RepoTags": tags,
        "RepoDigests": [f"{name.partition(':')[0]}@{identity}" for name in tags[:1]],
        "Created": 1_700_000_000,
        "Size": size,
        "Containers": uses,
        "Manifests": [manifest],
    }


_IMAGES = [
    _image("a", [], 3_110_000, 1_080_000, 0),
    _image("f", ["me/app:2"], 3_140_000, 1_090_000, 0),
    _image("9", ["busybox:latest", "me/app:1"], 3_110_000, 1_080_000, 1),
]


@pytest.fixture
def engine() -> StubEngine:
    return StubEngine({"GET /images/json": _IMAGES})


@pytest.fixture
def _as_text() -> Iterator[None]:
    token = AS_TEXT.set(True)
    yield
    AS_TEXT.reset(token)


def test_a_name_with_a_digest_is_no_tag(engine: StubEngine) -> None:
    """Docker 29's containerd store lists the names of pulls by digest among the tags."""
    image = _image("9", ["busybox:latest", f"me/app@sha256:{'9' * 64}"], 3_110_000, 1_080_000, 0)
    engine.responses["GET /images/json"] = [image]
    table = run("images", engine)
    names = [["busybox", "latest"], ["me/app", "<none>"]]
    assert table[["REPOSITORY", "TAG"]].to_numpy().tolist() == names
    digests = run("images --digests", engine)
    assert digests[["REPOSITORY", "TAG"]].to_numpy().tolist() == names[:1]


def test_columns_and_order(engine: StubEngine) -> None:
    table = run("images", engine)
    assert table["REPOSITORY"].tolist() == ["busybox", "me/app", "me/app"]
    assert table["TAG"].tolist() == ["latest", "1", "2"]
    assert table["SIZE"].tolist() == table["DISK USAGE"].tolist() == [3110000, 3110000, 3140000]
    assert table["CONTENT SIZE"].tolist() == [1080000, 1080000, 1090000]
    assert table["IN USE"].tolist() == [True, True, False]
    assert str(table.dtypes["IN USE"]) == "bool"
    assert str(table.dtypes["CONTENT SIZE"]) == "int64"
    assert engine.query("GET /images/json")["manifests"] is True


@pytest.mark.parametrize("flags", ["-a", "-f dangling=true"])
def test_dangling_images_on_request(engine: StubEngine, flags: str) -> None:
    table = run(f"images {flags}", engine)
    assert table["REPOSITORY"].tolist()[-1] == "<none>"
    assert len(table) == 4
    assert len(run("images -f dangling=false", engine)) == 3


@pytest.mark.parametrize("flags", ["-q", "--no-trunc", "--digests", "--format {{.ID}}"])
def test_the_older_listing(engine: StubEngine, flags: str) -> None:
    """It asks for no manifests, and keeps the engine's order."""
    result = run(f"images {flags}", engine)
    assert engine.query("GET /images/json")["manifests"] is False
    assert len(result if flags == "-q" else str(result).splitlines()) >= 3
    assert run("images -q", engine) == ["f" * 12, "9" * 12, "9" * 12]


def test_an_older_engine_gives_no_content_size() -> None:
    images = [{**image, "Manifests": None, "Containers": -1} for image in _IMAGES]
    engine = StubEngine({"GET /images/json": images}, api="1.41")
    table = run("images", engine)
    assert engine.query("GET /images/json")["manifests"] is False
    assert table["CONTENT SIZE"].tolist() == [0, 0, 0]
    assert table["IN USE"].tolist() == [False, False, False]


@pytest.mark.usefixtures("_as_text")
def test_text(engine: StubEngine) -> None:
    assert run("images -a", engine) == (
        "IMAGE            ID             DISK USAGE   CONTENT SIZE   EXTRA\n"
        "busybox:latest   999999999999       3.11MB         1.08MB   U    \n"
        "me/app:1         999999999999       3.11MB         1.08MB   U    \n"
        "me/app:2         ffffffffffff       3.14MB         1.09MB        \n"
        "<untagged>       aaaaaaaaaaaa       3.11MB         1.08MB        \n"
    )
    engine.responses["GET /images/json"] = []
    empty = "IMAGE   ID             DISK USAGE   CONTENT SIZE   EXTRA\n"
    assert run("images nosuch", engine) == empty


@pytest.mark.usefixtures("_as_text")
def test_text_of_the_tree(engine: StubEngine) -> None:
    assert run("images --tree", engine) == (
        "IMAGE                ID             DISK USAGE   CONTENT SIZE   EXTRA\n"
        "busybox:latest    \n"
        "me/app:1             999999999999       3.11MB         1.08MB   U    \n"
        "└─ linux/amd64       999999999999       3.11MB         1.08MB   U    \n"
        "\n"
        "me/app:2             ffffffffffff       3.14MB         1.09MB        \n"
        "└─ linux/amd64       ffffffffffff       3.14MB         1.09MB        \n"
        "\n"
    )


def test_a_verb_of_docker_image_as_the_argument() -> None:
    notes = Notes()
    run("images ls", StubEngine({"GET /images/json": []}), notes)
    assert notes.messages == ['No images found matching "ls": did you mean "docker image ls"?']
