"""docker save, load and import: own archives and those of other programs."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
from unit.embedded.images.support import Store, config, load_json, members, tar

from docker_magics.embedded.dockerfile.run_config import RunConfig
from docker_magics.embedded.errors import ApiError, BadParameter, NotFound
from docker_magics.embedded.images import disk_room, platforms
from docker_magics.embedded.images.archive import ImageArchive
from docker_magics.embedded.images.disk_room import DiskFull
from docker_magics.embedded.images.importer import ImageImporter
from docker_magics.embedded.images.loader import ImageLoader
from docker_magics.embedded.images.platforms import host_platform
from docker_magics.embedded.images.saver import ImageSaver
from docker_magics.wire import digest
from docker_magics.wire.reference import parse


def save(store: Store, *names: str) -> bytes:
    return b"".join(ImageSaver(store.images, store.tmp).save(list(names)))


def load(store: Store, archive: bytes, *, quiet: bool = True) -> list[dict[str, Any]]:
    return list(ImageLoader(store.images, store.tmp).load(io.BytesIO(archive), quiet=quiet))


@pytest.fixture
def other(tmp_path: Path) -> Store:
    """The image store of another engine."""
    folder = tmp_path / "other"
    folder.mkdir()
    return Store(folder)


# --- save


def test_an_archive_is_for_docker_and_for_oci(store: Store) -> None:
    diff_id = store.layer(a="1")
    image = store.image("a:1", "me/b:2", diff_ids=[diff_id, diff_id])
    files = members(save(store, "a:1", "me/b"))
    described = load_json(files, "manifest.json")
    layer = f"blobs/sha256/{digest.hex_of(diff_id)}"
    path = f"blobs/sha256/{digest.hex_of(image.id)}"
    assert described == [{"Config": path, "RepoTags": ["a:1", "me/b:2"], "Layers": [layer, layer]}]
    assert digest.of(files[layer]) == diff_id
    assert digest.of(files[path]) == image.id
    index = load_json(files, "index.json")["manifests"]
    assert [entry["annotations"]["io.containerd.image.name"] for entry in index] == [
        "docker.io/library/a:1",
        "docker.io/me/b:2",
    ]
    manifest = files[f"blobs/sha256/{digest.hex_of(index[0]['digest'])}"]
    assert (digest.of(manifest), len(manifest)) == (index[0]["digest"], index[0]["size"])
    assert [entry["digest"] for entry in json.loads(manifest)["layers"]] == [diff_id, diff_id]
    assert json.loads(manifest)["layers"][0]["size"] == len(files[layer])
    top = digest.hex_of(diff_id)
    assert load_json(files, "repositories") == {"a": {"1": top}, "me/b": {"2": top}}
    assert files["oci-layout"] == b'{"imageLayoutVersion":"1.0.0"}'
    assert store.events.actions("image") == ["save", "save"]
    assert list(store.tmp.iterdir()) == []


def test_an_image_by_id_has_no_name_and_a_repository_has_all_of_them(store: Store) -> None:
    one, two = store.image("r:1"), store.image("r:2")
    by_id = members(save(store, one.id, digest.hex_of(two.id)[:12]))
    assert [image["RepoTags"] for image in load_json(by_id, "manifest.json")] == [None, None]
    assert "annotations" not in load_json(by_id, "index.json")["manifests"][0]
    named = load_json(members(save(store, "r")), "manifest.json")
    assert [image["RepoTags"] for image in named] == [["r:1"], ["r:2"]]
    store.images.references.set(parse(f"r@{one.id}"), one.id)
    by_digest = load_json(members(save(store, f"r@{one.id}")), "manifest.json")
    assert [image["RepoTags"] for image in by_digest] == [None]


@pytest.mark.parametrize("name", ["a:1", None])
def test_a_layer_without_its_archive_is_not_saved(store: Store, name: str | None) -> None:
    image = store.image("a:1", diff_ids=[store.layer(f="1")])
    (image.layers[0] / "f").write_text("2")
    reason = rf"^cannot save {name or image.id}: layer sha256:\w+ has been changed on the disk"
    with pytest.raises(ApiError, match=f"{reason}; pull or build it again$"):
        save(store, name or image.id)


def test_a_layer_of_an_older_version_keeps_its_archive(store: Store) -> None:
    """It was a blob; the layer's record named it."""
    archive = tar(d__f="text", g="more") + bytes(4096)
    packed = gzip.compress(archive)
    image = store.image("a:1", diff_ids=[store.add_layer(packed)])
    saved = save(store, "a:1")
    (folder,) = (store.folder / "images/layers").iterdir()
    (folder / "tar-split.gz").unlink()
    record = {"size": 8, "blob": store.images.blobs.add(packed), "kind": "tar+gzip"}
    (folder / "layer.json").write_text(json.dumps(record))
    for _ in range(2):
        store.reopen()
        assert save(store, "a:1") == saved
    (folder / "archive").unlink()
    store.reopen()
    assert store.images.get(image.id).layers == (folder / "fs",)
    with pytest.raises(ApiError, match=r"^cannot save a:1: .*; pull or build it again$"):
        save(store, "a:1")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none", "No such image: none"),
        ("none:1", "reference does not exist"),
        ("sha256:" + "0" * 64, "No such image"),
    ],
)
def test_save_of_a_missing_image(store: Store, name: str, message: str) -> None:
    with pytest.raises(NotFound, match=message):
        ImageSaver(store.images, store.tmp).save([name])


