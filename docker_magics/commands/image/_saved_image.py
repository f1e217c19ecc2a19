"""The steps of a saved image, and the files in the layer of each.

source: docker save's manifest.json; OCI image spec, config.md and layer.md.
"""

from __future__ import annotations

import json
import posixpath
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

#: An upper bound of the size of manifests and image configs, in bytes.
_MAX_JSON = 4 * 1024 * 1024
#: The first bytes of gzip and zstd: Docker 29's layers, which may be smaller than a tar's block.
_COMPRESSED = {b"\x1f", b"\x28"}

#: A path in a layer, and the file's size; None for other entries. A folder's path ends with `/`.
Entry = tuple[str, int | None]


@dataclass(frozen=True)
class Step:
    """A step of an image's history.

    Attributes:
        created_by: the history's text, "" if the image has no history of this layer.
        layer: the layer's diff ID, "" if the step made none.
        entries: what the layer holds, whiteouts included.
    """

    created_by: str
    layer: str
    entries: Sequence[Entry]


def read_steps(archive: Any) -> list[Step]:
    """Return the steps of an image, from the base up.

    Args:
        archive: a readable stream of `docker save` of one image.

    Raises:
        ValueError: the archive is not an image, or the layers' compression is unknown.
    """
    contents = _Archive()
    try:
        with tarfile.open(fileobj=archive, mode="r|") as outer:
            for member in outer:
                contents.add(member, outer)
    except tarfile.TarError as error:
        raise ValueError(f"cannot read the image archive: {error}") from error
    return contents.steps()


def instruction(created_by: str) -> str:
    """Return the Dockerfile instruction of a step, without the builders' shell prefix."""
    text = created_by.removesuffix(" # buildkit").strip()
    classic = text.removeprefix("/bin/sh -c ")
    if classic.startswith("#(nop)"):
        return classic.removeprefix("#(nop)").strip()
    if classic != text:
        return f"RUN {classic}"
    return text.replace("RUN /bin/sh -c ", "RUN ", 1) or "(imported)"


@dataclass
class _Archive:
    """The relevant members of an archive, collected until its end, as their order is undefined."""

    layers: dict[str, list[Entry]] = field(default_factory=dict)
    texts: dict[str, Any] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)

    def add(self, member: tarfile.TarInfo, outer: tarfile.TarFile) -> None:
        if member.issym():  # docker 20.10 writes duplicate layers as links
            folder = posixpath.dirname(member.name)
            self.links[member.name] = posixpath.normpath(posixpath.join(folder, member.linkname))
        content = outer.extractfile(member) if member.isreg() else None
        if content is None:
            return
        first = content.peek(1)[:1]  # type: ignore[attr-defined]  # a BufferedReader
        if first in {b"{", b"["} and member.size <= _MAX_JSON:
            self.texts[member.name] = json.loads(content.read())
        elif member.size >= tarfile.BLOCKSIZE or first in _COMPRESSED:
            self.layers[member.name] = list(_entries(content))

    def steps(self) -> list[Step]:
        try:
            manifest = self.texts["manifest.json"][0]
            config = self.texts[manifest["Config"]]
            names = [self.links.get(name, name) for name in manifest["Layers"]]
            layers = iter(
                [
                    (identity, self.layers[name])
                    for identity, name in zip(config["rootfs"]["diff_ids"], names, strict=True)
                ]
            )
            history = config.get("history") or []
        except (LookupError, TypeError) as error:
            raise ValueError(f"cannot find {error} in the image archive") from error
        steps = []
        for step in history:
            none: tuple[str, list[Entry]] = ("", [])
            identity, entries = none if step.get("empty_layer") else next(layers, none)
            steps.append(Step(step.get("created_by", ""), identity, entries))
        return steps + [Step("", identity, entries) for identity, entries in layers]


def _entries(layer: IO[bytes]) -> Iterator[Entry]:
    with tarfile.open(fileobj=layer, mode="r|*") as files:
        for member in files:
            path = posixpath.normpath(f"/{member.name}")
            folder = "/" if member.isdir() and path != "/" else ""
            yield path + folder, member.size if member.isreg() else None
