"""Images as registries have them are loaded, pulled, run, committed and pushed as by dockerd.

All by root's engine; engines of ordinary users and with proot have a few of them, and all with
`DOCKER_MAGICS_NIGHTLY=all` (`make test-nightly`).
"""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext
from typing import Any

import docker
import pytest
from docker.models.images import Image
from embedded import image_samples
from embedded.image_samples import (
    Blobs,
    Sample,
    busybox,
    docker_archive,
    docker_archive_of,
    file,
    folder,
    tar,
)
from embedded.image_table import CONFIGS, EMPTY, LAYERS, SAMPLES
from embedded.kinds import KINDS, engine_of


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """The kind of the embedded engine."""
    return str(request.param)


@pytest.fixture(scope="module")
def engines(kind: str, start: Callable[[str], str]) -> Iterator[list[docker.DockerClient]]:
    """Clients of an embedded engine of each kind and of dockerd, with its API version."""
    is_root = kind == "root"
    with (
        closing(docker.DockerClient(start("docker"), timeout=60)) as dockerd,
        nullcontext(start("embedded")) if is_root else engine_of(kind) as address,
        closing(docker.DockerClient(address, dockerd.api.api_version, timeout=60)) as ours,
    ):
        yield [ours, dockerd]


#: The samples of all kinds of engines.
FEW = {
    "config-everything",
    "equal-and-empty-layers",
    "gzip",
    "hard-links",
    "names",
    "setuid-and-owners",
    "whiteouts",
}


@pytest.fixture(autouse=True)
def _nightly(request: pytest.FixtureRequest) -> None:
    parameters = request.node.callspec.params
    is_daily = parameters["kind"] == "root" or parameters.get("name", "gzip") in FEW
    if not is_daily and os.environ.get("DOCKER_MAGICS_NIGHTLY") != "all":
        pytest.skip("takes long: make test-nightly")


#: What an engine adds to each container's files.
ADDED = {
    "dev",
    "etc",
    "proc",
    "sys",
    "",
    ".dockerenv",
    "etc/hostname",
    "etc/hosts",
    "etc/mtab",
    "etc/resolv.conf",
}


def files(api: docker.DockerClient, image: str) -> dict[str, tuple[Any, ...]]:
    """Return the files of an image, as a new container exports them."""
    container = api.containers.create(image, ["sh"])
    try:
        data = b"".join(container.export())
    finally:
        container.remove(v=True)
    contents = {}
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for info in archive:
            content = archive.extractfile(info) if info.isreg() else None
            attributes = {key: value for key, value in info.pax_headers.items() if "xattr" in key}
            contents[info.name.rstrip("/")] = (
                info.type,
                oct(info.mode & 0o7777),
                info.uid,
                info.gid,
                0 if abs(time.time() - info.mtime) < 3600 else info.mtime,
                info.linkname,
                hashlib.sha256(content.read()).hexdigest() if content else "",
                tuple(sorted(attributes.items())),
            )
    return {name: it for name, it in contents.items() if name not in ADDED and name[:4] != "dev/"}


def about(api: docker.DockerClient, image: Image) -> dict[str, Any]:
    """Return what inspect, history and ls show, without what depends on the engine."""
    attributes = dict(image.attrs)
    (listed,) = api.api.images(image.tags[0])
    for name in ("GraphDriver", "Metadata", "RepoTags", "RepoDigests", "VirtualSize"):
        attributes.pop(name, None)
    history = [{**step, "Id": "", "Tags": None} for step in image.history()]
    return {**attributes, "history": history, "listed": listed["Created"]}


def differing(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """Return the keys whose values differ, with both values."""
    keys = ours.keys() | theirs.keys()
    pairs = {key: (ours.get(key), theirs.get(key)) for key in keys}
    return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}


def owned(kind: str, contents: dict[str, tuple[Any, ...]]) -> dict[str, tuple[Any, ...]]:
    """Return files as an engine of a kind has them: with one ID, root owns all."""
    if kind not in {"one-id", "proot"}:
        return contents
    return {name: (*it[:2], 0, 0, *it[4:]) for name, it in contents.items()}


