"""The FileSend call: BuildKit sends the files that a build exports, as one tar.

source: moby/buildkit, session/filesync/filesync.go: CopyFileWriter; filesync.proto.
"""

from __future__ import annotations

from typing import BinaryIO

from docker_magics.engine.buildkit import grpc
from docker_magics.engine.buildkit.protobuf import Message, ProtobufError


class FileSend:
    """Writes what BuildKit sends to a file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.finished = False

    def receive(self, message: bytes) -> None:
        """Write a piece of the file."""
        try:
            self._file.write(Message(message).one(1, b""))
        except (ProtobufError, OSError) as error:
            raise grpc.CallError(grpc.Status.UNKNOWN, str(error)) from error

    def end_receiving(self) -> None:
        """Finish the call: the file is complete."""
        self.finished = True

    def next_message(self) -> None:
        """Return None: nothing is answered."""

    def close(self) -> None:
        """Do nothing: the file belongs to the build."""
