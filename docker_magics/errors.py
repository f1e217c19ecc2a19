"""The tree of errors. Every message is one short line; `hint` says what to do next.

IPython shows these errors without a traceback; in plain Python they are ordinary exceptions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docker_magics.phrase import exited

if TYPE_CHECKING:
    from collections.abc import Sequence


class DockerMagicsError(Exception):
    """The base class of all errors of this package.

    Attributes:
        exit_code: the code that the docker CLI would exit with.
        message: what went wrong.
        hint: what to do next, or None.
        result: the partial result, shown despite the error.
        cli_text: what the docker CLI prints, if it is more than the message.
    """

    exit_code = 1

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        result: Any = None,
        cli_text: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.result = result
        self.cli_text = cli_text

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message

    def _render_traceback_(self) -> Sequence[str]:
        """Return the message alone, without control characters (a hook of IPython)."""
        return [clean(str(self))]


class UsageError(DockerMagicsError):
    """The command line is invalid; nothing was sent to the engine."""


class FlagError(UsageError):
    """An unknown flag, or an invalid value of a flag."""

    exit_code = 125


class OperandError(UsageError):
    """Too few or too many operands."""


class UnknownCommand(UsageError):
    """The docker command does not exist."""


class DockerfileError(UsageError):
    """The Dockerfile has a syntax error.

    Attributes:
        line, column: the position of the error, counted from 1.
    """

    def __init__(self, message: str, *, line: int, column: int = 1) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class EngineError(DockerMagicsError):
    """The engine cannot be reached, or rejected the request."""


class NoEngine(EngineError):
    """No engine was found."""


class EngineUnreachable(EngineError):
    """Nothing answers at the engine's address."""


class ProtocolError(EngineError):
    """The server does not speak the Engine API."""


class ApiError(EngineError):
    """The engine answered with an error.

    Attributes:
        status: the HTTP status code.
        explanation: the engine's message.
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
    """400: the engine rejected the parameters."""

    status = 400


class Unauthorized(ApiError):
    """401 or 403: the client is not authorized."""

    status = 401


class NotFound(ApiError):
    """404: the object does not exist."""

    status = 404


class Conflict(ApiError):
    """409: the request conflicts with the object's state."""

    status = 409


class RegistryError(DockerMagicsError):
    """A registry refuses, does not answer, or its credentials cannot be read."""


class OutcomeError(DockerMagicsError):
    """The engine did what was requested, but the outcome is a failure."""


class ContainerExited(OutcomeError):
    """A container's process ended with a nonzero exit code."""

    def __init__(self, exit_code: int, *, result: Any = None) -> None:
        super().__init__(exited(exit_code), result=result)
        self.exit_code = exit_code


class Interrupted(OutcomeError):
    """The user interrupted the operation."""

    exit_code = 130


class ExerciseNotDone(OutcomeError):
    """An exercise of the course is not solved yet."""


class BuildFailed(OutcomeError):
    """A build step failed.

    Attributes:
        line: the line of the step in the Dockerfile, counted from 1, or None if unknown.
    """

    def __init__(
        self, message: str, *, line: int | None = None, hint: str | None = None, result: Any = None
    ) -> None:
        super().__init__(message, hint=hint, result=result)
        self.line = line


_VISIBLE = {code: f"\\x{code:02x}" for code in (*range(32), *range(0x7F, 0xA0))}
del _VISIBLE[ord("\n")], _VISIBLE[ord("\t")]


def clean(text: str) -> str:
    """Return a text with control characters escaped.

    Names and messages of an engine are untrusted: they must not move the cursor.
    """
    return text.translate(_VISIBLE)
