"""Login, distribution, search, downloads, and their API routes."""

from __future__ import annotations

import base64
import gzip
import io
import itertools
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from unit.embedded.images.support import Store, tar
from unit.embedded.registry.support import BASIC, PASSWORD, USER, FakeRegistry
from unit.embedded.slow_server import HEAD, SlowServer

from docker_magics.embedded.api.messages import Json, Request
from docker_magics.embedded.api.router import Router
from docker_magics.embedded.dockerfile.run_config import RunConfig
from docker_magics.embedded.errors import ApiError, BadParameter, NotFound, Unauthorized
from docker_magics.embedded.images.importer import ImageImporter
from docker_magics.embedded.registry import search as searching
from docker_magics.embedded.registry import web
from docker_magics.embedded.registry.cancellation import Cancellation
from docker_magics.embedded.registry.credentials import Credentials
from docker_magics.embedded.registry.routes import RegistryRoutes
from docker_magics.embedded.registry.search import search
from docker_magics.embedded.registry.service import Registries
from docker_magics.embedded.registry.web import download
from docker_magics.wire import digest, media_types
from docker_magics.wire.reference import parse

RESULTS: list[dict[str, Any]] = [
    {"name": "busybox", "star_count": 30, "is_official": True, "is_automated": False},
    {"name": "me/busybox", "star_count": 2, "is_official": False, "is_automated": True},
    {"name": "bare"},
]


# --- login and distribution


def test_login(registries: Registries, registry: FakeRegistry) -> None:
    registry.auth = "basic"
    for server in (registry.address, f"http://{registry.address}/v1/"):
        credentials = Credentials(USER, PASSWORD, server=server)
        answer = registries.log_in(credentials)
        assert answer == {"Status": "Login Succeeded", "IdentityToken": ""}
    with pytest.raises(Unauthorized) as caught:
        registries.log_in(Credentials(USER, "wrong", server=registry.address))
    assert str(caught.value) == (
        f'Get "http://{registry.address}/v2/": unauthorized: incorrect username or password'
    )


def test_distribution_of_an_image(registries: Registries, registry: FakeRegistry) -> None:
    registry.add_image("a", "1", [], [], variant="v8", architecture="arm64")
    reference = parse(f"{registry.address}/a:1")
    kind, data = registry.manifests["a", "1"]
    assert registries.inspect(reference, Credentials()) == {
        "Descriptor": {"mediaType": kind, "digest": digest.of(data), "size": len(data)},
        "Platforms": [{"architecture": "arm64", "os": "linux", "variant": "v8"}],
    }
    platform = {"os": "linux", "architecture": "s390x"}
    entries = [{"digest": digest.of(data), "platform": platform}, {"digest": digest.of(b"")}]
    registry.add_manifest(
        "a", "1", {"schemaVersion": 2, "manifests": entries}, media_types.OCI_INDEX
    )
    answer = registries.inspect(reference, Credentials())
    assert answer["Platforms"] == [platform, {}]
    assert answer["Descriptor"]["mediaType"] == media_types.OCI_INDEX
    with pytest.raises(NotFound):
        registries.inspect(parse(f"{registry.address}/none:1"), Credentials())


@pytest.mark.parametrize("data", [b"{", b"[]", b"7"])
def test_an_invalid_image_config(
    registries: Registries, registry: FakeRegistry, data: bytes
) -> None:
    config = {"digest": registry.add_blob(data)}
    registry.add_manifest("a", "1", {"schemaVersion": 2, "config": config, "layers": []})
    with pytest.raises(ApiError, match="invalid image configuration"):
        registries.inspect(parse(f"{registry.address}/a:1"), Credentials())


# --- search


def search_names(registry: FakeRegistry, **filters: str) -> list[str]:
    """Search the registry; return the names of the results."""
    given = {key.replace("_", "-"): [value] for key, value in filters.items()}
    results = search(f"{registry.address}/busybox", 25, given, Credentials(USER, PASSWORD))
    return [result["name"] for result in results]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["busybox", "me/busybox", "bare"]),
        ({"is_official": "true"}, ["busybox"]),
        ({"is_official": "false"}, ["me/busybox", "bare"]),
        ({"is_automated": "1"}, ["me/busybox"]),
        ({"stars": "3"}, ["busybox"]),
        ({"stars": "2", "is_official": "0"}, ["me/busybox"]),
    ],
)
def test_a_search_and_its_filters(
    registry: FakeRegistry, filters: dict[str, str], expected: list[str]
) -> None:
    registry.answers["/v1/search"] = (200, json.dumps({"results": RESULTS}).encode())
    assert search_names(registry, **filters) == expected
    assert registry.requests[-1][1] == "/v1/search?q=busybox&n=25"
    assert registry.requests[-1][2]["Authorization"] == BASIC


