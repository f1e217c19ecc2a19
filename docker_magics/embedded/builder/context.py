"""The context of a build: the files that COPY and ADD may copy, and the Dockerfile.

source: Engine API, ImageBuild; moby builder/remotecontext.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from ...wire import dockerfile, dockerignore
from ...wire.tarstream import Readable
from ..errors import BadParameter
from ..images.compression import decompressed
from ..images.unpack import unpack
from ..registry.cancellation import Cancellation
from ..registry.web import download
from ..storage.rootfs import Rootfs

_MAX_DOCKERFILE = 4 << 20
_ARCHIVE_TYPES = {
    "application/gzip",
    "application/octet-stream",
    "application/tar",
    "application/tar+gzip",
    "application/x-gzip",
    "application/x-tar",
}


@dataclass(frozen=True)
class Context:
    """A folder with the context's files.

    Attributes:
        folder: the files.
        name: the path of the Dockerfile.
        text: the Dockerfile's text.
    """

    folder: Path
    name: str
    text: str

    def parse(self) -> dockerfile.Dockerfile:
        """Parse the Dockerfile.

        Raises:
            BadParameter: it is empty, or has a syntax error.
        """
        if not self.text:
            raise BadParameter(f"the Dockerfile ({self.name}) cannot be empty")
        try:
            return dockerfile.parse(self.text)
        except dockerfile.DockerfileError as error:
            raise BadParameter(f"failed to parse {self.name}: {error}") from error


def unpack_context(body: Readable, folder: Path, name: str) -> Context:
    """Unpack a context in an empty folder.

    Args:
        body: the archive of the context, compressed or not.
        folder: the empty folder.
        name: the Dockerfile's path in the context.

    Raises:
        BadParameter: an invalid archive, or no such Dockerfile.
    """
    unpack(decompressed(body), folder)
    text = _read_dockerfile(folder, name)
    _remove_ignored(folder, name)
    return Context(folder, name, text)


def _read_dockerfile(folder: Path, name: str) -> str:
    names = (name, name.lower()) if name == "Dockerfile" else (name,)
    with Rootfs(folder) as root:
        for candidate in names:
            with contextlib.suppress(OSError):
                return root.read(candidate, _MAX_DOCKERFILE).decode("utf-8-sig", "replace")
    raise BadParameter(f"Cannot locate specified Dockerfile: {name}")


def _remove_ignored(folder: Path, dockerfile_name: str) -> None:
    """Remove the Dockerfile and .dockerignore if the latter excludes them.

    Clients send these two anyway, as the builder needs them.
    """
    with Rootfs(folder) as root:
        ignore = _parse_ignore(root.read_text("/.dockerignore"))
        for name in (dockerfile_name, ".dockerignore"):
            if ignore.excludes(name):
                _unlink(root, name)


def _parse_ignore(text: str) -> dockerignore.Ignore:
    try:
        return dockerignore.parse(text)
    except dockerignore.IgnoreError as error:
        raise BadParameter(f"error reading .dockerignore: {error}") from error


def _unlink(root: Rootfs, path: str) -> None:
    with contextlib.suppress(OSError):
        parent, name = root.open_parent(path)
        try:
            os.unlink(name, dir_fd=parent)
        finally:
            os.close(parent)


def download_context(
    url: str, folder: Path, name: str, tmp: Path, cancellation: Cancellation
) -> Context:
    """Download a context's archive, or a Dockerfile alone, to an empty folder.

    Args:
        url: of the archive or the Dockerfile.
        folder: the empty folder.
        name: the Dockerfile's path in the context.
        tmp: a folder for the download.
        cancellation: once set, the download fails.

    Raises:
        BadParameter: an invalid archive or URL, or no such Dockerfile.
        ApiError: the download fails.
    """
    if not url.startswith(("http://", "https://")):
        raise BadParameter(
            f"cannot fetch remote context {url}: expected http or https; clone it, and send the"
            " folder"
        )
    if url.endswith(".git") or ".git#" in url:
        raise BadParameter(
            f"cannot fetch remote context {url}: Git is not supported; clone it, and send the"
            " folder"
        )
    prefix = f"error downloading remote context {url}: "
    with download(url, tmp, cancellation, prefix) as downloaded, downloaded.open() as file:
        if downloaded.media_type.startswith("text/plain"):
            text = file.read(_MAX_DOCKERFILE).decode("utf-8-sig", "replace")
            return Context(folder, name, text)
        if downloaded.media_type not in _ARCHIVE_TYPES:
            raise BadParameter(
                f"Error processing remote context {url}: unsupported Content-Type"
                f" {downloaded.media_type}"
            )
        unpack(decompressed(file), folder)
    return Context(folder, name, _read_dockerfile(folder, name))