# --- load


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_load_restores_a_saved_image(store: Store, other: Store, compress: Any) -> None:
    image = store.image("a:1", "b", config={"Cmd": ["x"]})
    messages = load(other, compress(save(store, "a:1", "b")))
    assert messages == [{"stream": "Loaded image: a:1\n"}, {"stream": "Loaded image: b:latest\n"}]
    loaded = other.images.resolve("a:1")
    assert (loaded.id, loaded.config) == (image.id, image.config)
    assert (loaded.layers[0] / "name").read_text() == "('a:1', 'b')"
    assert other.events.actions("image") == ["load"]
    assert list(other.tmp.iterdir()) == []


def test_load_reports_all_ids_if_the_last_image_has_no_name(store: Store, other: Store) -> None:
    first, last = store.image("a:1"), store.image("b:1")
    ids = {"stream": f"Loaded image ID: {first.id}\nLoaded image ID: {last.id}\n"}
    assert load(other, save(store, "a:1", last.id))[-1] == ids
    assert load(other, save(store, last.id, "a:1"))[-1] == {"stream": "Loaded image: a:1\n"}


def test_load_reports_each_new_layer(store: Store, other: Store) -> None:
    image = store.image("a")
    short = digest.short(image.diff_ids[0])
    archive = save(store, image.id)
    first, last, stream = load(other, archive, quiet=False)
    assert (first["id"], first["status"]) == (short, "Loading layer")
    assert first["progressDetail"]["current"] == 0
    assert last["progressDetail"]["current"] == last["progressDetail"]["total"] > 0
    assert stream == {"stream": f"Loaded image ID: {image.id}\n"}
    assert load(other, archive, quiet=False) == [stream]


def test_a_name_moves_to_the_loaded_image(store: Store, other: Store) -> None:
    store.image("a")
    old = other.image("a", author="old")
    first, second = load(other, save(store, "a"))
    assert f"renaming the old one with ID {old.id} to empty string" in first["stream"]
    assert second == {"stream": "Loaded image: a:latest\n"}
    assert other.images.references.of(old.id) == []


def oci_archive(store: Store, platform: dict[str, str], name: str | None = "me/oci:1") -> bytes:
    """Return an OCI layout with a nested index for several platforms."""
    image = store.image("a")
    files = members(save(store, image.id))
    descriptor = load_json(files, "index.json")["manifests"][0]
    elsewhere = {"digest": digest.of(b"absent"), "platform": {"os": "linux", "architecture": "z"}}
    inner = json.dumps({"manifests": [elsewhere, descriptor | {"platform": platform}]}).encode()
    outer = {"digest": digest.of(inner), "annotations": {"org.opencontainers.image.ref.name": name}}
    files[f"blobs/sha256/{digest.hex_of(digest.of(inner))}"] = inner
    files["index.json"] = json.dumps({"manifests": [outer]}).encode()
    del files["manifest.json"]
    return tar(**files)


