"""A fake engine for checks and diagrams."""

from __future__ import annotations

import contextlib
import io
import json
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from docker_magics.course import lab
from docker_magics.errors import NotFound
from docker_magics.results.text import Output

#: The commands that checks run in new containers; "" is the image's own.
_PROGRAMS = ("", "cat", "ls", "node", "sh")


class FakeSession:
    """Answers API requests and docker command lines from dictionaries.

    Attributes:
        objects: path -> JSON of the response; any other path is not found.
        outputs: beginning of a command line -> its output; any other command prints nothing.
        files: `NAME:PATH` -> the text of a container's file.
        layers: image -> the paths in each of its layers, for `docker save`.
        archives: path -> the bytes of a streamed response.
        events: the rows of `docker events`.
        labels: the labels of the session.
        lines: the command lines so far.
    """

    address = SimpleNamespace(host="unix:///run/docker.sock")
    api_version = "1.47"

    def __init__(self) -> None:
        self.objects: dict[str, Any] = {
            "/containers/json": [],
            "/info": {"SystemTime": "2026-11-24T15:00:20Z"},
        }
        self.outputs: dict[str, str] = {}
        self.files: dict[str, str] = {}
        self.layers: dict[str, list[list[str]]] = {}
        self.archives: dict[str, bytes] = {}
        self.events: list[dict[str, Any]] = []
        self.labels: dict[str, str] = {}
        self.lines: list[str] = []

    def engine(self) -> FakeSession:
        return self

    def get(self, path: str, query: Any = None) -> Any:  # noqa: ARG002 - as Engine.get
        if path not in self.objects:
            raise NotFound(f"no such object: {path}")
        return self.objects[path]

    @contextlib.contextmanager
    def request(self, method: str, path: str, *, stream: bool) -> Iterator[io.BytesIO]:
        assert (method, stream) == ("GET", True)
        yield io.BytesIO(self.archives[path])

    def run(self, line: str, *, namespace: dict[str, Any], **fields: Any) -> Any:
        values = {
            name: " ".join(value) if isinstance(value, list) else value
            for name, value in namespace.items()
        }
        command = " ".join(line.format(**values).split())
        self.lines.append(command)
        verb, *operands = command.split()
        match verb:
            case "cp":
                self._copy(*operands)
            case "save":
                _save(operands[1], self.layers[operands[2]])
            case "events":
                return SimpleNamespace(to_dict=lambda _: self.events)
            case "build":
                self.built = fields
        outputs = self.outputs.items()
        return Output(next((text for start, text in outputs if command.startswith(start)), ""))

    def _copy(self, source: str, target: str) -> None:
        if source not in self.files:
            raise NotFound(f"no such file: {source}")
        Path(target).write_text(self.files[source])

    def container(self, name: str, image: str = "busybox", **changes: Any) -> dict[str, Any]:
        """Add a running container; return its JSON."""
        state = {
            "Status": "running",
            "Running": True,
            "Pid": 42,
            "ExitCode": 0,
            "StartedAt": "2026-11-24T15:00:00Z",
        }
        value = {
            "Id": "c" * 64,
            "Name": f"/{name}",
            "Image": "sha256:1",
            "Created": "2026-11-24T15:00:00Z",
            "Path": "sleep",
            "Args": ["600"],
            "Config": {"Image": image, "Hostname": "host", "Tty": False, "OpenStdin": False},
            "HostConfig": {"Memory": 0, "NetworkMode": "bridge", "RestartPolicy": {"Name": "no"}},
            "RestartCount": 0,
            "NetworkSettings": {"Networks": {"bridge": {"IPAddress": "172.17.0.2"}}},
            "Mounts": [],
            **changes,
        }
        value["State"] = {**state, **changes.get("State", {})}
        self.objects[f"/containers/{name}/json"] = value
        self.objects.setdefault(f"/containers/{name}/changes", [])
        return value

    def prints(self, image: str, output: str, programs: Sequence[str] = _PROGRAMS) -> None:
        """Let a check's containers of an image print something and exit.

        Args:
            image: the image's name.
            output: what they print.
            programs: with which commands of the check; "" is the image's own.
        """
        name = f"of-{len(self.objects)}"
        self.container(name, image, State={"Status": "exited", "Running": False})
        for program in programs:
            command = f"--entrypoint {program} {image}" if program else image
            self.outputs[f"run -d --label docker_magics.check {command}"] = name
        self.outputs[f"logs {name}"] = output

    def image(self, name: str, identity: str = "sha256:1", **config: Any) -> None:
        """Add an image."""
        value = {
            "Id": identity,
            "Size": 4_000_000,
            "Config": config,
            "RootFS": {"Layers": ["base"]},
        }
        self.objects[f"/images/{name}/json"] = value

    def history(self, name: str, *steps: tuple[str, int]) -> None:
        """Set the steps of an image, oldest first, as (CreatedBy, Size)."""
        entries = [{"CreatedBy": command, "Size": size} for command, size in steps]
        self.objects[f"/images/{name}/history"] = entries[::-1]


def _save(archive: str, layers: list[list[str]]) -> None:
    """Write an image's archive as `docker save` does; the first layer is the base image's."""
    names = [f"layer-{number}" for number in range(len(layers))]
    with tarfile.open(archive, "w") as saved:
        _add(saved, "manifest.json", json.dumps([{"Layers": names}]).encode())
        for name, paths in zip(names, layers, strict=True):
            buffer = io.BytesIO()
            with tarfile.open(fileobj=buffer, mode="w") as layer:
                for path in paths:
                    _add(layer, path, b"")
            _add(saved, name, buffer.getvalue())


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeSession:
    """The engine of checks and diagrams."""
    session = FakeSession()
    monkeypatch.setattr(lab, "shared", lambda: session)
    return session
