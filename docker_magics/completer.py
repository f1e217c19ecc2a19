"""Completion in the front end: %docker lines complete as in a terminal."""

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
    """Complete docker lines in this shell; names come from the session's engine."""

    @context_matcher(identifier=_MATCHER)  # type: ignore[untyped-decorator]
    def match(context: CompletionContext) -> SimpleMatcherResult:
        text = docker_text(context.full_text, context.cursor_line, context.text_until_cursor)
        if text is None:
            return {"completions": [], "suppress": False}
        typed = re.split(r"\s+", text)[-1]
        # Something must be offered, else IPython goes on to Python's names.
        words = _words(text) or [typed]
        return {
            "completions": [SimpleCompletion(text=word, type="docker") for word in words],
            "matched_fragment": typed,
            "suppress": True,
        }

    shell.Completer.custom_matchers.append(match)


def _words(text: str) -> list[str]:
    from .cli.complete import complete
    from .session import shared

    def names(words: Sequence[str]) -> list[str]:
        return str(shared().run_words(list(words))).split()

    return complete(text, names)


def uninstall(shell: InteractiveShell) -> None:
    """Take the completion away."""
    matchers = shell.Completer.custom_matchers
    matchers[:] = [each for each in matchers if getattr(each, "matcher_identifier", "") != _MATCHER]


def docker_text(cell: str, line: int, text: str) -> str | None:
    """The docker command line up to the cursor, or None where the cursor is on no such line."""
    first = cell.split("\n", 1)[0]
    if line > 0 and first.strip() == "%%docker":
        return text.lstrip().removeprefix("docker ")
    if line == 0 and (match := _DOCKERFILE.match(text)):
        return f"build {match[1]}"
    match = _LINE.match(text)
    return match[1] if match else None
