"""The command line of a RUN, and the output of its container.

source: Dockerfile reference, "RUN"; moby builder/dockerfile/dispatchers.go: dispatchRun.
"""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
from collections.abc import Iterator

from ...wire import frames
from ...wire.dockerfile import Instruction
from ..containers.events import ContainerEvents
from ..containers.lifecycle import Lifecycle
from ..records.container import Container
from ..runtime.process import Process

_CHUNK = 65536
#: Seconds without output after which None is yielded.
_TICK_S = 0.5
#: How many pieces of output are read ahead of the client.
_QUEUED = 64
#: Interpreters that take a script as the argument of `-c`.
_SCRIPT_INTERPRETERS = ("sh", "python3", "python")


def command_of(instruction: Instruction, shell: list[str]) -> list[str]:
    """Return the arguments that a RUN executes; empty for `RUN []`, which runs the image's Cmd."""
    if instruction.is_json:
        return list(instruction.args)
    text = instruction.args[0] if instruction.args else ""
    heredocs = instruction.heredocs
    if not heredocs:
        return [*shell, text] if text else shell
    if len(heredocs) == 1 and text.startswith("<<") and len(text.split()) == 1:
        return _script(heredocs[0].text, shell)
    lines = [text]
    for heredoc in heredocs:
        lines += [heredoc.content.rstrip("\n"), heredoc.name]
    return [*shell, "\n".join(lines)]


def _script(text: str, shell: list[str]) -> list[str]:
    """Run a script by the interpreter of its first line if it takes `-c`, or by the shell."""
    interpreter = text.splitlines()[0].removeprefix("#!").split() if text.startswith("#!") else []
    if interpreter and interpreter[-1].endswith(_SCRIPT_INTERPRETERS):
        return [*interpreter, "-c", text]
    return [*shell, text]


def run_container(
    container: Container, lifecycle: Lifecycle, events: ContainerEvents
) -> Iterator[tuple[str, bytes] | None]:
    """Start a container, and yield what it writes until it exits: (`stdout` or `stderr`, bytes).

    None is yielded now and then while it writes nothing.

    Raises:
        ApiError: it cannot be started.
    """
    attachment = _OutputAttachment()
    container.attachments.append(attachment)
    events.publish(container, "attach")
    lifecycle.start(container)
    if attachment.sock is not None:
        yield from _read_output(attachment.sock)
    with container.changed:
        container.changed.wait_for(lambda: not container.running)


class _OutputAttachment:
    """Attaches to a container's output before its process writes any."""

    sock: socket.socket | None = None

    def begin(self, process: Process) -> None:
        self.sock = process.attach(stdin=False)

    def cancel(self) -> None:
        """Do nothing: the process was not started."""


def _read_output(sock: socket.socket) -> Iterator[tuple[str, bytes] | None]:
    pieces: queue.Queue[tuple[str, bytes] | None] = queue.Queue(_QUEUED)
    threading.Thread(target=_read_frames, args=(sock, pieces), daemon=True).start()
    try:
        while True:
            try:
                piece = pieces.get(timeout=_TICK_S)
            except queue.Empty:
                yield None
                continue
            if piece is None:
                return
            yield piece
    finally:
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


def _read_frames(sock: socket.socket, pieces: queue.Queue[tuple[str, bytes] | None]) -> None:
    """Queue the output of a connection; None at its end."""
    decoder = frames.FrameDecoder()
    with sock, contextlib.suppress(OSError):
        while data := sock.recv(_CHUNK):
            for frame in decoder.feed(data):
                stream = "stderr" if frame.stream is frames.Stream.STDERR else "stdout"
                pieces.put((stream, frame.data))
    pieces.put(None)
