"""Images as archives: save, load and import.

source: Engine API, ImageGet, ImageLoad, ImageCreate; OCI image layout specification; moby
image/tarexport.
"""

from __future__ import annotations

import contextlib
import json
import posixpath
import shutil
import tarfile
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...version import __version__
from ...wire import digest, tarstream
from ...wire import reference as names
from .. import clock
from ..errors import BadParameter, NotFound
from . import references
from .compression import decompressed
from .image import Image, Platform, host_platform, parse_platform
from .layers import TAR
from .unpack import opened, unpack

if TYPE_CHECKING:
    from ...wire.reference import Reference
    from ..engine import Engine

_INDEX = "application/vnd.oci.image.index.v1+json"
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CONFIG = "application/vnd.oci.image.config.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar"
_MOST_JSON = 8 << 20


def save(engine: Engine, texts: list[str]) -> Iterator[bytes]:
    """An archive of images, by names (with them) or IDs (without).

    Raises:
        NotFound: there is no such image.
    """
    wanted: dict[str, tuple[Image, list[Reference]]] = {}
    for text in texts:
        for image, reference in _meant(engine, text):
            _, tags = wanted.setdefault(image.id, (image, []))
            tags += [reference] if reference and reference.tag else []
            engine.images.log("save", image)
    return _archive(engine, list(wanted.values()))


def _meant(engine: Engine, text: str) -> list[tuple[Image, Reference | None]]:
    """The images that a name or an ID means; a name without a tag means all of its tags."""
    store = engine.images
    if names.is_identity(text):
        return [(store.resolve(text), None)]
    with contextlib.suppress(names.ReferenceError):
        reference = names.parse(text)
        tags = store.references.tags(reference.name)
        if reference.tag is None and reference.digest is None and tags:
            return [(store.resolve(each.familiar), each) for each in tags]
        if named := store.references.get(reference):
            return [(store.get(named), reference)]
        if reference.tag or reference.digest:
            raise NotFound("reference does not exist")
    try:
        return [(store.resolve(text), None)]
    except NotFound as fault:
        raise NotFound(f"No such image: {text}") from fault


def _archive(engine: Engine, wanted: list[tuple[Image, list[Reference]]]) -> Iterator[bytes]:
    done: set[str] = set()
    described, manifests = [], []
    for image, tags in wanted:
        layers = []
        for diff_id in image.diff_ids:
            size = yield from _layer(engine, diff_id, done)
            layers.append({"mediaType": _LAYER, "digest": diff_id, "size": size})
        config = engine.images.blobs.read(image.id)
        yield from _blob(config, done)
        manifest = _json(
            {
                "schemaVersion": 2,
                "mediaType": _MANIFEST,
                "config": {"mediaType": _CONFIG, "digest": image.id, "size": len(config)},
                "layers": layers,
            }
        )
        yield from _blob(manifest, done)
        described.append(
            {
                "Config": _path(image.id),
                "RepoTags": [each.familiar for each in tags] or None,
                "Layers": [_path(each) for each in image.diff_ids],
            }
        )
        entry = {"mediaType": _MANIFEST, "digest": digest.of(manifest), "size": len(manifest)}
        manifests += [{**entry, "annotations": _notes(tag)} for tag in tags] or [entry]
    index = {"schemaVersion": 2, "mediaType": _INDEX, "manifests": manifests}
    yield from _member("index.json", _json(index))
    yield from _member("manifest.json", _json(described))
    yield from _member("oci-layout", b'{"imageLayoutVersion":"1.0.0"}')
    yield from _member("repositories", _json(_repositories(wanted)))
    yield tarstream.END


def _json(value: Any) -> bytes:
    """As Go writes it: without spaces."""
    return json.dumps(value, separators=(",", ":")).encode()


def _notes(tag: Reference) -> dict[str, str]:
    return {
        "io.containerd.image.name": str(tag),
        "org.opencontainers.image.ref.name": tag.tag or "",
    }


