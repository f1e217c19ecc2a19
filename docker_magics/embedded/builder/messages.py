"""The classic builder's output: messages of the API, JSON lines with `stream`, `status` or `aux`.

source: Engine API, ImageBuild; moby builder/dockerfile/builder.go, api/server/backend/build.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from typing import Any, TypeVar

from ..errors import ApiError
from ..images.image import Image

Message = dict[str, Any]
#: Messages as they arise. A None now and then lets the server detect that the client has gone.
Messages = Iterator[Message | None]
_T = TypeVar("_T")
#: Messages, and then a result.
MessagesThen = Generator[Message | None, None, _T]

_RED, _PLAIN = "\x1b[91m", "\x1b[0m"
_BLANK_LINES = "Empty continuation lines will become errors in a future release."


class StepFailed(ApiError):
    """The command of a RUN exited with another code than 0.

    Attributes:
        code: the exit code.
    """

    def __init__(self, command: str, code: int) -> None:
        super().__init__(f"The command '{command}' returned a non-zero code: {code}")
        self.code = code


class Output:
    """Makes the messages of one build. Each method returns those to send now.

    Attributes:
        withheld: the messages of a quiet build; sent if it fails.

    Args:
        quiet: whether only the image's ID is shown.
        steps: how many there will be.
    """

    def __init__(self, *, quiet: bool, steps: int = 0) -> None:
        self.withheld: list[Message] = []
        self.steps = steps
        self._quiet = quiet
        self._step = 0

    def text(self, *texts: str) -> list[Message]:
        """Return one message for each text."""
        messages: list[Message] = [{"stream": text} for text in texts]
        if not self._quiet:
            return messages
        self.withheld += messages
        return []

    def progress(self, messages: Iterable[Message | None]) -> Messages:
        """Yield messages about downloads, only None in a quiet build."""
        for message in messages:
            if message is None or not self._quiet:
                yield message

    def parser_warnings(self, warnings: tuple[str, ...]) -> list[Message]:
        """Return the warnings about a Dockerfile's syntax."""
        if not warnings:
            return []
        lines = "".join(f"[WARNING]: {warning}\n" for warning in (*warnings, _BLANK_LINES))
        return self.text(f"{_RED}{lines}{_PLAIN}")

    def step(self, instruction: str) -> list[Message]:
        """Return the heading of the next step."""
        self._step += 1
        return self.text(f"Step {self._step}/{self.steps} : {instruction}", "\n")

    def triggers(self, count: int) -> list[Message]:
        """Return the heading of a base image's ONBUILD triggers."""
        plural = "trigger" if count == 1 else "triggers"
        return self.text(f"# Executing {count} build {plural}", "\n")

    def using_cache(self) -> list[Message]:
        """Return that the cache had the step."""
        return self.text(" ---> Using cache\n")

    def running(self, container_id: str, warnings: Iterable[str]) -> list[Message]:
        """Return the warnings about a step's container, and its ID."""
        lines = (f" ---> [Warning] {warning}\n" for warning in warnings)
        return self.text(*lines, f" ---> Running in {container_id[:12]}\n")

    def process_output(self, stream: str, data: bytes) -> list[Message]:
        """Return what a step's process wrote to `stdout` or `stderr`; the latter is red."""
        text = data.decode("utf-8", "replace")
        return self.text(f"{_RED}{text}{_PLAIN}" if stream == "stderr" else text)

    def removed(self, container_id: str) -> list[Message]:
        """Return that a step's container was removed."""
        return self.text(f" ---> Removed intermediate container {container_id[:12]}\n")

    def image(self, image: Image | None) -> list[Message]:
        """Return the image that a step has made; None for `FROM scratch`."""
        return self.text(f" ---> {image.short_id if image else ''}\n")

    def unused_arguments(self, names: list[str]) -> list[Message]:
        """Return the warning about build arguments that no ARG declares."""
        if not names:
            return []
        joined = " ".join(sorted(names))
        return self.text(f"[Warning] One or more build-args [{joined}] were not consumed\n")

    def built(self, image: Image) -> list[Message]:
        """Return the result, which a quiet build shows too."""
        quiet: list[Message] = [{"stream": f"{image.id}\n"}] if self._quiet else []
        last = self.text(f"Successfully built {image.short_id}\n")
        return [{"aux": {"ID": image.id}}, *quiet, *last]
