"""A step whose command failed."""

from __future__ import annotations

from ..errors import ApiError


class StepFailed(ApiError):
    """The command of a RUN exited with another code than 0.

    Attributes:
        code: the exit code.
    """

    def __init__(self, command: str, code: int) -> None:
        super().__init__(f"The command '{command}' returned a non-zero code: {code}")
        self.code = code