def _repositories(wanted: list[tuple[Image, list[Reference]]]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for image, tags in wanted:
        for tag in tags:
            top = digest.hex_of(image.diff_ids[-1]) if image.diff_ids else ""
            found.setdefault(tag.familiar_name, {})[tag.tag or ""] = top
    return found


def _path(name: str) -> str:
    return f"blobs/sha256/{digest.hex_of(name)}"


def _info(name: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.mode = 0o644
    return info


def _member(name: str, data: bytes) -> Iterator[bytes]:
    return tarstream.member(_info(name), data)


def _blob(data: bytes, done: set[str]) -> Iterator[bytes]:
    name = digest.of(data)
    if name not in done:
        done.add(name)
        yield from _member(_path(name), data)


def _layer(engine: Engine, diff_id: str, done: set[str]) -> Generator[bytes, None, int]:
    """A layer's uncompressed archive; gives its size.

    It goes through a file, as an archive says a member's size before its content.
    """
    layer = engine.images.layers.get(diff_id)
    with tempfile.TemporaryFile(dir=engine.state.tmp) as file:
        for piece in engine.images.layers.packed(layer):
            file.write(piece)
        size = file.tell()
        if diff_id not in done:
            done.add(diff_id)
            file.seek(0)
            info = _info(_path(diff_id))
            info.size = size
            yield tarstream.header(info)
            yield from tarstream.content(file, size)
    return size


# --- load


def load(engine: Engine, body: Any, *, quiet: bool) -> Iterator[dict[str, Any]]:
    """Take the images of an archive in; gives the API's messages.

    Raises:
        BadParameter: it is no archive of images.
    """
    folder = Path(tempfile.mkdtemp(prefix="load-", dir=engine.state.tmp))
    try:
        links = _spread(body, folder)
        source = _Source(folder, links)
        for described in source.images():
            yield from _take_in(engine, source, described, quiet=quiet)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _spread(body: Any, folder: Path) -> dict[str, str]:
    """Write an archive's files into a flat folder; gives names and links' targets."""
    links: dict[str, str] = {}
    count = 0
    with opened(decompressed(body)) as archive:
        for member in archive:
            archive.members = []  # type: ignore[attr-defined]  # it remembers all of them
            name = posixpath.normpath(member.name)
            if member.issym() or member.islnk():
                base = posixpath.dirname(name) if member.issym() else ""
                links[name] = posixpath.normpath(posixpath.join(base, member.linkname))
            elif member.isfile():
                count += 1
                links[name] = f"\0{count}"
                content = archive.extractfile(member)
                with (folder / str(count)).open("wb") as file:
                    if content is not None:
                        shutil.copyfileobj(content, file, 1 << 20)
    return links


def _read_json(data: bytes) -> Any:
    """A member as JSON.

    Raises:
        BadParameter: it is none, in the words of Go's encoding/json where these are at hand.
    """
    try:
        return json.loads(data)
    except json.JSONDecodeError as error:
        if error.pos >= len(error.doc.rstrip()):
            raise BadParameter("unexpected end of JSON input") from error
        char = error.doc[error.pos]
        raise BadParameter(f"invalid character '{char}' looking for beginning of value") from error
    except ValueError as error:
        raise BadParameter(f"invalid archive: {error}") from error


class _Source:
    """The files of an archive, by name."""

    def __init__(self, folder: Path, links: dict[str, str]) -> None:
        self._folder = folder
        self._links = links

    def path(self, name: str) -> Path:
        """Where a member lies."""
        name = posixpath.normpath(name)
        for _ in range(8):
            found = self._links.get(name)
            if found is None:
                raise BadParameter(f"invalid archive: {name} is missing")
            if found.startswith("\0"):
                return self._folder / found[1:]
            name = found
        raise BadParameter(f"invalid archive: too many links at {name}")

    def has(self, name: str) -> bool:
        """Whether there is such a member."""
        return name in self._links

    def json(self, name: str) -> Any:
        """A member as JSON."""
        path = self.path(name)
        if path.stat().st_size > _MOST_JSON:
            raise BadParameter(f"invalid archive: {name} is too large")
        return _read_json(path.read_bytes())

    def images(self) -> Iterator[dict[str, Any]]:
        """Each image's Config, Layers and RepoTags, as docker's manifest.json has them."""
        if self.has("manifest.json"):
            found = self.json("manifest.json")
            if not isinstance(found, list):
                raise BadParameter("invalid archive: manifest.json is no list")
            yield from found
        elif self.has("index.json"):
            for entry in self.json("index.json").get("manifests") or []:
                yield from self._oci(entry)
        else:
            raise BadParameter("invalid archive: no manifest.json and no index.json in it")

    def _oci(self, entry: dict[str, Any]) -> Iterator[dict[str, Any]]:
        manifest = self.json(_path(digest.check(entry["digest"])))
        host = host_platform()
        if "manifests" in manifest:
            for each in manifest["manifests"]:
                about = each.get("platform") or {}
                made = Platform(about.get("os", ""), about.get("architecture", ""))
                if host.accepts(made) and self.has(_path(each["digest"])):
                    yield from self._oci({**each, "annotations": entry.get("annotations")})
            return
        notes = entry.get("annotations") or {}
        name = notes.get("io.containerd.image.name") or notes.get(
            "org.opencontainers.image.ref.name"
        )
        yield {
            "Config": _path(manifest["config"]["digest"]),
            "Layers": [_path(each["digest"]) for each in manifest["layers"]],
            "RepoTags": [name] if name else [],
        }


def _take_in(
    engine: Engine, source: _Source, described: dict[str, Any], *, quiet: bool
) -> Iterator[dict[str, Any]]:
    store = engine.images
    try:
        config = source.path(described["Config"]).read_bytes()
        paths = list(described["Layers"])
        rootfs = _read_json(config).get("rootfs")
        if rootfs is None:
            raise BadParameter("invalid image JSON, no RootFS key")
        diff_ids = rootfs["diff_ids"] or []
    except (AttributeError, KeyError, TypeError) as error:
        raise BadParameter(f"invalid archive: {error}") from error
    if len(paths) != len(diff_ids):
        raise BadParameter(
            f"invalid manifest, layers length mismatch: expected {len(paths)}, got {len(diff_ids)}"
        )
    with store.held(diff_ids):
        for path, diff_id in zip(paths, diff_ids, strict=True):
            if store.layers.has(digest.check(diff_id)):
                continue
            at = source.path(path)
            size = at.stat().st_size
            if not quiet:
                yield _loading(diff_id, 0, size)
            _add_layer(engine, at, diff_id)
            if not quiet:
                yield _loading(diff_id, size, size)
        image = store.add(config)
    tags = described.get("RepoTags") or []
    for tag in tags:
        yield from _tag(engine, image, references.read(tag).tagged)
    if not tags:
        yield {"stream": f"Loaded image ID: {image.id}\n"}
    store.log("load", image)


def _tag(engine: Engine, image: Image, reference: Reference) -> Iterator[dict[str, Any]]:
    before = engine.images.references.get(reference)
    if before is not None and before != image.id:
        words = f"The image {reference.familiar} already exists, renaming the old one with ID"
        yield {"stream": f"{words} {before} to empty string\n"}
    engine.images.tag(image, reference, event=False)
    yield {"stream": f"Loaded image: {reference.familiar}\n"}


def _loading(diff_id: str, current: int, total: int) -> dict[str, Any]:
    return {
        "status": "Loading layer",
        "progressDetail": {"current": current, "total": total},
        "id": digest.hex_of(diff_id)[:12],
    }


def _add_layer(engine: Engine, path: Path, diff_id: str) -> None:
    with path.open("rb") as file, engine.images.blobs.writer() as writer:
        shutil.copyfileobj(file, writer, 1 << 20)
        blob = writer.commit()
    try:
        engine.images.layers.add(blob, TAR, diff_id)
    except digest.DigestError as error:
        engine.images.blobs.remove(blob)
        raise BadParameter(f"invalid diffID for layer: {error}") from error
    except BaseException:
        engine.images.blobs.remove(blob)
        raise


# --- import


def import_(engine: Engine, body: Any, *, message: str, changes: list[str], platform: str) -> Image:
    """An image of one layer, made of an archive of files.

    Raises:
        BadParameter: it is no archive.
    """
    made_for = parse_platform(platform) if platform else host_platform()
    if made_for.os != "linux":
        raise BadParameter("operating system is not supported")
    store = engine.images
    with store.layers.draft() as draft:
        unpack(decompressed(body), draft.files)
        layer = store.layers.keep(draft)
    config: dict[str, Any] = {}
    engine.builder.apply(config, changes)
    now = clock.stamp()
    return store.add(
        {
            "architecture": made_for.architecture,
            "os": made_for.os,
            "created": now,
            "comment": message,
            "config": config,
            "docker_version": __version__,
            "history": [{"created": now, "comment": message}],
            "rootfs": {"type": "layers", "diff_ids": [layer.diff_id]},
        }
    )
