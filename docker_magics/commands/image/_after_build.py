"""What follows a build: its archives and its pushes."""

from __future__ import annotations

import tarfile
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any, BinaryIO

from docker_magics.cli.terminal import Terminal
from docker_magics.engine.client import Engine, path
from docker_magics.errors import UsageError
from docker_magics.results.build import Build
from docker_magics.results.live import Chain
from docker_magics.results.text import Text

from ._flatten import flatten
from ._outputs import Export, Output, check_destination
from .push import ImagePush
from .save import ImageSave

#: The API version from which on images are saved as OCI image layouts: that of Docker 25.
_SAVES_OCI = "1.44"


def followed(
    build: Build,
    engine: Engine,
    outputs: Sequence[Output],
    tags: Sequence[str],
    terminal: Terminal,
    *,
    quiet: bool,
) -> Build | Chain:
    """Return a build that is followed by what its outputs ask for; the result stays the image's ID.

    Args:
        build: the build.
        engine: the engine that builds.
        outputs: each pushes the image, or writes an archive of it, or does neither.
        tags: the image's names.
        terminal: takes the archive of `-`.
        quiet: whether the pushes show no progress.

    Raises:
        UsageError: the engine saves no images as an OCI image layout, or would display one.
    """
    archives = [output for output in outputs if output.is_archive]
    for output in archives:
        check_destination(output, terminal)
    if any(output.kind == "oci" for output in archives):
        engine.require(_SAVES_OCI, "--output type=oci")
    pushes = any(output.pushes for output in outputs)
    if not (archives or pushes):
        return build

    def then(identity: str) -> Any:
        for output in archives:
            images = [*tags] or [identity]
            place = str(Path(output.place).expanduser()) if output.place else ""
            save = ImageSave(output=place, images=images)
            save.terminal = terminal
            save.run(engine)
        return pushed(tags if pushes else [], identity)

    def pushed(names: Sequence[str], identity: str) -> Any:
        if not names:
            return Text(identity)
        push = ImagePush(name=names[0], quiet=quiet, all_tags=False, platform="")
        return _chain(push.run(engine), lambda _: pushed(names[1:], identity))

    return _chain(build, then)


def exported(build: Build, engine: Engine, output: Output, terminal: Terminal) -> Chain:
    """Return a build of the classic builder, followed by the export of its image's files.

    The image has no name and stays, as the builder's cache. The result is the files' place.

    Raises:
        UsageError: the files would be displayed.
    """
    check_destination(output, terminal)

    def then(identity: str) -> Text:
        export = Export(output, terminal)
        with export.file:
            if output.kind != "cacheonly":
                _write_files(engine, identity, export.file)
            export.store()
        return Text(output.place)

    return _chain(build, then)


def _write_files(engine: Engine, image: str, file: BinaryIO) -> None:
    with (
        tempfile.TemporaryFile() as archive,
        engine.request("GET", path("images", image, "get"), stream=True) as response,
    ):
        archive.writelines(response.pieces())
        archive.seek(0)
        try:
            flatten(archive, file)
        except (KeyError, tarfile.TarError) as error:
            raise UsageError(f"cannot export the image's files: {error}") from error


_chain: Callable[..., Chain] = partial(Chain, exit_code=attrgetter("exit_code"))
