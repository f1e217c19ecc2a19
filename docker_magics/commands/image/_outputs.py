"""--output: what a build does with its result.

source: docker/buildx, util/buildflags/export.go, build/opt.go; docs of `docker buildx build`.
"""

from __future__ import annotations

import contextlib
import csv
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from docker_magics.cli.flag_types import FlagType
from docker_magics.cli.terminal import Terminal
from docker_magics.commands._files import cannot_write, replaced
from docker_magics.commands.container._extract import unpack
from docker_magics.errors import UsageError
from docker_magics.wire import go, reference

_TYPES = ("cacheonly", "docker", "image", "local", "oci", "registry", "tar")
_ATTRIBUTES = frozenset({"dest", "name", "push", "type"})
_ARCHIVES = ("docker", "oci")
_STDOUT = "-"


@dataclass(frozen=True)
class Output:
    """The destination of a build.

    Attributes:
        kind: `local` (a folder), `tar` (a file), `docker` (the engine's images, or a file in the
            format of docker save), `oci` (a file, an OCI image layout), `image`, `registry`, or
            `cacheonly`.
        destination: the folder or file, `-` for standard output; "" for images.
        pushes: whether the image is pushed.
        names: names of the image, in addition to --tag.
        attributes: further settings, which only BuildKit's control API takes.
    """

    kind: str = "docker"
    destination: str = ""
    pushes: bool = False
    names: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()

    @property
    def place(self) -> str:
        """The place of its files; "" for standard output and where it has none."""
        return "" if self.destination == _STDOUT else self.destination

    @property
    def is_image(self) -> bool:
        """Whether the result is an image, not files or the cache alone."""
        return self.kind not in {"local", "tar", "cacheonly"}

    @property
    def is_archive(self) -> bool:
        """Whether the result is the image in a file, or in a folder."""
        return self.kind in _ARCHIVES and bool(self.destination)

    @property
    def is_layout(self) -> bool:
        """Whether the result is the image in a folder, an OCI image layout."""
        return self.is_archive and dict(self.attributes).get("tar") in go.FALSE

    @property
    def of_engine(self) -> list[dict[str, Any]]:
        """The output of the request; the engine's default, an image, is not sent.

        All files are sent as a tar; that of `cacheonly`, which dockerd 26 to 28 refuse, is dropped.
        """
        return [] if self.is_image else [{"Type": "tar", "Attrs": {}}]


def _output(text: str) -> Output:
    """`type=local,dest=FOLDER`; a path alone is a folder, `-` a tar on standard output."""
    if "=" not in text:
        return Output("tar" if text == _STDOUT else "local", text)
    pairs = [pair.partition("=") for pair in next(csv.reader([text]))]
    fields = {key.strip().lower(): value for key, _, value in pairs}
    kind = fields.get("type", "")
    if kind not in _TYPES:
        raise ValueError(f"expected type={', '.join(_TYPES[:-1])} or {_TYPES[-1]}, got {kind!r}")
    destination = fields.get("dest", "")
    is_layout = kind in _ARCHIVES and fields.get("tar") in go.FALSE
    if (kind in {"local", "oci", "tar"} or is_layout) and not destination:
        raise ValueError(f"dest is required for {kind}: type={kind},dest=PATH")
    if is_layout and destination == _STDOUT:
        raise ValueError(f"dest cannot be stdout for {kind} exporter")
    others = tuple((key, value) for key, value in fields.items() if key not in _ATTRIBUTES)
    pushes = kind == "registry" or fields.get("push") == "true"
    names = tuple(filter(None, fields.get("name", "").split(",")))
    for name in names:
        reference.parse(name)
    return Output(kind, destination, pushes=pushes, names=names, attributes=others)


OUTPUTS = FlagType(_output, many=True)


def chosen_outputs(
    outputs: Sequence[Output], *, push: bool, load: bool, has_tag: bool
) -> list[Output]:
    """Return the outputs of --output, --push and --load; by default an image.

    Raises:
        UsageError: they exclude each other, or there is no tag to push.
    """
    files = [output for output in outputs if not output.is_image]
    if (push or load) and files:
        flag = "--push" if push else "--load"
        raise UsageError(f"cannot use {flag} with --output type={files[0].kind}: choose one")
    chosen = [
        replace(output, pushes=output.pushes or (push and not output.is_archive))
        for output in (outputs or [Output()])
    ]
    if push and all(output.is_archive for output in chosen):
        chosen.append(Output("image", pushes=True))
    if any(output.pushes for output in chosen) and not has_tag:
        raise UsageError("tag is needed when pushing to registry", hint="Add -t NAME.")
    return chosen


def check_destination(output: Output, terminal: Terminal) -> None:
    """Check that an archive is not displayed.

    Raises:
        UsageError: its destination is standard output, which is a terminal or a cell.
    """
    if output.destination == _STDOUT and output.kind != "local" and terminal.stdout is None:
        message = "cannot write a tar to standard output: it is displayed"
        raise UsageError(message, hint=f"Add -o type={output.kind},dest=FILE.")


class Export:
    """The files that a build exports: received as a tar, and stored at the end.

    Args:
        output: a folder, a tar, or the cache alone, which has no files.
        terminal: takes the tar of `-`, and messages about files that are not extracted.

    Attributes:
        file: the tar.
        place: the place of the files.

    Raises:
        UsageError: standard output is a terminal or a cell.
    """

    def __init__(self, output: Output, terminal: Terminal) -> None:
        check_destination(output, terminal)
        self.place = output.place
        self._output = output
        self._terminal = terminal
        self.file: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 - `stored` closes it

    def store(self) -> None:
        """Store the files of the tar.

        Raises:
            UsageError: a file cannot be written.
        """
        self.file.seek(0)
        target = self._output.destination
        if self._output.kind == "cacheonly":
            return
        if self._output.kind == "local":
            for problem in self._unpack(target):
                self._terminal.notify(problem)
        elif target == _STDOUT and self._terminal.stdout is not None:
            shutil.copyfileobj(self.file, self._terminal.stdout)
        else:
            with replaced(target) as file:
                shutil.copyfileobj(self.file, file)

    def _unpack(self, target: str) -> list[str]:
        """Extract the files; a new folder is removed if that fails."""
        folder = Path(target).expanduser()
        is_new = not folder.exists()
        try:
            with cannot_write(target):
                folder.mkdir(parents=True, exist_ok=True)
            return unpack(self.file, str(folder), lambda name: name)
        except BaseException:
            if is_new:
                shutil.rmtree(folder, ignore_errors=True)
            raise


def stored(
    exports: Sequence[Export], place: str, send: Callable[[], Iterator[Any]]
) -> Iterator[Any]:
    """Yield a build's messages; at its end, store the files.

    Args:
        exports: the files.
        place: the path of the files, yielded as the image's ID if the messages have none.
        send: starts the build.

    Raises:
        UsageError: a file cannot be written.
    """
    failed = has_image = False
    with contextlib.ExitStack() as files:
        for export in exports:
            files.enter_context(export.file)
        for message in send():
            failed = failed or "error" in message
            aux = message.get("aux")
            has_image = has_image or (isinstance(aux, dict) and "ID" in aux)
            yield message
        if failed:
            return
        for export in exports:
            export.store()
    if not has_image:
        yield {"aux": {"ID": place}}
