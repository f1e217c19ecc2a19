"""docker build --output, --push, --ssh, --cache-to and --metadata-file on real engines."""

from __future__ import annotations

import json
import tarfile
import uuid
from pathlib import Path

import pytest
from engine.differences import skip_where_different
from engine.test_build import build_by_buildkit

from docker_magics import docker
from docker_magics.errors import BuildFailed, UsageError
from tools import images

_DOCKERFILE = """
FROM busybox AS build
RUN mkdir -p /out/sub && echo hello > /out/sub/file && ln -s sub/file /out/link
FROM scratch
COPY --from=build /out /
"""


@pytest.fixture
def buildkit(address: str, engine: str) -> str:
    """An engine with BuildKit."""
    skip_where_different(address, "BuildKit", build_by_buildkit)
    return engine


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A build context."""
    context = tmp_path / "context"
    context.mkdir()
    (context / "Dockerfile").write_text(_DOCKERFILE)
    return context


def test_files_of_a_build(engine: str, folder: Path, tmp_path: Path) -> None:
    assert engine
    out = tmp_path / "out"
    result = docker("build -o {out} {folder}", out=out, folder=folder)
    assert result == str(out)
    assert (out / "sub/file").read_text() == "hello\n"
    assert (out / "link").readlink() == Path("sub/file")
    archive = tmp_path / "out.tar"
    docker("build -o type=tar,dest={archive} {folder}", archive=archive, folder=folder)
    with tarfile.open(archive) as tar:
        assert {"sub/file", "link"} <= {member.name.removeprefix("./") for member in tar}


def test_a_failed_build_writes_nothing(engine: str, tmp_path: Path) -> None:
    assert engine
    out = tmp_path / "out"
    with pytest.raises(BuildFailed):
        docker("build -o {out} -", out=out, input="FROM busybox\nRUN false\n")
    assert not out.exists()


def test_files_of_the_classic_builder(engine: str, tmp_path: Path) -> None:
    assert engine
    out = tmp_path / "out"
    lines = ["FROM busybox", "RUN rm /bin/ls && rm -r /tmp && mkdir /tmp && echo a > /tmp/a"]
    line = "build --builder classic -o {out} -"
    assert docker(line, out=out, input="\n".join(lines)) == str(out)
    assert [path.name for path in (out / "tmp").iterdir()] == ["a"]
    assert (out / "bin/busybox").stat().st_size
    assert not (out / "bin/ls").is_symlink()
    assert not (out / ".dockerenv").exists()


def test_only_the_cache(engine: str, folder: Path, tmp_path: Path, name: str) -> None:
    assert engine
    metadata = tmp_path / "metadata.json"
    line = "build -o type=cacheonly --metadata-file {metadata} -t {name} {folder}"
    assert docker(line, metadata=metadata, name=name, folder=folder) == ""
    assert not docker("images -q {name}", name=name)
    values = json.loads(metadata.read_text())
    assert not {"image.name", "containerimage.digest"} & values.keys()


def test_an_archive_and_metadata(engine: str, folder: Path, tmp_path: Path, name: str) -> None:
    assert engine
    archive, metadata = tmp_path / "image.tar", tmp_path / "metadata.json"
    line = "build -o type=docker,dest={archive} --metadata-file {metadata} -t {name} {folder}"
    identity = docker(line, archive=archive, metadata=metadata, name=name, folder=folder)
    values = json.loads(metadata.read_text())
    assert identity in {values["containerimage.config.digest"], values["containerimage.digest"]}
    with tarfile.open(archive) as tar:
        assert "manifest.json" in tar.getnames()


def test_the_classic_builder_says_what_it_cannot_do(engine: str, folder: Path) -> None:
    assert engine
    for flag in ("--ssh x=/dev/null", "--cache-to type=inline"):
        with pytest.raises(UsageError, match="the classic builder does not support it"):
            docker(f"build --builder classic {flag} {{folder}}", folder=folder)


def test_push_and_inline_cache(
    with_registry: str, registry: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", with_registry)
    names = [f"{registry}/t-{uuid.uuid4().hex[:8]}:{tag}" for tag in (1, 2)]
    with pytest.raises(UsageError, match="tag is needed when pushing"):
        docker("build --push {folder}", folder=folder)
    identity = docker("build --push -t {a} -t {b} {folder}", a=names[0], b=names[1], folder=folder)
    assert docker("image inspect {name}", name=names[0])[0]["Id"] == identity
    docker("rmi {names}", names=names)
    for name in names:
        docker("pull {name}", name=name)
    docker("rmi {names}", names=names)


def test_an_inline_cache_is_part_of_the_image(buildkit: str, folder: Path, name: str) -> None:
    assert buildkit
    docker("build --cache-to type=inline -t {name} {folder}", name=name, folder=folder)
    line = "build --cache-from type=registry,ref={name} -t {name} {folder}"
    assert docker(line, name=name, folder=folder)


_ASK_AGENT = (
    "use IO::Socket::UNIX; my $s = IO::Socket::UNIX->new($ENV{SSH_AUTH_SOCK}) or die;"
    'syswrite $s, pack("NC", 1, 11); sysread $s, my $answer, 9; print unpack("H*", $answer)'
)


def test_a_step_uses_the_ssh_agent(buildkit: str, agent: Path, tmp_path: Path) -> None:
    images.provide(buildkit, "debian")
    lines = ["FROM debian:bookworm-slim AS a", f"RUN --mount=type=ssh perl -e '{_ASK_AGENT}' > /x"]
    lines += ["FROM scratch", "COPY --from=a /x /"]
    out = tmp_path / "out"
    line = "build --no-cache --ssh default={agent} -o {out} -"
    docker(line, agent=agent, out=out, input="\n".join(lines))
    assert (out / "x").read_text() == "000000050c00000000"
    with pytest.raises(BuildFailed):
        docker("build --no-cache -o {out} -", out=out, input="\n".join(lines))
    assert [path.name for path in out.iterdir()] == ["x"]
