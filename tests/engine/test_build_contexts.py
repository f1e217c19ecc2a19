"""build --build-context and buildx bake, on each engine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from docker_magics import docker
from docker_magics.errors import UsageError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other/file").write_text("other\n")
    (tmp_path / "app/.dockerignore").write_text("*\n")
    return tmp_path


@pytest.fixture
def name(engine: str) -> Iterator[str]:
    """The name of an image that is removed at the end."""
    assert engine
    yield "localhost/of-bake:1"
    docker("rmi -f localhost/of-bake:1 localhost/of-bake:2")
    for image in docker("images -q localhost/build-context"):
        docker(f"rmi -f {image}")


@pytest.mark.parametrize("builder", ["", "--builder classic "])
def test_named_contexts(folder: Path, name: str, builder: str) -> None:
    (folder / "app/Dockerfile").write_text(
        "ARG A\n# a comment\nFROM base\nCOPY --from=files /file /copied\nRUN cat /copied\n"
    )
    contexts = "--build-context files=other --build-context base=docker-image://busybox"
    docker(f"build -q {builder}{contexts} -t {name} app")
    assert docker(f"run --rm {name} cat /copied") == "other"
    assert docker("images -q localhost/build-context") == []


def test_a_stage_of_the_same_name(folder: Path, engine: str) -> None:
    assert engine
    (folder / "app/Dockerfile").write_text("FROM busybox AS Files\n")
    with pytest.raises(UsageError, match="the Dockerfile has this stage"):
        docker("build --builder classic --build-context files=docker-image://busybox app")


def test_bake(folder: Path, name: str) -> None:
    """A target builds on another one; the second Dockerfile is in the file."""
    (folder / "app/Dockerfile").write_text("FROM busybox\nARG WORD=none\nRUN echo $WORD > /word\n")
    targets = {
        "base": {"context": "app", "args": {"WORD": "${WORD}"}},
        "app": {
            "inherits": ["tagged"],
            "contexts": {"base": "target:base", "files": "other"},
            "dockerfile-inline": "FROM base\nCOPY --from=files /file /file\n",
            "tags": [name],
        },
        "tagged": {"labels": {"a": "b"}},
    }
    definition = {
        "variable": {"WORD": {"default": "baked"}},
        "group": {"default": {"targets": ["app"]}},
        "target": targets,
    }
    (folder / "docker-bake.json").write_text(json.dumps(definition))
    docker("buildx bake --metadata-file metadata.json --set app.tags+=localhost/of-bake:2")
    assert docker("run --rm localhost/of-bake:2 cat /word /file") == "baked\nother"
    assert docker(f"image inspect -f '{{{{.Config.Labels.a}}}}' {name}") == "b"
    metadata = json.loads((folder / "metadata.json").read_text())
    assert metadata["app"]["image.name"] == "localhost/of-bake:1,localhost/of-bake:2"


def test_baking_a_compose_file(folder: Path, name: str) -> None:
    (folder / "app/Dockerfile").write_text("FROM busybox\n")
    (folder / "compose.yaml").write_text(
        f"services:\n  one: {{image: '{name}', build: {{context: ./app}}}}\n  two: {{image: a}}\n"
    )
    assert len(docker("buildx bake")) == 1
    assert docker(f"images -q {name}")
