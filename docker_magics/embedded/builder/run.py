"""RUN: a command in a temporary container, whose changes become a layer.

source: Dockerfile reference, "RUN"; moby builder/dockerfile/dispatchers.go: dispatchRun.
"""

from __future__ import annotations

import contextlib
import hashlib
import queue
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ...wire import frames
from ...wire.dockerfile import Instruction
from ..errors import ApiError, BadParameter
from ..runtime.spec import MountSpec
from ..runtime.supervisor import Process

if TYPE_CHECKING:
    from ..engine import Engine
    from ..records.container import Container
    from .metadata import Words

_READ = 65536
_KINDS = {"cache", "bind", "tmpfs", "secret", "ssh"}
_NETWORKS = {"default", "none", "host"}


def command(instruction: Instruction, shell: list[str]) -> list[str]:
    """The words that are executed; none for `RUN []`, which runs what the image does."""
    if instruction.is_json:
        return list(instruction.args)
    text = instruction.args[0] if instruction.args else ""
    if not instruction.heredocs:
        return [*shell, text] if text else shell
    first = instruction.heredocs[0]
    alone = text.strip().startswith("<<") and len(text.split()) == 1
    if alone and len(instruction.heredocs) == 1:
        return _script(first.text, shell)
    lines = [text]
    for heredoc in instruction.heredocs:
        lines.append(heredoc.content.rstrip("\n"))
        lines.append(heredoc.name)
    return [*shell, "\n".join(lines)]


def _script(text: str, shell: list[str]) -> list[str]:
    """A script given in place: by the shell, or by the interpreter of its first line."""
    if not text.startswith("#!"):
        return [*shell, text]
    interpreter = text.splitlines()[0].removeprefix("#!").split()
    return [*interpreter, "-c", text] if interpreter[-1].endswith(("sh", "python3", "python")) else [*shell, text]  # fmt: skip  # noqa: E501


class Mounts:
    """The mounts of `RUN --mount=...`, for one step.

    Args:
        engine: the engine.
        sources: gives the files of a stage or an image, by name.
    """

    def __init__(self, engine: Engine, instruction: Instruction, words: Words) -> None:
        self._engine = engine
        self.network = ""
        self.specs: list[dict[str, str]] = []
        for flag in instruction.flags:
            name, _, value = flag.removeprefix("--").partition("=")
            if name == "mount":
                self.specs.append(_mount(words.one(value)))
            elif name == "network":
                if value not in _NETWORKS:
                    raise BadParameter(f"unsupported network mode {value}")
                self.network = value
            elif name != "security":
                raise BadParameter(f"Unknown flag: {name}")

    def runtime(self, folders: dict[str, Path], workdir: str) -> list[MountSpec]:
        """The runtime's mounts.

        Args:
            folders: of stages and images that binds are from; the context is "".
            workdir: relative targets begin there.
        """
        found = []
        for spec in self.specs:
            target = spec.get("target") or ""
            if not target.startswith("/"):
                target = f"{workdir.rstrip('/')}/{target}".rstrip("/")
            made = self._one(spec, target, folders)
            if made is not None:
                found.append(made)
        return found

    def _one(self, spec: dict[str, str], target: str, folders: dict[str, Path]) -> MountSpec | None:
        kind = spec["type"]
        if kind in {"secret", "ssh"}:
            if spec.get("required") in {"true", ""} and "required" in spec:
                raise BadParameter(f"{kind} {spec.get('id', '')}: not found")
            return None
        if kind == "tmpfs":
            size = f"size={spec['size']}" if "size" in spec else ""
            return {"kind": "tmpfs", "target": target, "flags": 0, "data": size}
        if kind == "cache":
            folder = self._cache(spec.get("id") or target)
            readonly = _is_on(spec, "readonly") or _is_on(spec, "ro")
            return {"kind": "bind", "source": str(folder), "target": target, "readonly": readonly}
        base = folders[spec.get("from", "")]
        source = (base / spec.get("source", "").lstrip("/")).resolve()
        if not source.is_relative_to(base.resolve()):
            raise BadParameter(f"bind source {spec.get('source')} leads out of where it is from")
        if not source.exists():
            raise BadParameter(f"bind source {spec.get('source')}: not found")
        writable = _is_on(spec, "rw") or _is_on(spec, "readwrite")
        return {"kind": "bind", "source": str(source), "target": target, "readonly": not writable}

    def _cache(self, identity: str) -> Path:
        name = hashlib.sha256(identity.encode()).hexdigest()[:32]
        folder = self._engine.state.folder("buildcache", name)
        folder.chmod(0o755)
        return folder


def _is_on(spec: dict[str, str], name: str) -> bool:
    return spec.get(name) in {"", "true", "1"} and name in spec


def _mount(text: str) -> dict[str, str]:
    found = {"type": "bind"}
    for field in text.split(","):
        key, _, value = field.partition("=")
        key = {"dst": "target", "destination": "target", "src": "source"}.get(key, key)
        found[key] = value
    if found["type"] not in _KINDS:
        raise BadParameter(f'unsupported mount type "{found["type"]}"')
    if found["type"] not in {"secret", "ssh"} and not found.get("target"):
        raise BadParameter(f"invalid mount config for type \"{found['type']}\": field target must not be empty")  # fmt: skip  # noqa: E501
    return found


def output(
    engine: Engine, container: Container, cancelled: threading.Event
) -> Iterator[tuple[str, bytes] | None]:
    """Start a container and give what it writes; None now and then while it says nothing.

    Raises:
        ApiError: it cannot be started.
    """
    waiting = _Waiting()
    container.attachments.append(waiting)
    engine.container_events.publish(container, "attach")
    engine.lifecycle.start(container)
    sock = waiting.sock
    if sock is None:
        return
    said: queue.Queue[tuple[str, bytes] | None] = queue.Queue(64)
    threading.Thread(target=_read, args=(sock, said), daemon=True).start()
    try:
        while True:
            try:
                piece = said.get(timeout=0.5)
            except queue.Empty:
                if cancelled.is_set():
                    raise ApiError("build cancelled") from None
                yield None
                continue
            if piece is None:
                return
            yield piece
    finally:
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


class _Waiting:
    """Attaches as soon as there is a process."""

    sock: socket.socket | None = None

    def begin(self, process: Process) -> None:
        self.sock = process.attach(stdin=False)

    def cancel(self) -> None:
        """There will be none."""


def _read(sock: socket.socket, said: queue.Queue[tuple[str, bytes] | None]) -> None:
    decoder = frames.FrameDecoder()
    with sock, contextlib.suppress(OSError):
        while data := sock.recv(_READ):
            for frame in decoder.feed(data):
                name = "stderr" if frame.stream is frames.Stream.STDERR else "stdout"
                said.put((name, frame.data))
    said.put(None)
