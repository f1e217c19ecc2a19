"""build --build-context: the stages in front of the Dockerfile's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from unit.commands.stub_engine import StubEngine, run

from docker_magics.commands.image._build_contexts import (
    NAMED_CONTEXTS,
    ContextImages,
    NamedContext,
    with_stages,
)
from docker_magics.commands.image._contexts import dockerfile_of, of_folder, of_stdin, of_text
from docker_magics.engine.build_context import BuildContext
from docker_magics.errors import UsageError


@pytest.mark.parametrize(
    ("text", "context"),
    [
        ("base=docker-image://alpine:3", NamedContext("base", image="alpine:3")),
        ("src=oci-layout://dir", NamedContext("src", location="oci-layout://dir")),
        ("files=../dir", NamedContext("files", folder="../dir")),
    ],
)
def test_values(text: str, context: NamedContext) -> None:
    assert NAMED_CONTEXTS.parse(text) == context


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("base", "invalid context value: base, expected key=value"),
        ("alpine:3=docker-image://x", "expected the name of a stage, got alpine:3"),
    ],
)
def test_wrong_values(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        NAMED_CONTEXTS.parse(text)


def test_stages_follow_directives_and_global_arguments(tmp_path: Path) -> None:
    text = "# syntax=docker/dockerfile:1\nARG A=1\n\nFROM base\nRUN echo\n"
    context = with_stages(of_text(str(tmp_path), text.encode()), {"base": "alpine:3", "f": "x"})
    assert context.folder == tmp_path
    assert dockerfile_of(context) == text.replace(
        "FROM base", "FROM alpine:3 AS base\nFROM x AS f\nFROM base"
    )


def test_the_dockerfile_keeps_its_ignore_file(tmp_path: Path) -> None:
    file = tmp_path / "a.Dockerfile"
    file.write_text("FROM base\nCOPY . /\n")
    (tmp_path / ".dockerignore").write_text("other\n")
    (tmp_path / "a.Dockerfile.dockerignore").write_text("secret\n")
    (tmp_path / "secret").touch()
    (tmp_path / "other").touch()
    context = with_stages(of_folder(str(tmp_path), str(file)), {"base": "x"})
    assert context.added[".dockerignore"].startswith(b"secret\n")
    assert {"secret", "other"} & {*context.names(tmp_path)} == {"other"}


@pytest.mark.parametrize("source", [".", "docker-image://sha256:" + "0" * 64])
def test_pull_needs_images_of_registries(source: str) -> None:
    with pytest.raises(UsageError, match="cannot use --pull with the context base"):
        run(f"build --pull --build-context base={source} .", StubEngine())


@pytest.mark.parametrize("others", [[], ["mine:1"]])
def test_an_image_without_another_name_is_kept(others: list[str]) -> None:
    """The engine removes an image with its last name."""
    identity = "sha256:" + "0" * 64
    temporary = f"localhost/build-context:{'0' * 64}"
    image = f"/images/{temporary}"
    engine = StubEngine(
        {
            f"POST /images/{identity}/tag": b"",
            f"GET {image}/json": {"RepoTags": [temporary, *others]},
            f"DELETE {image}": [],
        }
    )
    images = ContextImages(engine, lambda _folder: None)
    build = images.build([NamedContext("base", image=identity)], dict)
    assert build.outcome(build.work()) == {"base": temporary}
    assert (f"DELETE {image}" in engine.keys) == bool(others)


def test_what_cannot_have_named_contexts() -> None:
    images = {"base": "alpine"}
    with pytest.raises(UsageError, match="the Dockerfile has this stage"):
        with_stages(of_text(None, b"FROM x as BASE\n"), images)
    with pytest.raises(UsageError, match="the Dockerfile is not in a folder"):
        with_stages(None, images)
    with pytest.raises(UsageError, match="the Dockerfile is not in a folder"):
        with_stages(BuildContext(None, archive=b"tar"), images)
    with pytest.raises(UsageError, match="cannot use --build-context: "):
        with_stages(of_stdin(b"RUN <<A\n", ""), images)
