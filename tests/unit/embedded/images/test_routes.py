"""The API's images, without a server."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from unit.embedded.images.support import Store, load_json, members, tar

from docker_magics.embedded.api.messages import Json, Request, Stream
from docker_magics.embedded.api.router import Router
from docker_magics.embedded.errors import ApiError, BadParameter, NotFound
from docker_magics.embedded.images.loader import ImageLoader
from docker_magics.embedded.images.removal import ImageRemoval
from docker_magics.embedded.images.routes import ImageRoutes
from docker_magics.embedded.images.saver import ImageSaver


class Api:
    """Answers requests like the engine."""

    def __init__(self, store: Store) -> None:
        images = store.images
        removal = ImageRemoval(images, store.containers, store.events)
        saver, loader = ImageSaver(images, store.tmp), ImageLoader(images, store.tmp)
        self._router = Router([ImageRoutes(images, removal, saver, loader).table()])

    def __call__(self, method: str, path: str, body: bytes = b"", **query: str | list[str]) -> Any:
        """Return an answer: JSON as it is, a stream as its bytes, else the status."""
        values = {
            key.replace("_", "-"): [value] if isinstance(value, str) else value
            for key, value in query.items()
        }
        stream: Any = io.BytesIO(body)
        peer: Any = None
        response = self._router.answer(Request(method, path, values, {}, stream, peer))
        if isinstance(response, Json):
            return response.value
        if isinstance(response, Stream):
            return b"".join(response.pieces)
        return response.status


@pytest.fixture
def api(store: Store) -> Api:
    """The image routes of the store."""
    return Api(store)


def test_list_and_shared_sizes(api: Api, store: Store) -> None:
    layer = store.layer(a="12345")
    base = store.image("a", diff_ids=[layer])
    child = store.image("b", parent=base.id, diff_ids=[layer], author="x")
    store.image(parent=child.id, author="intermediate", diff_ids=[])
    listed = api("GET", "/images/json", shared_size="1", filters='{"reference": ["a*"]}')
    assert [(image["Id"], image["SharedSize"]) for image in listed] == [(base.id, 5)]
    assert len(api("GET", "/images/json")) == 3
    counts = {image["Containers"] for image in api("GET", "/images/json", manifests="1")}
    assert counts == {0}, "docker images shows which images are in use"
    assert {image["Containers"] for image in api("GET", "/images/json")} == {0}
    assert {image["Containers"] for image in api("GET", "/v1.50/images/json")} == {-1}
    old = api("GET", "/v1.42/images/json", filters='{"dangling": ["true"]}')
    assert [image["RepoTags"] for image in old] == [["<none>:<none>"]]


def test_the_manifest_of_an_image_is_the_one_that_is_saved(api: Api, store: Store) -> None:
    image = store.image("a", diff_ids=[store.layer(a="12345")])
    (listed,) = api("GET", "/images/json", manifests="1")
    (summary,) = listed["Manifests"]
    saved = members(api("GET", "/images/a/get"))
    (descriptor,) = json.loads(saved["index.json"])["manifests"]
    del descriptor["annotations"]
    assert (summary["ID"], summary["Descriptor"]) == (descriptor["digest"], descriptor)
    content = sum(len(saved[name]) for name in saved if name.startswith("blobs/sha256/"))
    assert summary["Size"] == {"Content": content, "Total": 5}
    assert summary["ImageData"] == {
        "Platform": {"architecture": image.platform.architecture, "os": "linux"},
        "Containers": [],
        "Size": {"Unpacked": 5},
    }
    assert "Manifests" not in api("GET", "/v1.46/images/json", manifests="1")[0]


def test_an_image_with_a_layer_of_an_older_engine_has_no_manifest(api: Api, store: Store) -> None:
    layer = store.layer(a="12345")
    store.image("a", diff_ids=[layer])
    record = store.images.layers.get(layer).files.with_name("layer.json")
    record.write_text('{"size": 5, "blobs": []}')
    assert api("GET", "/images/json", manifests="1")[0]["Manifests"] == []


def test_inspect_and_history(api: Api, store: Store) -> None:
    image = store.image("me/a:1", config={"Labels": {"b": "1", "a": "2"}})
    answer = api("GET", "/images/me/a:1/json")
    assert (answer["Id"], list(answer["Config"]["Labels"])) == (image.id, ["a", "b"])
    assert api("GET", "/images/me/a:1/history") == []
    with pytest.raises(NotFound, match=r"^No such image: x:latest$"):
        api("GET", "/images/x/json")
    with pytest.raises(BadParameter, match=r"^invalid reference format"):
        api("GET", "/images/X/json")


def test_tag(api: Api, store: Store) -> None:
    image = store.image("a")
    assert api("POST", "/images/a/tag", repo="host:5000/b", tag="1") == 201
    assert store.images.resolve("host:5000/b:1").id == image.id
    with pytest.raises(BadParameter, match="refusing to create a tag with a digest reference"):
        api("POST", "/images/a/tag", repo=f"b@{image.id}")
    with pytest.raises(NotFound):
        api("POST", "/images/none/tag", repo="b")


def test_delete_and_prune(api: Api, store: Store) -> None:
    image = store.image("a:1", "b:1")
    lone = store.image(author="lone")
    assert api("DELETE", "/images/b:1") == [{"Untagged": "b:1"}]
    records = api("DELETE", f"/images/{image.id}", force="1", noprune="1")
    assert {"Deleted": image.id} in records
    assert {"Deleted": lone.id} in api("POST", "/images/prune")["ImagesDeleted"]


def test_save_and_load(api: Api, store: Store) -> None:
    image = store.image("a", "b")
    single = api("GET", "/images/a/get")
    several = api("GET", "/images/get", names="a,b")
    assert load_json(members(single), "manifest.json")[0]["RepoTags"] == ["a:latest"]
    assert load_json(members(several), "manifest.json")[0]["RepoTags"] == ["a:latest", "b:latest"]
    api("DELETE", f"/images/{image.id}", force="1")
    lines = api("POST", "/images/load", several, quiet="1").splitlines()
    assert [json.loads(line) for line in lines] == [
        {"stream": "Loaded image: a:latest\n"},
        {"stream": "Loaded image: b:latest\n"},
    ]
    assert store.images.resolve("b").id == image.id


def test_a_failed_load_reports_the_error_at_the_end(api: Api) -> None:
    (line,) = api("POST", "/images/load", tar(f="x")).splitlines()
    message = "invalid archive: no manifest.json and no index.json in it"
    assert json.loads(line) == {"errorDetail": {"message": message}, "error": message}


def oci(platform: str) -> str:
    """Return a platform as the API's JSON."""
    names = ("os", "architecture", "variant")
    return json.dumps(dict(zip(names, platform.split("/"), strict=False)))


