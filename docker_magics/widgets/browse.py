"""List a folder of a container, running or stopped, without running a program in it."""

from __future__ import annotations

import posixpath
import tarfile
from collections.abc import Iterator
from typing import Any

from docker_magics.engine.client import Engine, path
from docker_magics.errors import ProtocolError

from .action import Action

#: The type letters of `ls -l`; all other entries count as regular files.
_KINDS = {tarfile.DIRTYPE: "d", tarfile.SYMTYPE: "l"}


class Browse(Action):
    """Sends the entries of a folder to the page as `files`; it reads them from the folder's tar.

    source: Engine API, ContainerArchive.
    """

    def __init__(
        self, engine: Engine, number: int, container: str, folder: str, **page: Any
    ) -> None:
        self._container = container
        self._folder = folder
        super().__init__(engine, number, f"cp {container}:{folder} -", **page)

    def _outcome(self) -> None:
        rows = [
            {"kind": _KINDS.get(member.type, "-"), "size": member.size, "name": name}
            for member in self._members()
            if (name := _name_in(self._folder, member.name))
        ]
        self._outbox.put("files", action=self.number, rows=rows)

    def _members(self) -> Iterator[tarfile.TarInfo]:
        url = path("containers", self._container, "archive")
        query = {"path": self._folder}
        response = self._engine.request("GET", url, query=query, stream=True)
        stream: Any = response  # it has the only method that tarfile calls
        with response:
            try:
                with tarfile.open(fileobj=stream, mode="r|") as archive:
                    yield from archive
            except tarfile.TarError as error:
                raise ProtocolError(f"cannot read {self._folder} as a tar: {error}") from error


def _name_in(folder: str, name: str) -> str:
    """Return the name of a direct entry of the folder; "" for the folder and deeper entries."""
    base = posixpath.basename(posixpath.normpath(folder))
    rest = posixpath.normpath(f"/{name}").strip("/")
    below = rest.removeprefix(f"{base}/") if base else rest
    return "" if rest == base or "/" in below else below
