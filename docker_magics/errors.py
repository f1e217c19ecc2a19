"""What can go wrong, as a tree. Every message is one short line; `hint` says what to do next.

In a cell an error shows without a traceback; in plain Python it is an exception as any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


class DockerMagicsError(Exception):
    """The base of all errors of this package.

    Attributes:
        exit_code: what the docker CLI would exit with.
        message: what went wrong.
        hint: what to do next, or None.
        result: what had been done before the error, to be shown all the same.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str | None = None, result: Any = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.result = result

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message

    def _render_traceback_(self) -> Sequence[str]:
        """IPython's hook: the message alone, control characters made visible."""
        return [clean(str(self))]


class UsageError(DockerMagicsError):
    """The line is wrong; nothing was sent to the engine."""


class FlagError(UsageError):
    """An unknown flag, or a value that a flag does not take."""

    exit_code = 125


class OperandError(UsageError):
    """Too few or too many operands."""


class UnknownCommand(UsageError):
    """No such docker command."""


class DockerfileError(UsageError):
    """A Dockerfile that cannot be read.

    Attributes:
        line, column: where, from 1.
    """

    def __init__(self, message: str, *, line: int, column: int = 1) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class EngineError(DockerMagicsError):
    """The engine cannot be reached, or refused."""


class NoEngine(EngineError):
    """There is no engine to talk to."""


class EngineUnreachable(EngineError):
    """The address is known, but nothing answers there."""


class ProtocolError(EngineError):
    """What answers does not speak the Engine API."""


class ApiError(EngineError):
    """The engine answered with an error.

    Attributes:
        status: the HTTP status code.
        explanation: the engine's own words.
    """

    status = 500

    def __init__(
        self,
        explanation: str,
        *,
        status: int | None = None,
        hint: str | None = None,
        result: Any = None,
    ) -> None:
        message = f"Error response from daemon: {explanation}"
        super().__init__(message, hint=hint, result=result)
        self.explanation = explanation
        if status is not None:
            self.status = status


class BadRequest(ApiError):
    """400: the engine does not take the parameters."""

    status = 400


class Unauthorized(ApiError):
    """401 or 403: not allowed."""

    status = 401


class NotFound(ApiError):
    """404: no such object."""

    status = 404


class Conflict(ApiError):
    """409: the object's state forbids it."""

    status = 409


class RegistryError(DockerMagicsError):
    """A registry refused, or sent what it should not."""


class DriverError(DockerMagicsError):
    """The embedded engine's runtime cannot do it on this machine."""


class OutcomeError(DockerMagicsError):
    """The engine did as told, but the outcome was no success."""


class ContainerExited(OutcomeError):
    """A container's process ended with a nonzero exit code."""

    def __init__(self, exit_code: int, *, result: Any = None) -> None:
        super().__init__(f"exited with code {exit_code}", result=result)
        self.exit_code = exit_code


class Interrupted(OutcomeError):
    """Who had started it ended it."""

    exit_code = 130


class ExerciseNotDone(OutcomeError):
    """An exercise of the course is not done yet."""


class BuildFailed(OutcomeError):
    """A build step failed.

    Attributes:
        line: the Dockerfile's line of that step, from 1, or None where the engine did not say.
    """

    def __init__(
        self, message: str, *, line: int | None = None, hint: str | None = None, result: Any = None
    ) -> None:
        super().__init__(message, hint=hint, result=result)
        self.line = line


_VISIBLE = {code: f"\\x{code:02x}" for code in (*range(32), *range(0x7F, 0xA0))}
del _VISIBLE[ord("\n")], _VISIBLE[ord("\t")]


def clean(text: str) -> str:
    """The text with control characters written out, so that a stranger's name moves no cursor."""
    return text.translate(_VISIBLE)