def test_a_platform_that_an_image_is_not_built_for(api: Api, store: Store) -> None:
    store.image("a", architecture="arm64", variant="v8")
    wanted, other = oci("linux/arm64"), oci("linux/s390x")
    assert api("GET", "/images/a/history", platform=wanted) == []
    assert api("GET", "/images/a/json", platform=wanted)["Variant"] == "v8"
    for path in ("/images/a/history", "/images/a/json"):
        with pytest.raises(NotFound, match="does not match the specified platform"):
            api("GET", path, platform=other)
    assert api("GET", "/v1.47/images/a/history", platform=other) == []
    assert api("GET", "/v1.48/images/a/json", platform=other)["Variant"] == "v8"
    with pytest.raises(BadParameter, match="manifests and platform options cannot both be set"):
        api("GET", "/images/a/json", platform=wanted, manifests="1")


def test_save_and_load_for_a_platform(api: Api, store: Store) -> None:
    image = store.image("a", architecture="arm64")
    saved = api("GET", "/images/a/get", platform=oci("linux/arm64"))
    with pytest.raises(ApiError, match=r"^no suitable export target found for platform linux/arm$"):
        api("GET", "/images/get", names="a", platform=oci("linux/arm"))
    with pytest.raises(BadParameter, match=r"^multiple platform parameters not supported$"):
        api("GET", "/images/get", names="a", platform=[oci("linux/arm"), oci("linux/arm64")])
    api("DELETE", "/images/a", force="1")
    assert api("POST", "/images/load", saved, platform=oci("linux/arm")) == b""
    assert store.images.all() == []
    api("POST", "/images/load", saved, platform=oci("linux/arm64"))
    assert store.images.resolve("a").id == image.id


def test_delete_for_a_platform(api: Api, store: Store) -> None:
    store.image("a", architecture="arm64")
    with pytest.raises(NotFound, match="does not match the specified platform"):
        api("DELETE", "/images/a", platforms=oci("linux/arm"))
    with pytest.raises(BadParameter, match=r"^multiple platforms are not supported$"):
        api("DELETE", "/images/a", platforms=[oci("linux/arm"), oci("linux/arm64")])
    assert api("DELETE", "/images/a", platforms=oci("linux/arm64"))[0] == {"Untagged": "a:latest"}


def test_the_manifests_of_one_image(api: Api, store: Store) -> None:
    store.image("a", diff_ids=[store.layer(a="1")])
    (listed,) = api("GET", "/images/json", manifests="1")
    assert api("GET", "/images/a/json", manifests="1")["Manifests"] == listed["Manifests"]
    assert "Manifests" not in api("GET", "/v1.47/images/a/json", manifests="1")
    assert "Manifests" not in api("GET", "/images/a/json")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("linux/amd64", "failed to parse platform: invalid character 'l' looking for beginning"),
        ('{"os": 1}', "failed to parse platform: json: cannot unmarshal number into Go struct"),
        ('{"os": "linux"}', "both OS and Architecture must be provided"),
        ("null", "both OS and Architecture must be provided"),
        ('{"variant": "v8"}', "optional platform fields provided, but OS and Architecture are"),
    ],
)
def test_what_is_not_a_platform(api: Api, store: Store, text: str, message: str) -> None:
    store.image("a")
    with pytest.raises(BadParameter, match=f"^{message}"):
        api("GET", "/images/a/history", platform=text)
