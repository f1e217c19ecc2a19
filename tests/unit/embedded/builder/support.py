"""Builds without an engine: a real image store, the copy storage driver and fake containers."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import socket
import tarfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from unit.embedded.fakes import container
from unit.embedded.images.support import Store

from docker_magics.embedded.api.messages import Request
from docker_magics.embedded.builder.messages import Message
from docker_magics.embedded.builder.parts import BuildParts
from docker_magics.embedded.builder.service import Builder
from docker_magics.embedded.containers.events import ContainerEvents
from docker_magics.embedded.dockerfile.run_config import RunConfig
from docker_magics.embedded.errors import NotFound
from docker_magics.embedded.images.image import Image
from docker_magics.embedded.images.store import ImageStore
from docker_magics.embedded.records.container import Container
from docker_magics.embedded.storage.base_layers import BaseLayers
from docker_magics.embedded.storage.copy import CopyDriver
from docker_magics.embedded.storage.rootfs import Rootfs
from docker_magics.wire import frames
from docker_magics.wire.reference import Reference

#: A step's program: takes its root folder, returns its output and exit code.
Program = Callable[[Path], tuple[list[tuple[frames.Stream, bytes]], int]]


class FakeSupervisor:
    """Opens the files that the copy driver has prepared."""

    @contextlib.contextmanager
    def files(self, _folder: Path, spec: Any) -> Iterator[Rootfs]:
        with Rootfs(spec["rootfs"]["merged"]) as root:
            yield root


class FakeContainers:
    """Creates, starts and removes the containers of steps.

    Attributes:
        requests: their creation requests.
        mounts: the additional mounts of each container.
        containers: the containers that have not been removed.
        program: runs at a start.
        warnings: the warnings for the next container.
    """

    def __init__(self, folder: Path, images: ImageStore, storage: CopyDriver) -> None:
        self._folder = folder
        self._images = images
        self._storage = storage
        self._base_layers = BaseLayers(folder, single_id=False)
        self.requests: list[Mapping[str, Any]] = []
        self.mounts: list[Any] = []
        self.containers: list[Container] = []
        self.program: Program = lambda _root: ([], 0)
        self.warnings: list[str] = []

    def create(
        self, request: Mapping[str, Any], *, build_mounts: Any
    ) -> tuple[Container, list[str]]:
        self.requests.append(request)
        self.mounts.append(build_mounts)
        image = self._images.get(request["Image"]) if request["Image"] else None
        layers = self._base_layers.complete(image.layers if image else ())
        config = {key: value for key, value in request.items() if key != "HostConfig"}
        name = f"step{len(self.requests)}"
        made = container(self._folder, name, config=config, Layers=layers, OfBuild=True)
        made.layer.create()
        self.containers.append(made)
        return made, self.warnings

    def start(self, made: Container) -> None:
        root = Path(self._storage.prepare(made.layer)["merged"])
        output, made.state["ExitCode"] = self.program(root)
        for attachment in made.attachments:
            attachment.begin(FakeProcess(output))  # type: ignore[arg-type]

    def remove(self, made: Container, *, force: bool, volumes: bool) -> None:
        assert (force, volumes) == (True, True)
        self.containers.remove(made)
        shutil.rmtree(made.folder)


class FakeProcess:
    """A process that has written its output and exited."""

    def __init__(self, output: list[tuple[frames.Stream, bytes]]) -> None:
        self._output = output

    def attach(self, *, stdin: bool) -> socket.socket:
        assert not stdin
        ours, theirs = socket.socketpair()
        with theirs:
            for stream, data in self._output:
                theirs.sendall(frames.encode(stream, data))
        return ours


class Bench:
    """A builder with its dependencies.

    Attributes:
        pulled: the references that were pulled; those in `registry` can be.
    """

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder)
        self.folder = folder
        self.caches = folder / "caches"
        self.caches.mkdir()
        copies = [folder / name for name in ("recycled", "copies", "owners")]
        for path in copies:
            path.mkdir()
        storage = CopyDriver(*copies)
        self.containers = FakeContainers(folder / "containers", self.store.images, storage)
        self.registry: dict[str, Callable[[], Any]] = {}
        self.pulled: list[str] = []
        fake: Any = self.containers
        supervisor: Any = FakeSupervisor()
        parts = BuildParts(
            images=self.store.images,
            pull=self._pull,
            creator=fake,
            lifecycle=fake,
            removal=fake,
            events=ContainerEvents(self.store.events),
            storage=storage,
            base_layers=BaseLayers(folder, single_id=False),
            supervisor=supervisor,
            tmp=self.store.tmp,
            caches=self.caches,
        )
        self.builder = Builder(parts, self.store.events)

    def _pull(self, reference: Reference, *_: Any) -> Iterator[Message | None]:
        self.pulled.append(reference.familiar)
        yield {"status": f"Pulling {reference.familiar}"}
        yield None
        if reference.familiar not in self.registry:
            raise NotFound(f"no such image {reference.familiar}")
        self.registry[reference.familiar]()

    def build(
        self, dockerfile: str, files: Mapping[str, str] | None = None, **query: Any
    ) -> list[Message]:
        """Build; return the messages.

        Args:
            dockerfile: its text.
            files: the context's other files.
            query: parameters of the request; what is not text is sent as JSON.
        """
        body = context({"Dockerfile": dockerfile, **(files or {})})
        return [message for message in self.builder.build(request(body, **query)) if message]

    def image(self, messages: list[Message]) -> Image:
        """Build; return the image."""
        return self.store.images.get(next(m["aux"]["ID"] for m in messages if "aux" in m))


def request(body: bytes, headers: Mapping[str, str] | None = None, **query: Any) -> Request:
    """Return a request for a build; parameters that are not texts or lists of texts are JSON."""
    values = {}
    for key, value in query.items():
        if isinstance(value, list):
            values[key] = value
        else:
            values[key] = [value if isinstance(value, str) else json.dumps(value)]
    stream: Any = io.BytesIO(body)
    peer: Any = None
    return Request("POST", "/build", values, headers or {}, stream, peer)


def context(files: Mapping[str, str | bytes], links: Mapping[str, str] | None = None) -> bytes:
    """Return an archive of files and symbolic links, path -> content."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), 0o644
            archive.addfile(info, io.BytesIO(data))
        for name, target in (links or {}).items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            archive.addfile(info)
    return buffer.getvalue()


def text(messages: list[Message]) -> str:
    """Return the output of a build."""
    return "".join(message.get("stream", "") for message in messages)


def history(image: Image) -> list[str]:
    """Return the steps of an image."""
    return [entry.get("created_by", "") for entry in image.config.get("history") or []]


def config_of(image: Image) -> RunConfig:
    """Return an image's config without empty fields, PATH and the ID of its parent."""
    config: Any = {key: value for key, value in image.run_config.items() if value}
    config.pop("Image", None)
    config["Env"] = [pair for pair in config["Env"] if not pair.startswith("PATH=")]
    return config  # type: ignore[no-any-return]
