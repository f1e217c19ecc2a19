"""Tab completion of %docker lines in the front end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from IPython.core.completer import (
    CompletionContext,
    SimpleCompletion,
    SimpleMatcherResult,
    context_matcher,
)

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_LINE = re.compile(r"\s*(?:\w+\s*=\s*)?%%?docker\s+(?:[A-Za-z_]\w*\s*<<\s*)?(.*)", re.DOTALL)
_DOCKERFILE = re.compile(r"\s*%%dockerfile\s+(.*)", re.DOTALL)
_MATCHER = "docker_magics"


def install(shell: InteractiveShell) -> None:
    """Add completion of docker lines to a shell; object names come from the session's engine."""

    @context_matcher(identifier=_MATCHER)  # type: ignore[untyped-decorator]
    def match(context: CompletionContext) -> SimpleMatcherResult:
        text = docker_text(context.full_text, context.cursor_line, context.text_until_cursor)
        if text is None:
            return {"completions": [], "suppress": False}
        typed = re.split(r"\s+", text)[-1]
        # IPython falls back to Python names if the list is empty.
        candidates = _candidates(text) or [typed]
        return {
            "completions": [SimpleCompletion(text=word, type="docker") for word in candidates],
            "matched_fragment": typed,
            "suppress": True,
        }

    shell.Completer.custom_matchers.append(match)


def _candidates(text: str) -> list[str]:
    from .cli.complete import complete
    from .session import shared

    def list_names(command: Sequence[str]) -> list[str]:
        return str(shared().run_args(list(command))).split("\n")

    return complete(text, list_names)


def uninstall(shell: InteractiveShell) -> None:
    """Remove the completion."""
    matchers = shell.Completer.custom_matchers
    matchers[:] = [
        matcher for matcher in matchers if getattr(matcher, "matcher_identifier", "") != _MATCHER
    ]


def docker_text(cell: str, line: int, text: str) -> str | None:
    """Return the docker command line up to the cursor, or None if the line is not a docker line.

    Args:
        cell: the whole cell.
        line: the cursor's line in the cell, counted from 0.
        text: the text of that line up to the cursor.
    """
    first = cell.split("\n", 1)[0]
    if line > 0 and first.strip() == "%%docker":
        return text.lstrip().removeprefix("docker ")
    if line == 0 and (match := _DOCKERFILE.match(text)):
        return f"build {match[1]}"
    match = _LINE.match(text)
    return match[1] if match else None