def run(api: docker.DockerClient, image: str) -> bytes:
    """Return the names of all files that a container of an image sees."""
    script = "find / -xdev \\( -path /sys -o -path /proc -o -path /dev \\) -prune -o -print | sort"
    output: bytes = api.containers.run(
        image, ["-c", script], entrypoint=["/bin/busybox", "sh"], user="0", remove=True
    )
    return output


@pytest.mark.parametrize("name", SAMPLES)
def test_an_archive_of_docker_save_is_loaded_as_by_dockerd(
    engines: list[docker.DockerClient], kind: str, name: str
) -> None:
    sample = SAMPLES[name]
    tags = [f"sample/{name}:1", f"sample/{name}:2"]
    archive = docker_archive(sample, *tags)
    shown, contents, seen = [], [], []
    for api in engines:
        (image,) = {image.id: image for image in api.images.load(archive)}.values()
        assert image.id == sample.id
        assert sorted(image.tags) == tags
        shown.append(about(api, image))
        contents.append(owned(kind, files(api, tags[0])))
        seen.append(run(api, tags[0]))
    assert differing(*shown) == {}
    assert differing(*contents) == {}
    assert seen[0] == seen[1]
    for api in engines:
        for tag in tags:
            api.images.remove(tag)


@pytest.mark.parametrize("name", LAYERS)
def test_an_image_is_committed_saved_and_pushed(
    engines: list[docker.DockerClient], kind: str, registry: str, name: str
) -> None:
    ours, dockerd = engines
    ours.images.load(docker_archive(SAMPLES[name], "sample:1"))
    container = ours.containers.run(
        "sample:1",
        ["-c", "echo 1 > /committed; rm -rf /a; mkdir -p /d; echo 2 > /d/new"],
        entrypoint=["/bin/busybox", "sh"],
        user="0",
        detach=True,
    )
    assert container.wait()["StatusCode"] == 0
    repository = f"{registry}/{name}"
    committed = container.commit(repository, "1")
    container.remove(v=True)
    contents = files(ours, committed.id)
    assert {"committed", "d/new"} <= contents.keys()
    assert "a" not in contents

    saved = b"".join(committed.save(named=True))
    push(ours, repository)
    ours.images.remove(f"{repository}:1")
    for load in (lambda: ours.images.load(saved), lambda: ours.images.pull(repository, "1")):
        load()
        assert ours.images.get(f"{repository}:1").id == committed.id
        assert differing(files(ours, committed.id), contents) == {}
        ours.images.remove(f"{repository}:1")
    dockerd.images.pull(repository, "1")
    assert dockerd.images.get(f"{repository}:1").id == committed.id
    assert differing(owned(kind, files(dockerd, committed.id)), contents) == {}
    dockerd.images.remove(f"{repository}:1")
    ours.images.remove("sample:1")


def push(api: docker.DockerClient, repository: str, tag: str = "1") -> None:
    """Push a tag."""
    for line in api.images.push(repository, tag, stream=True, decode=True):
        assert "error" not in line, line


#: How an image is compressed, and whether dockerd 20.10 can read it.
COMPRESSIONS = {
    "plain": (image_samples.PLAIN, True),
    "gzip": (image_samples.GZIP, True),
    "gzip-of-several-members": (image_samples.GZIP_MEMBERS, True),
    "docker": (image_samples.DOCKER_GZIP, True),
    "zstd": (image_samples.ZSTD, False),
    "zstd-seekable": (image_samples.ZSTD_SEEKABLE, False),
}
PULLED = Sample(
    (busybox(), EMPTY, *LAYERS["whiteouts"], EMPTY), {**CONFIGS["everything"], "history": None}
)


@pytest.mark.parametrize("attested", [False, True])
@pytest.mark.parametrize("name", COMPRESSIONS)
def test_an_image_is_pulled_as_by_dockerd(
    engines: list[docker.DockerClient], registry: str, name: str, *, attested: bool
) -> None:
    compression, is_known = COMPRESSIONS[name]
    blobs = Blobs()
    add = blobs.add_attested if attested else blobs.add_image
    top = add(PULLED, compression)
    repository = f"pulled/{name}-{attested}".lower()
    blobs.push(registry, repository, "1", top)
    shown, contents = [], []
    for api in engines if is_known else engines[:1]:
        image = api.images.pull(f"{registry}/{repository}", "1")
        assert image.id == PULLED.id
        assert image.attrs["RepoDigests"] == [f"{registry}/{repository}@{top['digest']}"]
        shown.append(about(api, image))
        contents.append(files(api, image.id))
        api.images.get(f"{registry}/{repository}@{top['digest']}")
        api.images.remove(f"{registry}/{repository}:1")
    assert differing(shown[0], shown[-1]) == {}
    assert differing(contents[0], contents[-1]) == {}


