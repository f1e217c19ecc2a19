"""The build's context: the files that a Dockerfile may copy.

source: Engine API, ImageBuild; moby builder/remotecontext.
"""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...wire import dockerfile as language
from ...wire import dockerignore
from ..errors import BadParameter
from ..images.compression import decompressed
from ..images.unpack import unpack
from ..registry.web import fetch
from ..state import remove_tree
from ..storage.rootfs import Rootfs

if TYPE_CHECKING:
    from ..engine import Engine
    from .options import Options

_MOST = 4 << 20
_ARCHIVES = {
    "application/gzip",
    "application/octet-stream",
    "application/tar",
    "application/tar+gzip",
    "application/x-gzip",
    "application/x-tar",
}


class Context:
    """A folder with the context's files.

    Attributes:
        folder: the files.
        name: the Dockerfile's.
        dockerfile: its text.
    """

    def __init__(self, folder: Path, name: str, dockerfile: str) -> None:
        self.folder = folder
        self.name = name
        self.dockerfile = dockerfile

    def parsed(self) -> language.Dockerfile:
        """The Dockerfile's instructions.

        Raises:
            BadParameter: it cannot be read.
        """
        if not self.dockerfile:
            raise BadParameter(f"the Dockerfile ({self.name}) cannot be empty")
        try:
            return language.parse(self.dockerfile)
        except language.DockerfileError as error:
            raise BadParameter(f"failed to parse {self.name}: {error}") from error


@contextlib.contextmanager
def opened(engine: Engine, options: Options, body: Any) -> Iterator[Context]:
    """The context of a request, while the block runs.

    Raises:
        BadParameter: there is no such Dockerfile, or no context.
    """
    folder = Path(tempfile.mkdtemp(prefix="context-", dir=engine.state.tmp))
    try:
        if options.remote:
            yield _remote(options.remote, folder, options)
            return
        unpack(decompressed(body), folder)
        text = _dockerfile(folder, options.dockerfile)
        _take_away(folder, options.dockerfile)
        yield Context(folder, options.dockerfile, text)
    finally:
        remove_tree(folder)


def _dockerfile(folder: Path, name: str) -> str:
    with Rootfs(folder) as root:
        for each in (name, name.lower()) if name == "Dockerfile" else (name,):
            with contextlib.suppress(OSError):
                return root.read(each, _MOST).decode("utf-8-sig", "replace")
    raise BadParameter(f"Cannot locate specified Dockerfile: {name}")


def _take_away(folder: Path, dockerfile: str) -> None:
    """What .dockerignore names of the two files that the builder itself needs goes now."""
    path = folder / ".dockerignore"
    if not path.is_file():
        return
    try:
        ignore = dockerignore.parse(path.read_text(errors="replace"))
    except dockerignore.IgnoreError as error:
        raise BadParameter(f"error reading .dockerignore: {error}") from error
    for name in (dockerfile, ".dockerignore"):
        if ignore.excludes(name):
            with contextlib.suppress(OSError):
                os.unlink(folder / name)


def _remote(url: str, folder: Path, options: Options) -> Context:
    """A context behind a URL: a Dockerfile's text, or an archive."""
    if not url.startswith(("http://", "https://")):
        raise BadParameter(
            f"remote context {url}: this engine fetches http and https alone; clone it, and send"
            " the folder"
        )
    if url.endswith(".git") or ".git#" in url:
        raise BadParameter(f"remote context {url}: clone it, and send the folder")
    data, kind = fetch(url, f"error downloading remote context {url}: ")
    if kind.startswith("text/plain"):
        return Context(folder, options.dockerfile, data.decode("utf-8-sig", "replace"))
    if kind not in _ARCHIVES:
        raise BadParameter(
            f"Error processing remote context {url}: unsupported Content-Type {kind}"
        )
    unpack(decompressed(io.BytesIO(data)), folder)
    return Context(folder, options.dockerfile, _dockerfile(folder, options.dockerfile))
