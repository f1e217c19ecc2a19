"""The gRPC server of an engine: canned answers, such as those recorded from dockerd 28.5.2."""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path

from docker_magics.engine.buildkit import grpc

_RECORDED = Path(__file__).with_name("control-28.5.2.json")
WORKERS = "/moby.buildkit.v1.Control/ListWorkers"
SOLVE = "/moby.buildkit.v1.Control/Solve"
STATUS = "/moby.buildkit.v1.Control/Status"
HISTORY = "/moby.buildkit.v1.Control/ListenBuildHistory"
READ = "/containerd.services.content.v1.Content/Read"
ASK = "/moby.buildkit.v1.frontend.LLBBridge/Solve"

Answer = Sequence[bytes] | grpc.CallError


def recorded(store: str) -> dict[str, Answer]:
    """Return the answers of a build and of --check: method -> messages.

    Args:
        store: the image store, `containerd` or `classic`; the latter has its workers alone.
    """
    methods = json.loads(_RECORDED.read_text(encoding="utf-8"))[store]
    return {name: [base64.b64decode(it) for it in items] for name, items in methods.items()}


class GrpcPeer:
    """Answers calls; a Peer of StubEngine.

    Attributes:
        requests: method -> the requests.
        metadata: method -> the headers of its last call.
    """

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self.requests: dict[str, list[bytes]] = {}
        self.metadata: dict[str, grpc.Headers] = {}
        self._methods = {name: self._method(name, answer) for name, answer in answers.items()}

    def __call__(self, peer: socket.socket) -> None:
        server = grpc.Server(self._methods)
        peer.sendall(server.greeting())
        while data := peer.recv(65536):
            peer.sendall(server.feed(data))

    def _method(self, name: str, answer: Answer) -> grpc.Method:
        def begin(headers: grpc.Headers) -> grpc.Call:
            self.metadata[name] = headers
            return _Canned(self.requests.setdefault(name, []), answer)

        return begin


class _Canned:
    def __init__(self, requests: list[bytes], answer: Answer) -> None:
        self._requests = requests
        self._answer = answer
        self._messages: list[bytes] = []
        self.finished = False

    def receive(self, message: bytes) -> None:
        self._requests.append(message)
        if isinstance(self._answer, grpc.CallError):
            raise self._answer
        self._messages = list(self._answer)
        self.finished = True

    def end_receiving(self) -> None:
        """Do nothing: the request has only one message."""

    def next_message(self) -> bytes | None:
        return self._messages.pop(0) if self._messages else None

    def close(self) -> None:
        """Do nothing: nothing is open."""
