"""--output, --ssh, --cache-from, --cache-to and attestations of docker build."""

from __future__ import annotations

import io
import json
import socket
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from docker_magics.cli.terminal import Terminal
from docker_magics.commands.image._after_build import write_metadata
from docker_magics.commands.image._outputs import OUTPUTS, Export, Output, chosen_output
from docker_magics.commands.image._ssh import sockets
from docker_magics.commands.image.build import ImageBuild
from docker_magics.errors import FlagError, UsageError


@pytest.mark.parametrize(
    ("text", "output"),
    [
        ("out", Output("local", "out")),
        ("-", Output("tar", "-")),
        ("type=local,dest=out", Output("local", "out")),
        ('"type=tar","dest=a,b.tar"', Output("tar", "a,b.tar")),
        ("type=docker", Output("docker")),
        ("type=registry", Output("registry", pushes=True)),
        ("type=image,push=true", Output("image", pushes=True)),
        ("type=cacheonly", Output("cacheonly")),
        ('type=image,"name=a,b:1"', Output("image", names=("a", "b:1"))),
    ],
)
def test_outputs(text: str, output: Output) -> None:
    assert OUTPUTS.parse(text) == output


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ("--output type=oci,dest=x", "the engine writes no OCI archive: use type=docker,dest=FILE"),
        ("-o type=x", "expected type=cacheonly, docker, image, local, registry or tar, got 'x'"),
        ("-o type=image,compression=zstd", "the engine's API does not support compression"),
        ("-o type=image,name=A", "invalid reference format"),
        ("--annotation a=b", "cannot use --annotation: unsupported"),
        ("--check", "cannot use --check: unsupported"),
        ("--progress rawjson", "expected auto, plain, tty, quiet or none"),
        ("-o type=tar", "dest is required for tar: type=tar,dest=PATH"),
        ("--cache-to type=gha", "the engine only writes caches into images: use type=inline"),
        ("--cache-from type=local,src=x", "the engine only reads caches of images"),
        ("--sbom=true", "the engine's API builds no attestations"),
        ("--provenance mode=max", "the engine's API builds no attestations"),
        ("--attest type=sbom", "the engine's API builds no attestations"),
        ("--ssh =x", "expected default, or ID=SOCKET"),
        ("--build-context a=https://x", "expected a folder or docker-image://IMAGE"),
    ],
)
def test_what_the_engine_cannot_do_is_one_line(flags: str, message: str) -> None:
    with pytest.raises(FlagError) as caught:
        ImageBuild.parse([*flags.split(), "."])
    assert message in caught.value.message
    assert "\n" not in caught.value.message


def test_what_is_off_is_accepted() -> None:
    flags = ["--sbom=false", "--provenance=false", "--cache-to", "type=inline", "."]
    build = ImageBuild.parse([*flags, "--cache-from", "type=registry,ref=me/app:1"])
    assert build is not None
    assert build.cache_from == ["me/app:1"]


def test_only_one_output() -> None:
    two = [Output("local", "a"), Output("tar", "b")]
    with pytest.raises(UsageError, match="cannot use --output twice"):
        chosen_output(two, push=False, load=False, has_tag=True)
    with pytest.raises(UsageError, match="cannot use --push with --output type=local"):
        chosen_output(two[:1], push=True, load=False, has_tag=True)
    assert chosen_output([], push=True, load=True, has_tag=True).pushes


def _tar() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in (("sub/a", b"1"), ("../evil", b"2")):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def _run(export: Export, *messages: Any) -> list[Any]:
    def send() -> Iterator[Any]:
        export.file.write(_tar())
        yield from messages

    return list(export.messages(send))


def test_files_are_stored_at_the_end(tmp_path: Path) -> None:
    out = tmp_path / "new/out"
    export = Export(Output("local", str(out)), Terminal())
    assert _run(export, {"stream": "x"})[-1] == {"aux": {"ID": str(out)}}
    assert (out / "sub/a").read_bytes() == b"1"
    assert not (tmp_path / "new/evil").exists()
    tar = tmp_path / "out.tar"
    _run(Export(Output("tar", str(tar)), Terminal()))
    assert tar.read_bytes() == _tar()
    stdout = io.BytesIO()
    _run(Export(Output("tar", "-"), Terminal(stdout=stdout)))
    assert stdout.getvalue() == _tar()


def test_a_failed_build_stores_nothing(tmp_path: Path) -> None:
    out = tmp_path / "out"
    export = Export(Output("local", str(out)), Terminal())
    assert _run(export, {"error": "failed"}) == [{"error": "failed"}]
    assert not out.exists()


def test_a_tar_is_not_displayed() -> None:
    with pytest.raises(UsageError, match="cannot write a tar to standard output"):
        Export(Output("tar", "-"), Terminal())


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    export = Export(Output("tar", str(tmp_path)), Terminal())
    with pytest.raises(UsageError, match=f"cannot write {tmp_path}: is a directory"):
        _run(export)


def test_metadata(tmp_path: Path) -> None:
    file = tmp_path / "metadata.json"
    write_metadata(str(file), ["me/app:1", "localhost:5000/x"], "sha256:1")
    assert json.loads(file.read_text()) == {
        "containerimage.config.digest": "sha256:1",
        "containerimage.digest": "sha256:1",
        "image.name": "docker.io/me/app:1,localhost:5000/x:latest",
    }
    write_metadata(str(file), [], "")
    assert json.loads(file.read_text()) == {}


def test_ssh_agents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "agent"
    with socket.socket(socket.AF_UNIX) as agent:
        agent.bind(str(path))
    monkeypatch.setenv("SSH_AUTH_SOCK", str(path))
    assert sockets([("default", ""), ("other", str(path))]) == {"default": path, "other": path}
    key = tmp_path / "key"
    key.write_text("secret")
    with pytest.raises(UsageError, match="is a key, not an agent's socket"):
        sockets([("default", str(key))])
    with pytest.raises(UsageError, match="no such file"):
        sockets([("default", str(tmp_path / "none"))])
    monkeypatch.delenv("SSH_AUTH_SOCK")
    with pytest.raises(UsageError, match="SSH_AUTH_SOCK names no agent"):
        sockets([("default", "")])