def test_an_oci_layout_is_loaded_for_this_machine(store: Store, other: Store) -> None:
    host = host_platform()
    own = {"os": host.os, "architecture": host.architecture}
    assert load(other, oci_archive(store, own)) == [{"stream": "Loaded image: me/oci:1\n"}]
    assert other.images.has(store.images.resolve("a").id)
    unnamed = load(other, oci_archive(store, own, None))
    assert unnamed == [{"stream": f"Loaded image ID: {store.images.resolve('a').id}\n"}]
    assert load(other, oci_archive(store, {"os": "plan9", "architecture": "z"})) == []


def docker_archive(diff_ids: Any, layers: dict[str, bytes], **described: Any) -> bytes:
    """Return an archive in the format of old versions of docker save."""
    files: dict[str, Any] = {name.replace("/", "__"): data for name, data in layers.items()}
    files["c.json"] = json.dumps(config(diff_ids))
    entry = {"Config": "c.json", "Layers": list(layers), "RepoTags": ["x:1"]} | described
    return tar(**files, **{"manifest.json": json.dumps([entry])})


def test_layers_in_folders_and_behind_links(store: Store) -> None:
    layer = tar(f="1")
    plain = docker_archive([digest.of(layer)], {"abc/layer.tar": gzip.compress(layer)})
    load(store, plain)
    assert store.images.size(store.images.resolve("x:1")) == 1
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in members(plain).items():
            info = tarfile.TarInfo(f"./{name}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        link = tarfile.TarInfo("link/layer.tar")
        link.type, link.linkname = tarfile.SYMTYPE, "../abc/layer.tar"
        archive.addfile(link)
        data = json.dumps([{"Config": "c.json", "Layers": ["link/layer.tar"], "RepoTags": []}])
        info = tarfile.TarInfo("manifest.json")
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data.encode()))
    image = store.images.resolve("x:1")
    assert load(store, buffer.getvalue()) == [{"stream": f"Loaded image ID: {image.id}\n"}]


LAYER = tar(f="1")
DIFF = digest.of(LAYER)


@pytest.mark.parametrize(
    ("archive", "message"),
    [
        (b"not an archive" * 100, "archive/tar: invalid tar header"),
        (tar(f="x"), "no manifest.json and no index.json"),
        (tar(**{"manifest.json": ""}), "unexpected end of JSON input"),
        (tar(**{"manifest.json": "{x"}), "invalid character 'x'"),
        (tar(**{"manifest.json": b"\xff\xfe\x00"}), "invalid"),
        (tar(**{"manifest.json": "{}"}), "json: cannot unmarshal object into Go value"),
        (tar(**{"manifest.json": "[7]"}), "json: cannot unmarshal number into Go value"),
        (tar(**{"manifest.json": "[{}]"}), "invalid archive: 'Config'"),
        (tar(**{"manifest.json": '[{"Config": "x", "Layers": []}]'}), "x is missing"),
        (tar(**{"index.json": '{"manifests": [{}]}'}), "invalid archive"),
        (tar(**{"index.json": '{"manifests": [{"digest": "../x"}]}'}), "invalid archive"),
        (tar(**{"index.json": "[]"}), "invalid archive"),
        (docker_archive([DIFF], {}), "layers length mismatch: expected 0, got 1"),
        (docker_archive([DIFF], {"l": LAYER}, Layers=["../../etc/passwd"]), "is missing"),
        (docker_archive([DIFF], {"l": LAYER}, Layers=[7]), "struct field manifestItem.Layers"),
        (docker_archive([DIFF], {"l": LAYER}, Layers=[None]), r"\. is missing"),
        (docker_archive([DIFF.upper()], {"l": LAYER}), "invalid archive: invalid digest"),
        (docker_archive([{}], {"l": LAYER}), "invalid archive: invalid digest"),
        (docker_archive([digest.of(b"")], {"l": LAYER}), "invalid diffID for layer"),
        (docker_archive([DIFF], {"l": LAYER[:700]}), "invalid tar header|invalid diffID"),
        (docker_archive([DIFF], {"l": LAYER}, RepoTags=["Not A Name"]), "invalid reference"),
        (docker_archive(7, {"l": LAYER}), "invalid archive"),
        (tar(**{"c": "{}", "manifest.json": '[{"Config": "c", "Layers": []}]'}), "no RootFS key"),
        (tar(**{"c": "7", "manifest.json": '[{"Config": "c", "Layers": []}]'}), "invalid archive"),
    ],
)  # fmt: skip
def test_load_of_an_invalid_archive_leaves_nothing(
    store: Store, archive: bytes, message: str
) -> None:
    with pytest.raises(BadParameter, match=message):
        load(store, archive)
    assert list(store.tmp.iterdir()) == []
    images = store.reopen()
    assert [image.id for image in images.all() if images.references.of(image.id)] == []


