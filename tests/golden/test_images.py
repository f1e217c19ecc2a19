"""`docker images` prints what the docker CLI 29.7.2 prints in a pipe and on a terminal."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from unit.commands.stub_engine import StubEngine, run

from docker_magics.cli.terminal import Terminal
from docker_magics.results.listing import AS_TEXT

RECORDED = json.loads((Path(__file__).parent / "images_29.json").read_text())


@pytest.fixture(autouse=True)
def _as_text() -> Iterator[None]:
    token = AS_TEXT.set(True)
    yield
    AS_TEXT.reset(token)


def _image(identity: str, tags: list[str]) -> dict[str, Any]:
    image = RECORDED["images"][identity]
    manifest = {
        "ID": f"sha256:{identity:0<64}",
        "Kind": "image",
        "Available": True,
        "Size": {"Total": image["Size"], "Content": image["Content"]},
        "ImageData": {
            "Platform": {"os": "linux", "architecture": "amd64"},
            "Containers": ["c"] * image["Containers"],
        },
    }
    return {
        "Id": manifest["ID"],
        "RepoTags": tags,
        "RepoDigests": [],
        "Created": 0,
        "Size": image["Size"],
        "Containers": image["Containers"],
        "Manifests": [manifest],
    }


@pytest.mark.parametrize("case", RECORDED["cases"], ids=lambda case: case["line"])
def test_images(case: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((120, 40)))
    monkeypatch.setenv("NO_COLOR", "1" if case["no_color"] else "")
    engine = StubEngine(
        {"GET /images/json": [_image(*image) for image in case["images"].items()]}, api="1.55"
    )
    text = run(case["line"], engine, Terminal(shows_progress=case["terminal"]))
    assert text == case["stdout"]


def test_a_narrow_terminal_has_fewer_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """source: docker/cli, cli/command/image/tree.go: adjustColumns, printNames."""
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((32, 40)))
    monkeypatch.setenv("NO_COLOR", "1")
    tag = "registry.example.com/team/app:1"
    engine = StubEngine({"GET /images/json": [_image("94e67e327f55", [tag])]}, api="1.55")
    text = run("images", engine, Terminal(shows_progress=True))
    assert text.splitlines() == [
        " " * 15 + "Info ->  U In Use",
        "IMAGE               ID          ",
        tag,
        " " * 20 + "94e67e327f55",
    ]
