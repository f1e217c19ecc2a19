"""The diagrams of layers and of the build cache, from archives as `docker save` writes them."""

from __future__ import annotations

import io
import json
import tarfile
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from typing import Any

import pytest

from docker_magics.course import diagrams
from docker_magics.course.diagrams.image_steps import Changes, changes
from docker_magics.errors import UsageError
from docker_magics.results.drawing import Picture

Fake = Any  # tests/unit/course/conftest.py: FakeSession
#: A step: the history's text and the files of its layer; None for a step without one.
Step = tuple[str, Mapping[str, int] | None]

BASE: Step = ("/bin/sh -c #(nop) ADD file:1 in / ", {"etc/": 0, "etc/passwd": 9, "bin/sh": 100})


HIDDEN = "3kB, 3kB of it hidden by a layer above: not seen, but still in the image"


def packed(files: Mapping[str, bytes]) -> bytes:
    """Return a tar; names that end with / are folders."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            member.type = tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def add(fake: Fake, image: str, *steps: Step) -> None:
    """Add an image; equal steps have equal layers."""
    layers = [(step, files) for step, files in steps if files is not None]
    blobs = {
        f"layer-{n}": packed({name: b"x" * size for name, size in files.items()})
        for n, (_, files) in enumerate(layers)
    }
    config = {
        "history": [
            {"created_by": step, "empty_layer": files is None or None} for step, files in steps
        ],
        "rootfs": {"diff_ids": [f"{step} {files}" for step, files in layers]},
    }
    manifest = [{"Config": "config", "Layers": list(blobs)}]
    texts = {"manifest.json": manifest, "config": config}
    files = blobs | {name: json.dumps(value).encode() for name, value in texts.items()}
    fake.archives[f"/images/{image}/get"] = packed(files)
    fake.image(image)
    fake.objects[f"/images/{image}/json"]["RootFS"]["Layers"] = config["rootfs"]["diff_ids"]
    fake.history(image, *((step, 0) for step, _ in steps))


@pytest.fixture
def images(fake: Fake) -> Fake:
    """An engine with the image `base`."""
    add(fake, "base", BASE)
    return fake


def lines(picture: Picture) -> list[str]:
    """Return the text alternative, which the SVG has as well."""
    root = ET.fromstring(picture._repr_html_())  # noqa: S314 - it is ours
    assert root.findtext("{*}desc") == "\n".join(picture.lines)
    return list(picture.lines)


def test_layers_say_what_they_added_changed_and_hid(images: Fake) -> None:
    dd = ("RUN /bin/sh -c dd of=/big # buildkit", {"big": 3000, "a/": 0, "a/b": 5})
    edit = ("/bin/sh -c echo >> /etc/passwd", {"etc/": 0, "etc/passwd": 20})
    add(images, "app", BASE, dd, edit, ("RUN rm /big", {".wh.big": 0}), ("CMD x", None))
    picture = diagrams.layers("app", base="base", lang="en")
    assert picture.title == "The layers of app: 4, the newest above"
    assert lines(picture) == [
        "CMD x (a note, no layer)",
        "RUN rm /big; hid: /big; 0B",
        "RUN echo >> /etc/passwd; changed: /etc/passwd; 20B",
        "RUN dd of=/big; added: /big, /a/b, /a/; " + HIDDEN,
        "FROM base: the base image; 1 layer, 2 files, 109B; shared with other images",
    ]
    assert lines(diagrams.layers("app", lang="ko"))[0] == "CMD x (메모, 레이어 없음)"


def test_many_files_are_counted(images: Fake) -> None:
    add(images, "app", ("COPY . .", {f"f{n}": n for n in range(9)}))
    assert lines(diagrams.layers("app", lang="en")) == [
        "COPY . .; added: /f8, /f7, /f6, and 6 more; 36B"
    ]


def test_files_that_come_back_are_added_again() -> None:
    below = [("/d/", None), ("/d/x", 1), ("/d/y", 1)]
    layers = [below, [("/.wh.d", 0)], [("/d/", None), ("/d/x", 2)], [("/d/.wh..wh..opq", 0)]]
    assert changes(layers)[1:] == [
        Changes(hid=["/d/"]),
        Changes(added=["/d/x", "/d/"]),
        Changes(hid=["/d/"]),
    ]


def test_an_image_that_cannot_be_read(images: Fake) -> None:
    images.archives["/images/base/get"] = packed({})
    with pytest.raises(UsageError, match=r"^cannot draw base: cannot find 'manifest.json'"):
        diagrams.layers("base", lang="en")


def test_names_of_strangers_are_escaped(images: Fake) -> None:
    add(images, "evil", ("RUN <script>\x1b[2J", {"<b>x</b>\x1b[2J": 1}))
    shown = diagrams.layers("evil", lang="en")._repr_html_()
    assert "<script>" not in shown
    assert "<b>" not in shown
    assert "\x1b" not in shown


BIG: Step = ("RUN big", {"big": 9})
HASH = "7" * 64
FOLLOWS = "a step before it changed"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            [BIG, ("RUN v1", {"t": 1}), ("CMD a", None)],
            [BIG, ("RUN v2", {"t": 2}), ("CMD a", None)],
            ["reused: RUN big (nothing changed up to here)", "changed: RUN v2 (was: RUN v1)"],
        ),
        (
            [("COPY . .", {"p": 1}), BIG],
            [("COPY . .", {"p": 2}), BIG],
            ["changed: COPY . . (its files changed)", f"done again: RUN big ({FOLLOWS})"],
        ),
        (
            [(f"/bin/sh -c #(nop) COPY dir:{HASH} in / ", {"p": 1})],
            [(f"/bin/sh -c #(nop) COPY dir:{HASH.replace('7', '8')} in / ", {"p": 2})],
            ["changed: COPY dir:888888888888 in / (its files changed)"],
        ),
        (
            [("ENV A=1", None), BIG],
            [("ENV A=2", None), BIG],
            ["changed: ENV A=2 (was: ENV A=1)", f"done again: RUN big ({FOLLOWS})"],
        ),
        ([BIG], [("RUN big", {"big": 10})], ["done again: RUN big (not in the cache)"]),
        (
            [BIG],
            [BIG, ("RUN more", {"m": 1})],
            ["reused: RUN big (nothing changed up to here)", "changed: RUN more (a new line)"],
        ),
    ],
)
def test_build_cache(
    images: Fake, before: list[Step], after: list[Step], expected: list[str]
) -> None:
    add(images, "one", BASE, *before)
    add(images, "two", BASE, *after)
    picture = diagrams.build_cache("one", "two", base="base", lang="en")
    assert lines(picture) == ["FROM base: the base image, the same for both", *expected]
    reused = sum(line.startswith("reused") for line in expected)
    assert picture.title == f"The build cache: {reused} of {len(expected)} steps reused"


def test_build_cache_in_korean_without_a_base(images: Fake) -> None:
    add(images, "one", BASE, BIG)
    picture = diagrams.build_cache("one", "one", lang="ko")
    assert picture.title == "빌드 캐시: 단계 2개 중 2개 재사용"
    assert lines(picture)[1] == "재사용: RUN big (여기까지 바뀐 것이 없음)"
