"""The ForwardAgent call: a build step uses the SSH agent of the client.

source: moby/buildkit, session/sshforward/ssh.proto, copy.go; draft-miller-ssh-agent, section 3.
"""

from __future__ import annotations

import socket
from collections import deque
from pathlib import Path

from docker_magics.engine.buildkit import grpc
from docker_magics.engine.buildkit.protobuf import Message, ProtobufError, encode

_LENGTH = 4
#: OpenSSH's limit of an agent's messages.
_MAX_MESSAGE = 256 * 1024
#: Seconds in which an agent must answer: its user may have to confirm.
_PATIENCE_S = 60


class ForwardAgent:
    """Passes requests to the agent and its answers back: one answer for each request."""

    def __init__(self, agent: Path) -> None:
        self._requests = bytearray()
        self._answers: deque[bytes] = deque()
        self.finished = False
        self._agent = socket.socket(socket.AF_UNIX)
        self._agent.settimeout(_PATIENCE_S)
        try:
            self._agent.connect(str(agent))
        except OSError as error:
            self._agent.close()
            raise _failure(error) from error

    def receive(self, message: bytes) -> None:
        """Pass on the complete requests, and wait for their answers."""
        try:
            self._requests += Message(message).one(1, b"")
            while request := _first(self._requests):
                del self._requests[: len(request)]
                self._agent.sendall(request)
                self._answers.append(self._answer())
        except (ProtobufError, OSError) as error:
            raise _failure(error) from error

    def _answer(self) -> bytes:
        answer = bytearray()
        while not (complete := _first(answer)):
            data = self._agent.recv(_MAX_MESSAGE)
            if not data:
                raise ConnectionError("the agent has closed the connection")
            answer += data
        return complete

    def end_receiving(self) -> None:
        """Finish the call: the step needs the agent no more."""
        self.finished = True

    def next_message(self) -> bytes | None:
        """Return the next answer."""
        return encode({1: self._answers.popleft()}) if self._answers else None

    def close(self) -> None:
        """Close the connection to the agent."""
        self._agent.close()


def _first(data: bytearray) -> bytes:
    """Return the first message of the agent's protocol with its length, b"" if incomplete."""
    end = _LENGTH + int.from_bytes(data[:_LENGTH], "big")
    if end > _MAX_MESSAGE:
        raise ConnectionError("the message is too long")
    return bytes(data[:end]) if len(data) >= max(end, _LENGTH + 1) else b""


def _failure(error: Exception) -> grpc.CallError:
    return grpc.CallError(grpc.Status.UNKNOWN, f"cannot use the SSH agent: {error}")
