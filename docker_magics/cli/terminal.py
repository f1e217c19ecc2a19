"""The caller of a command: its standard input, and how it answers questions."""

from __future__ import annotations

import io
from typing import BinaryIO

from docker_magics.errors import UsageError


class Terminal:
    """A non-interactive caller, as a script: no input, and no answers to questions.

    Attributes:
        stdin: standard input, empty by default.
        has_input: whether stdin was set (a cell's body, `input=`).
        shows_progress: whether progress is visible, as on a TTY.
        is_cell: whether a cell has the line, which the notebook saves.
        is_required: whether it is an error not to read the input: a user wrote it for the command.
        stdout: takes archives that have no file of their own; None where output is displayed.
    """

    is_cell = False

    def __init__(
        self,
        stdin: BinaryIO | None = None,
        *,
        has_input: bool = False,
        shows_progress: bool = False,
        stdout: BinaryIO | None = None,
        is_required: bool = False,
    ) -> None:
        self.stdin = stdin or io.BytesIO()
        self.has_input = has_input
        self.shows_progress = shows_progress
        self.stdout = stdout
        self.is_required = is_required

    def confirm(self, question: str) -> bool:
        """Ask a yes-or-no question.

        Raises:
            UsageError: the caller is not interactive.
        """
        lines = [line for line in question.removeprefix("WARNING! ").split("\n")[:-1] if line]
        is_list = any(line.startswith("  - ") for line in lines)
        warning = ("\n" if is_list else " ").join(lines) or question
        raise UsageError(warning, hint="Not interactive; pass -f to confirm.")

    def require_tty(self) -> None:
        """Check that a process can read keys from this terminal; by default it gets the input.

        Raises:
            UsageError: it cannot.
        """

    def notify(self, text: str) -> None:
        """Show a message that is not part of the result, as a warning. Scripts ignore it."""

    def remark(self, text: str) -> None:
        """Show a message that the docker CLI writes to stdout, before the result."""
        self.notify(text)

    def ask(self, prompt: str, *, secret: bool = False) -> str:  # noqa: ARG002 - not interactive
        """Ask for a line of text; a secret is not echoed.

        Raises:
            UsageError: the caller is not interactive.
        """
        raise UsageError(f"cannot ask for the {prompt.strip(': ').lower()}: not interactive")
