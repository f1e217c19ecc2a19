"""Explain an error below the cell that it ended: what happened, and what to do next.

The errors are those of docker, and a variable that is missing after a restart of the kernel.

`happened.json` has the errors, the more special ones first: ID -> `match`, a regular expression of
the engine's or the client's message, and for each language `cause` and `next`.
"""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docker_magics.errors import DockerMagicsError, clean
from docker_magics.phrase import Phrase

from . import language
from .check_result import escaped, rich

if TYPE_CHECKING:
    from IPython.core.interactiveshell import ExecutionResult, InteractiveShell

_TITLE = Phrase("What happened?", "무슨 일이 있었나요?")


@dataclass(frozen=True)
class Explanation:
    """The cause of an error and the next step, as a cell displays them.

    Attributes:
        cause: what happened.
        next: what to do.
        language: "en" or "ko".
    """

    cause: str
    next: str
    language: str

    def _repr_html_(self) -> str:
        return (
            f"<details><summary>{escaped(_TITLE[self.language])}</summary>"
            f"<div>{rich(self.cause)}</div><div>→ {rich(self.next)}</div></details>"
        )

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: FBT001, ARG002 - IPython's
        printer.text(clean(f"{_TITLE[self.language]} {self.cause}\n→ {self.next}"))


def explain_error(message: str, *, lang: str | None = None) -> Explanation | None:
    """Return the explanation of an error by its message; None if the course has none.

    Args:
        message: the error's message.
        lang: "en" or "ko"; the default is the language of DOCKER_MAGICS_LANG.

    Raises:
        UsageError: the language does not exist.
    """
    spoken = language.chosen(lang)
    if entry := _entry(message):
        return Explanation(entry[spoken]["cause"], entry[spoken]["next"], spoken)
    return None


def hints(message: str) -> tuple[Phrase, ...]:
    """Return the cause of an error and what to do, as hints of an exercise; () if unknown."""
    entry = _entry(message)
    return tuple(
        Phrase(entry["en"][part], entry["ko"][part]) for part in ("cause", "next") if entry
    )


def _entry(message: str) -> dict[str, Any]:
    """Return the entry of the first explanation that matches a message, or an empty one."""
    matching = (entry for entry in explanations().values() if re.search(entry["match"], message))
    return next(matching, {})


@functools.cache
def explanations() -> dict[str, Any]:
    """Return all explained errors by ID."""
    file = Path(__file__).with_name("happened.json")
    loaded: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return loaded


def after_cell(result: ExecutionResult) -> None:
    """Show the explanation below a cell that an error ended."""
    error = result.error_in_exec
    if not isinstance(error, (DockerMagicsError, NameError)):
        return
    if explanation := explain_error(str(error)):
        from IPython.display import display

        display(explanation)


def install(shell: InteractiveShell) -> None:
    """Explain the errors of all cells from now on."""
    if after_cell not in shell.events.callbacks["post_run_cell"]:
        shell.events.register("post_run_cell", after_cell)


def uninstall(shell: InteractiveShell) -> None:
    """Explain no further errors."""
    if after_cell in shell.events.callbacks["post_run_cell"]:
        shell.events.unregister("post_run_cell", after_cell)