def test_layers_with_repeated_entries_keep_the_last(engines: list[docker.DockerClient]) -> None:
    """Dockerd refuses them; containerd and Podman do not."""
    entries = [file("a", "1"), file("a", "22"), folder("d"), file("d/x", "1"), folder("d", 0o700)]
    sample = Sample((busybox(), tar(*entries)))
    engines[0].images.load(docker_archive(sample, "repeated"))
    output = engines[0].containers.run("repeated", "cat /a /d/x", remove=True)
    assert output == b"221"


@pytest.mark.parametrize("name", COMPRESSIONS)
def test_an_oci_layout_is_loaded(engines: list[docker.DockerClient], name: str) -> None:
    """By BuildKit, skopeo, ko, Jib and Nix; dockerd reads them from version 25 on."""
    blobs = Blobs()
    top = blobs.add_attested(PULLED, COMPRESSIONS[name][0])
    named = {**top, "annotations": {"io.containerd.image.name": "docker.io/library/layout:1"}}
    engines[0].images.load(blobs.layout(named))
    image = engines[0].images.get("layout:1")
    assert image.id == PULLED.id
    assert engines[0].containers.run(image.id, ["-c", "cat /d/b"], remove=True) == b"2"
    engines[0].images.remove("layout:1")


def test_an_archive_of_several_images_is_loaded_as_by_dockerd(
    engines: list[docker.DockerClient],
) -> None:
    """They share layers; one has no name, one has two, and a name moves to the last one."""
    names: list[tuple[str, list[str]]] = [
        ("whiteouts", ["several:1", "several:last"]),
        ("config-everything", []),
        ("equal-and-empty-layers", ["several:2", "several/b:1"]),
        ("config-ko", ["several:last"]),
    ]
    archive = docker_archive_of(*((SAMPLES[name], tags) for name, tags in names))
    loaded = []
    for api in engines:
        messages = list(api.api.load_image(archive))
        tags = {tag: api.images.get(tag).id for _, tags in names for tag in tags}
        loaded.append((tags, [m["stream"] for m in messages if "Loaded" in m.get("stream", "")]))
        for name, _ in names:
            contents = files(api, SAMPLES[name].id)
            assert "bin/busybox" in contents
            api.images.remove(SAMPLES[name].id, force=True)
    assert loaded[0] == loaded[1]
    assert loaded[0][0]["several:last"] == SAMPLES["config-ko"].id


@pytest.mark.parametrize("name", ["450-layers"])
def test_an_image_has_more_layers_than_dockerd_takes(
    engines: list[docker.DockerClient], registry: str, name: str
) -> None:
    """Dockerd takes 125."""
    ours, dockerd = engines
    sample = deep(int(name.partition("-")[0]))
    archive = docker_archive(sample, "deep:1")
    with pytest.raises(docker.errors.ImageLoadError, match="max depth exceeded"):
        dockerd.images.load(archive)
    ours.images.load(archive)
    script = "cat /f0 /f400; ls / | grep -c ^f; rm /f7; echo new > /f8"
    container = ours.containers.run("deep:1", ["-c", script], entrypoint="sh", detach=True)
    assert container.wait()["StatusCode"] == 0
    assert container.logs() == b"0400449\n"
    committed = container.commit(f"{registry}/deep", "1")
    container.remove()
    push(ours, f"{registry}/deep")
    ours.images.remove(committed.id, force=True)
    ours.images.pull(f"{registry}/deep", "1")
    script = "ls /f7 || cat /f8"
    output = ours.containers.run(committed.id, ["-c", script], entrypoint="sh", remove=True)
    assert output == b"new\n"
    for image in (committed.id, "deep:1"):
        ours.images.remove(image, force=True)


def deep(count: int) -> Sample:
    """Return an image with this many layers."""
    return Sample((busybox(), *(tar(file(f"f{at}", str(at))) for at in range(count - 1))))
