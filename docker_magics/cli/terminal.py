"""Who runs a command: its standard input, and whether it can be asked something."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import BinaryIO

from docker_magics.errors import UsageError


@dataclass
class Terminal:
    """A caller that gives no input and answers no questions, as a script does.

    Attributes:
        stdin: standard input, empty by default.
        has_input: whether stdin was given (a cell's body, `input=`).
        watched: whether someone sees how work goes on, as on a terminal.
    """

    stdin: BinaryIO = field(default_factory=io.BytesIO)
    has_input: bool = False
    shows_progress: bool = False

    def confirm(self, question: str) -> bool:
        """Ask yes or no; nobody is here, so the caller must say it on the line."""
        said = " ".join(question.removeprefix("WARNING! ").split("\n")[:-1]) or question
        raise UsageError(said, hint="Nobody can be asked here: add -f to say yes.")

    def notify(self, text: str) -> None:
        """Tell the user something beside the result (a warning); a script has nobody to tell."""

    def ask(self, prompt: str, *, secret: bool = False) -> str:  # noqa: ARG002 - nobody is here
        """Ask for a line of text; a secret is not shown."""
        raise UsageError(f"nobody can be asked for the {prompt.strip(': ').lower()} here")