@pytest.mark.parametrize(
    ("limit", "filters", "message"),
    [
        (0, {}, "Limit 0 is outside the range of"),
        (101, {}, "Limit 101 is outside the range of"),
        (1, {"nonsense": ["1"]}, "Invalid filter 'nonsense'"),
        (1, {"stars": ["x"]}, "Invalid filter 'stars=x'"),
        (1, {"is-official": ["x"]}, "Invalid filter 'is-official="),
    ],
)
def test_invalid_searches(limit: int, filters: dict[str, list[str]], message: str) -> None:
    with pytest.raises(BadParameter, match=message):
        search("busybox", limit, filters, Credentials())


def test_a_search_index_with_invalid_responses(registry: FakeRegistry) -> None:
    for body in (b"{", b"{}", b"[]", b'{"results": [7]}', b'{"results": 7}'):
        registry.answers["/v1/search"] = (200, body)
        with pytest.raises(ApiError, match=r"unexpected answer of .* to a search"):
            search_names(registry, is_official="true")
    registry.answers["/v1/search"] = (500, b"")
    with pytest.raises(ApiError, match="Unexpected status code 500"):
        search_names(registry)


def test_an_unreachable_search_index(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        ApiError, match=r'invalid registry endpoint "http://127.0.0.1:1/v1/". HTTPS'
    ):
        search("127.0.0.1:1/x", 1, {}, Credentials())
    monkeypatch.setattr(searching, "is_loopback", lambda _host: False)
    with pytest.raises(ApiError, match=r"invalid registry endpoint https://127.0.0.1:1/v1/: Get"):
        search("127.0.0.1:1/x", 1, {}, Credentials())


# --- downloads


def downloaded(url: str, tmp: Path, prefix: str = "") -> bytes:
    """Return the content of a URL, and leave no file."""
    with download(url, tmp, Cancellation(), prefix) as result:
        with result.open() as first, result.open() as second:
            data = first.read()
            assert second.read() == data
        assert result.size == len(data)
        assert result.digest == digest.of(data)
    assert list(tmp.iterdir()) == []
    return data


