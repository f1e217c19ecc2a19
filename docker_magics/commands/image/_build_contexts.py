"""--build-context: named contexts, which become stages in front of the Dockerfile's own.

That is for builds of the Engine API, which have one context; those of BuildKit's control API have
several (`_solve.py`). A folder is built as an image first, which has a name until the build ends.
So has an image that is given by its ID; it keeps the name if it has no other one, as the engine
would remove the image with it.

source: docs of `docker buildx build --build-context`.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from docker_magics.cli.flag_types import FlagType
from docker_magics.engine.build_context import BuildContext
from docker_magics.engine.client import Engine, path
from docker_magics.errors import EngineError, UsageError
from docker_magics.results.live import Chain, Wrapped
from docker_magics.wire import dockerfile, reference

from . import _contexts

_IMAGE = "docker-image://"
_STAGE = re.compile(r"[a-z][a-z0-9-_.]*")
_REPOSITORY = "localhost/build-context"
#: The Dockerfile of a folder's image.
FOLDER = b"FROM scratch\nCOPY . /\n"


@dataclass(frozen=True)
class NamedContext:
    """A named context: an image, a folder, or what only BuildKit itself fetches.

    Attributes:
        name: the name in FROM and --from.
        image: the image's name or ID, "" for others.
        folder: the folder's path, "" for others.
        location: what only BuildKit fetches: a URL or `oci-layout://FOLDER`; "" for others.
    """

    name: str
    image: str = ""
    folder: str = ""
    location: str = ""


def _named_context(text: str) -> NamedContext:
    """`NAME=FOLDER`, `NAME=docker-image://IMAGE`, `NAME=oci-layout://FOLDER`, or a URL."""
    name, equals, source = text.partition("=")
    if not (equals and name and source):
        raise ValueError(f"invalid context value: {text}, expected key=value")
    if not _STAGE.fullmatch(name):
        raise ValueError(f"expected the name of a stage, got {name}")
    if source.startswith(_IMAGE):
        return NamedContext(name, image=source.removeprefix(_IMAGE))
    if "://" in source or source.startswith("git@"):
        return NamedContext(name, location=source)
    return NamedContext(name, folder=source)


NAMED_CONTEXTS = FlagType(_named_context, many=True)


def check_pulled(contexts: Sequence[NamedContext]) -> None:
    """Check that a build with --pull finds all contexts in registries.

    Raises:
        UsageError: a context is on this machine only.
    """
    for context in contexts:
        if context.folder or reference.is_identity(context.image):
            raise UsageError(
                f"cannot use --pull with the context {context.name}: it is on this machine only",
                hint="Pull the base images first: docker pull NAME.",
            )


class ContextImages:
    """Makes the images of named contexts, and removes their temporary names after the build.

    Args:
        engine: the engine that builds.
        build_folder: starts the build of a folder's image.
    """

    def __init__(self, engine: Engine, build_folder: Callable[[str], Any]) -> None:
        self._engine = engine
        self._build_folder = build_folder
        self._images: dict[str, str] = {}
        self._temporary: dict[str, bool] = {}  # name -> whether the image is a folder's

    def build(
        self, contexts: Sequence[NamedContext], then: Callable[[Mapping[str, str]], Any]
    ) -> Wrapped:
        """Return the builds of the folders, followed by a build with the images.

        Args:
            contexts: the contexts.
            then: starts the build; its argument is context -> image.
        """
        return Wrapped(lambda: self._next(contexts, then), self._end)

    def _next(
        self, contexts: Sequence[NamedContext], then: Callable[[Mapping[str, str]], Any]
    ) -> Any:
        if not contexts:
            return then(self._images)
        context, *others = contexts
        if context.image:
            self._add(context.name, context.image, is_folder=False)
            return self._next(others, then)

        def rest(identity: str) -> Any:
            self._add(context.name, identity, is_folder=True)
            return self._next(others, then)

        return Chain(self._build_folder(context.folder), rest, attrgetter("exit_code"))

    def _add(self, name: str, image: str, *, is_folder: bool) -> None:
        """Add an image; BuildKit finds local images only by name, so that an ID gets one."""
        if reference.is_identity(image):
            tag = image.removeprefix("sha256:")
            self._engine.post(path("images", image, "tag"), {"repo": _REPOSITORY, "tag": tag})
            image = f"{_REPOSITORY}:{tag}"
            self._temporary[image] = is_folder
        self._images[name] = image

    def _end(self, outcome: Any) -> Any:
        for name, is_folder in self._temporary.items():
            with contextlib.suppress(EngineError):
                if is_folder or self._has_other_names(name):
                    self._engine.delete(path("images", name), {"force": True})
        return outcome

    def _has_other_names(self, image: str) -> bool:
        return len(self._engine.get(path("images", image, "json"))["RepoTags"]) > 1


def with_stages(context: BuildContext | None, images: Mapping[str, str]) -> BuildContext:
    """Return a context whose Dockerfile has the images as stages in front of its own.

    Raises:
        UsageError: the Dockerfile is not on this machine, or has a stage of the same name.
    """
    if context is None or context.archive:
        raise UsageError("cannot use --build-context: the Dockerfile is not in a folder")
    text = _contexts.dockerfile_of(context)
    try:
        instructions = dockerfile.parse(text).instructions
    except dockerfile.DockerfileError as error:
        raise UsageError(f"cannot use --build-context: {error}") from error
    stages = [instruction for instruction in instructions if instruction.keyword == "FROM"]
    for stage in stages:
        name = re.search(r"\sAS\s+(\S+)\s*$", stage.text, re.IGNORECASE)
        if name and name[1].lower() in images:
            raise UsageError(f"cannot use --build-context {name[1]}: the Dockerfile has this stage")
    lines = text.splitlines(keepends=True)
    added = [f"FROM {image} AS {name}\n" for name, image in images.items()]
    place = stages[0].line - 1 if stages else len(lines)
    content = "".join([*lines[:place], *added, *lines[place:]]).encode()
    folder = None if context.folder is None else str(context.folder)
    return _contexts.of_text(folder, content, context.dockerfile)
