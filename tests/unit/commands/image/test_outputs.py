"""--output, --ssh, --cache-from, --cache-to and attestations of docker build."""

from __future__ import annotations

import io
import json
import socket
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from unit.commands.stub_engine import StubEngine

from docker_magics.cli.terminal import Terminal
from docker_magics.commands._files import replaced
from docker_magics.commands.image._build_request import BuildStream
from docker_magics.commands.image._caches import Cache
from docker_magics.commands.image._metadata import decoded, metadata, write_metadata
from docker_magics.commands.image._outputs import OUTPUTS, Export, Output, chosen_outputs, stored
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
        ("-o type=x", "expected type=cacheonly, docker, image, local, oci, registry or tar, got"),
        ("-o type=image,name=A", "invalid reference format"),
        ("-o type=oci", "dest is required for oci: type=oci,dest=PATH"),
        ("-o type=docker,tar=false", "dest is required for docker: type=docker,dest=PATH"),
        ("-o type=oci,dest=-,tar=false", "dest cannot be stdout for oci exporter"),
        ("-o type=tar", "dest is required for tar: type=tar,dest=PATH"),
        ("--annotation a", 'invalid annotation "a", expected key=value'),
        ("--annotation x:a=b", 'unknown annotation type "x"'),
        ("--progress x", "expected auto, plain, tty, quiet, none or rawjson"),
        ("--cache-to type=local", "a local cache needs dest="),
        ("--cache-from type=local,dest=x", "a local cache needs src="),
        ("--cache-from src=x", "type required"),
        ("--attest mode=max", "attestation type not specified"),
        ("--call x=y", "invalid field x=y"),
        ("--ssh =x", "expected default, or ID=SOCKET"),
    ],
)
def test_what_is_invalid_is_one_line(flags: str, message: str) -> None:
    with pytest.raises(FlagError) as caught:
        ImageBuild.parse([*flags.split(), "."])
    assert message in caught.value.message
    assert "\n" not in caught.value.message


def test_caches_and_attestations() -> None:
    flags = ["--sbom=false", "--provenance", "mode=max", "--attest", "type=x,disabled=true", "."]
    caches = ["--cache-to", "inline", "--cache-from", "me/app:1"]
    build = ImageBuild.parse([*flags, *caches, "--cache-from", "type=local,src=c,tag=t"])
    assert build is not None
    image, local = build.cache_from
    assert (image, image.image) == (Cache("registry", {"ref": "me/app:1"}), "me/app:1")
    assert (local, local.image, local.tag) == (Cache("local", {"src": "c", "tag": "t"}), "", "t")
    assert build.cache_to == [Cache("inline", {})]
    expected = {"sbom": None, "provenance": "type=provenance,mode=max", "x": None}
    assert build.attestations == expected


def test_the_outputs_of_a_build() -> None:
    files = [Output("local", "a")]
    with pytest.raises(UsageError, match="cannot use --push with --output type=local"):
        chosen_outputs(files, push=True, load=False, has_tag=True)
    assert chosen_outputs([], push=True, load=True, has_tag=True) == [Output(pushes=True)]
    archive = Output("oci", "a.tar")
    pushed = chosen_outputs([archive], push=True, load=False, has_tag=True)
    assert pushed == [archive, Output("image", pushes=True)]
    build = ImageBuild.parse(["-o", "out", "--iidfile", "id", "."])
    assert build is not None
    with pytest.raises(UsageError, match="local and tar exporters are incompatible"):
        build.checked_outputs()


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

    return list(stored([export], export.place, send))


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


def test_an_interrupted_copy_keeps_the_file(tmp_path: Path) -> None:
    out = tmp_path / "out.tar"
    out.write_bytes(b"before")
    out.chmod(0o640)
    writing = replaced(str(out))
    writing.__enter__().write(b"half")
    error = KeyboardInterrupt()
    assert not writing.__exit__(KeyboardInterrupt, error, None)
    assert out.read_bytes() == b"before"
    link = tmp_path / "link"
    link.symlink_to(out)
    with replaced(str(link)) as file:
        file.write(b"after")
    assert (out.read_bytes(), out.stat().st_mode & 0o777) == (b"after", 0o640)
    assert link.is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "out.tar"]
    with replaced("/dev/null") as file:
        file.write(b"dropped")


class _Stream(BuildStream):
    """A build that has ten thousand messages, or that waits until it is cancelled."""

    def __init__(self, *, waits: bool) -> None:
        super().__init__(None)
        self._waits = waits
        self._stopped = threading.Event()

    def _responses(self) -> Iterator[Any]:
        yield from [{}] * (1 if self._waits else 10_000)
        self._stopped.wait(60)

    def _stop(self) -> None:
        self._stopped.set()


def test_a_cancelled_build_stores_nothing(tmp_path: Path) -> None:
    out = tmp_path / "out.tar"
    stream = _Stream(waits=True)
    messages = stored([Export(Output("tar", str(out)), Terminal())], "", stream.messages)
    next(messages)
    stream.cancel()
    assert list(messages) == [{"error": "the build was cancelled"}]
    assert not out.exists()


def test_a_cancelled_build_whose_messages_wait_ends() -> None:
    stream = _Stream(waits=False)
    messages = stream.messages()
    next(messages)
    stream.cancel()
    assert list(messages)[-1] == {"error": "the build was cancelled"}


def test_an_archive_is_not_displayed(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    build = ImageBuild.parse(["-o", "type=docker,dest=-", str(tmp_path)])
    assert build is not None
    with pytest.raises(UsageError, match="cannot write a tar to standard output"):
        build.run(StubEngine())


def test_metadata(tmp_path: Path) -> None:
    file = tmp_path / "metadata.json"
    write_metadata(str(file), metadata(["me/app:1", "localhost:5000/x"], "sha256:1"))
    assert json.loads(file.read_text()) == {
        "containerimage.config.digest": "sha256:1",
        "containerimage.digest": "sha256:1",
        "image.name": "docker.io/me/app:1,localhost:5000/x:latest",
    }
    assert metadata([], "") == {}
    response = {"a": "x", "containerimage.descriptor": "eyJzaXplIjogMX0="}
    assert decoded(response, "ref") == {
        "a": "x",
        "containerimage.descriptor": {"size": 1},
        "buildx.build.ref": "default/default/ref",
    }


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
