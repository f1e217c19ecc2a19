"""The API's requests about the files of containers."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from unit.embedded import fakes
from unit.embedded.containers.support import Client

from docker_magics.embedded.api.messages import Empty, Stream
from docker_magics.embedded.containers.archive import Archiver
from docker_magics.embedded.containers.archive_routes import ArchiveRoutes
from docker_magics.embedded.containers.events import ContainerEvents
from docker_magics.embedded.errors import ApiError, NotFound
from docker_magics.embedded.storage.rootfs import Rootfs

PATH = "/containers/web/archive"


class Api:
    """The routes with one container, with a folder as its root."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        (self.root / "srv").mkdir(parents=True)
        (self.root / "srv/f").write_text("hello")
        self.events = fakes.FakeEvents()
        store: Any = fakes.FakeContainers(fakes.container(folder))
        archiver = Archiver(self)
        routes = ArchiveRoutes(store, ContainerEvents(self.events), archiver)
        self.client = Client(routes.table())

    @contextlib.contextmanager
    def _open(self, _container: Any) -> Iterator[Rootfs]:
        with Rootfs(self.root) as root:
            yield root

    open = open_rootfs = _open


@pytest.fixture
def api(tmp_path: Path) -> Api:
    return Api(tmp_path)


def names(response: Any) -> list[str]:
    assert isinstance(response, Stream)
    with tarfile.open(fileobj=io.BytesIO(b"".join(response.pieces))) as opened:
        return opened.getnames()


def described(response: Any) -> Any:
    return json.loads(base64.b64decode(response.headers["X-Docker-Container-Path-Stat"]))


def test_head_and_get(api: Api) -> None:
    head = api.client("HEAD", PATH, path="/srv/f")
    assert isinstance(head, Empty)
    assert head.status == 200
    assert described(head)["size"] == 5
    assert api.events.events == []
    got = api.client("GET", PATH, path="srv")
    assert described(got)["name"] == "srv"
    assert names(got) == ["srv", "srv/f"]
    assert api.events.actions("container") == ["archive-path"]


def test_put(api: Api) -> None:
    packed = api.client("GET", PATH, path="/srv/f")
    assert isinstance(packed, Stream)
    data = b"".join(packed.pieces)
    (api.root / "new").mkdir()
    assert api.client("PUT", PATH, data, path="/new") == Empty(200)
    assert (api.root / "new/f").read_text() == "hello"
    assert api.events.actions("container") == ["archive-path", "extract-to-dir"]
    (api.root / "new/f").unlink()
    (api.root / "new/f").mkdir()
    with pytest.raises(ApiError, match=r"^cannot overwrite directory"):
        api.client("PUT", PATH, data, path="/new", noOverwriteDirNonDir="1")
    assert api.client("PUT", PATH, data, path="/new") == Empty(200)
    assert (api.root / "new/f").is_file()


def test_export(api: Api) -> None:
    response = api.client("GET", "/containers/web/export")
    assert names(response) == ["srv", "srv/f"]
    assert api.events.actions("container") == ["export"]


@pytest.mark.parametrize("method", ["HEAD", "GET", "PUT"])
def test_paths_and_containers_that_do_not_exist(api: Api, method: str) -> None:
    with pytest.raises(NotFound, match="Could not find the file /nope in container web"):
        api.client(method, PATH, b"x", path="/nope")
    with pytest.raises(NotFound, match="No such container: nope"):
        api.client(method, "/containers/nope/archive", b"x", path="/")
    assert api.events.events == []