def test_download_of_a_file(registry: FakeRegistry, tmp_path: Path) -> None:
    url = f"http://{registry.address}/f"
    registry.answers["/f"] = (200, b"data")
    assert downloaded(url, tmp_path) == b"data"
    registry.answers["/f"] = (404, b"gone " + b"x" * 10_000)
    with pytest.raises(ApiError) as caught:
        downloaded(url, tmp_path, "ADD failed: ")
    assert str(caught.value).startswith(
        f"ADD failed: failed to GET {url} with status 404 Not Found: gone xxx"
    )
    assert len(str(caught.value)) < 4300
    with pytest.raises(ApiError, match=r"^Get .*connection refused$"):
        downloaded("http://127.0.0.1:1/f", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_downloads_are_bounded_and_not_decompressed(
    registry: FakeRegistry, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    packed = gzip.compress(b"x" * 1_000_000)
    registry.answers["/f"] = (200, packed)
    registry.encodings["/f"] = "gzip"
    url = f"http://{registry.address}/f"
    monkeypatch.setattr(web, "_MAX_DOWNLOAD", len(packed))
    assert downloaded(url, tmp_path) == packed
    monkeypatch.setattr(web, "_MAX_DOWNLOAD", len(packed) - 1)
    with pytest.raises(ApiError) as caught:
        downloaded(url, tmp_path, "ADD failed: ")
    limit = len(packed) - 1
    assert str(caught.value) == f"ADD failed: cannot download {url}: more than {limit} bytes"


def test_a_download_needs_no_memory(registry: FakeRegistry, tmp_path: Path) -> None:
    registry.answers["/f"] = (200, bytes(50 << 20))
    tracemalloc.start()
    try:
        with download(f"http://{registry.address}/f", tmp_path, Cancellation()) as result:
            assert result.size == 50 << 20
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20 << 20


# --- routes


class Left:
    """A client that has left."""

    def is_disconnected(self) -> bool:
        return True


class Api:
    """Answers requests like the engine; streams are lists of JSON lines."""

    def __init__(self, registries: Registries, store: Store) -> None:
        self.changes: list[str] = []
        importer = ImageImporter(store.images, self._apply)
        self._router = Router(
            [RegistryRoutes(registries, store.images, importer, store.folder).table()]
        )

    def _apply(self, _config: RunConfig, changes: list[str]) -> None:
        self.changes = changes

    def __call__(self, method: str, path: str, body: bytes = b"", **query: str) -> Any:
        response = self.respond(method, path, body, **query)
        if isinstance(response, Json):
            return response.value
        return [json.loads(piece) for piece in response.pieces if piece]

    def respond(self, method: str, path: str, body: bytes = b"", **query: str) -> Any:
        """Return the response to a client that leaves at once."""
        credentials = json.dumps({"username": USER, "password": PASSWORD}).encode()
        headers = {"x-registry-auth": base64.urlsafe_b64encode(credentials).decode()}
        values = {key: [value] for key, value in query.items()}
        stream: Any = io.BytesIO(body)
        return self._router.answer(Request(method, path, values, headers, stream, Left()))


@pytest.fixture
def api(registries: Registries, store: Store, registry: FakeRegistry) -> Api:
    """The registry routes, for a registry that requires credentials."""
    registry.auth = "basic"
    return Api(registries, store)


def test_create_pulls(api: Api, registry: FakeRegistry, store: Store) -> None:
    image_id = registry.add_image("a", "1", [], [])
    name = f"{registry.address}/a"
    (*_, last) = api("POST", "/images/create", fromImage=name, tag="1")
    assert last == {"status": f"Status: Downloaded newer image for {name}:1"}
    manifest = digest.of(registry.manifests["a", "1"][1])
    (*_, last) = api("POST", "/images/create", fromImage=name, tag=manifest)
    assert last == {"status": f"Status: Image is up to date for {name}@{manifest}"}
    (*_, last) = api("POST", "/images/create", fromImage=f"{name}:other", tag="1")
    assert last == {"status": f"Status: Image is up to date for {name}:1"}
    (*_, last) = api("POST", "/images/create", fromImage=f"{name}:")
    assert "Image is up to date" in last["status"]
    assert store.images.resolve(f"{name}:1").id == image_id
    with pytest.raises(BadParameter, match="cannot parse platform"):
        api("POST", "/images/create", fromImage=name, platform="a/b/c/d")


def test_create_imports(api: Api, registry: FakeRegistry, store: Store) -> None:
    body = tar(f="text")
    query = {"fromSrc": "-", "repo": "imported", "tag": "1", "changes": "CMD x"}
    (answer,) = api("POST", "/images/create", body, **query)
    image = store.images.resolve("imported:1")
    assert answer == {"status": image.id}
    assert (image.config["comment"], api.changes) == ("Imported from -", ["CMD x"])
    assert store.events.actions("image") == ["tag", "import"]
    registry.answers["/f.tar"] = (200, body)
    source = f"{registry.address}/f.tar"
    first, second = api("POST", "/images/create", fromSrc=source, message="why")
    assert first == {"status": f"Downloading from http://{source}"}
    assert store.images.get(second["status"]).config["comment"] == "why"


def test_an_import_ends_with_its_client(api: Api, slow_server: SlowServer, store: Store) -> None:
    slow_server.pieces = itertools.chain([HEAD], itertools.repeat(b""))
    response = api.respond("POST", "/images/create", fromSrc=slow_server.address)
    pieces = iter(response.pieces)
    assert next(pieces) == b""
    pieces.close()
    assert slow_server.left.wait(10)
    assert list(store.tmp.iterdir()) == []
    assert store.images.all() == []


def test_create_without_a_source(api: Api) -> None:
    with pytest.raises(BadParameter, match="neither fromImage nor fromSrc was given"):
        api("POST", "/images/create")
    with pytest.raises(BadParameter, match="cannot import digest reference"):
        api("POST", "/images/create", fromSrc="-", repo=f"a@{digest.of(b'')}")


def test_push_inspect_and_search(api: Api, registry: FakeRegistry, store: Store) -> None:
    store.image(f"{registry.address}/a:1", diff_ids=[])
    answers = api("POST", f"/images/{registry.address}/a/push", tag="1")
    assert answers[-1]["aux"]["Tag"] == "1"
    answer = api("GET", f"/distribution/{registry.address}/a:1/json")
    assert answer["Descriptor"]["digest"] == answers[-1]["aux"]["Digest"]
    registry.answers["/v1/search"] = (200, json.dumps({"results": RESULTS}).encode())
    term = f"{registry.address}/busybox"
    assert api("GET", "/images/search", term=term, limit="3") == RESULTS
    assert registry.requests[-1][1].endswith("n=3")


def test_a_failed_push_reports_the_error_at_the_end(api: Api, registry: FakeRegistry) -> None:
    first, last = api("POST", f"/images/{registry.address}/a/push", tag="1")
    assert first["status"].startswith("The push refers to repository")
    assert last["error"].startswith("An image does not exist locally with the tag")