def test_an_archive_of_images_leaves_room_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk_room, "RESERVE", 1 << 62)
    with pytest.raises(DiskFull, match="no space left on device"):
        ImageArchive(io.BytesIO(tar(**{"manifest.json": "[]"})), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_circular_links_and_indexes_are_errors(store: Store) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, target in (("manifest.json", "b"), ("b", "manifest.json")):
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.LNKTYPE, target
            archive.addfile(link)
    with pytest.raises(BadParameter, match="too many links"):
        load(store, buffer.getvalue())
    host = host_platform()
    own = {"os": host.os, "architecture": host.architecture}
    name = digest.of(b"an index whose digest is not checked")
    endless = {"manifests": [{"digest": name, "platform": own}]}
    path = f"blobs__sha256__{digest.hex_of(name)}"
    files = {"index.json": json.dumps(endless), path: json.dumps(endless)}
    with pytest.raises(BadParameter, match="invalid archive: too many indexes"):
        load(store, tar(**files))


def test_indexes_that_multiply_are_refused(store: Store) -> None:
    """Seven indexes that list the next one sixty times: 60 ** 7 images in 2 KB."""
    host = host_platform()
    own = {"os": host.os, "architecture": host.architecture}
    files: dict[str, str | bytes] = {}
    below: dict[str, Any] = {"config": {"digest": DIFF}, "layers": []}
    for _ in range(7):
        text = json.dumps(below)
        name = digest.of(text.encode())
        files[f"blobs__sha256__{digest.hex_of(name)}"] = text
        below = {"manifests": [{"digest": name, "platform": own}] * 60}
    files["index.json"] = json.dumps(below)
    with pytest.raises(BadParameter, match="invalid archive: too many manifests"):
        load(store, tar(**files))


# --- import


def apply_changes(run_config: RunConfig, changes: list[str]) -> None:
    if changes:
        run_config["Cmd"] = changes


def test_an_archive_of_files_becomes_an_image(store: Store) -> None:
    importer = ImageImporter(store.images, apply_changes)
    image = importer.import_image(
        io.BytesIO(gzip.compress(tar(etc__users="root"))),
        message="Imported from -",
        changes=["CMD x"],
        platform="linux/arm64",
    )
    assert (image.layers[0] / "etc/users").read_text() == "root"
    assert str(image.platform) == "linux/arm64"
    assert image.run_config == {"Cmd": ["CMD x"]}
    assert image.config["comment"] == "Imported from -"
    assert (image.config["history"] or [])[0]["comment"] == "Imported from -"
    assert store.reopen().has(image.id)


def test_a_failed_import_leaves_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platforms.platform, "machine", lambda: "x86_64")
    importer = ImageImporter(store.images, apply_changes)
    for data, platform, message in (
        (b"garbage" * 200, "", "archive/tar: invalid tar header"),
        (tar(f="1"), "windows", "operating system is not supported"),
        (tar(f="1"), "x/y/z/a", "cannot parse platform"),
    ):
        with pytest.raises(BadParameter, match=message):
            importer.import_image(io.BytesIO(data), message="", changes=[], platform=platform)
    assert store.images.all() == []
    assert store.images.layers.diff_ids() == []
