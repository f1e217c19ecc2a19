"""The error of a failed call of Compose."""

from __future__ import annotations

import json
from typing import Any

from docker_magics.errors import OutcomeError
from docker_magics.phrase import Phrase, cell_line, exited

from .body import ComposeBody

_FAILED = Phrase("Compose failed; see the lines above", "Compose가 실패했어요. 위의 줄을 보세요")


class ComposeFailed(OutcomeError):
    """Compose ended with an error.

    Attributes:
        line: the line of the cell's body that it is about, counted from 1; None if unknown.
    """

    def __init__(self, message: str, exit_code: int, *, line: int | None = None) -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.line = line


def failure(stderr: str, exit_code: int, body: ComposeBody | None = None) -> ComposeFailed:
    """Return the error that Compose reported.

    Args:
        stderr: its standard error: JSON events or plain lines; the last one is the reason.
        exit_code: its exit code.
        body: the Compose file, if it is a cell's body.
    """
    lines = [line for line in stderr.splitlines() if line.strip()]
    reason = _reason(lines[-1]) if lines else f"docker compose: {exited(exit_code)}"
    line = body.line_of(reason) if body else None
    # the magic is the first line of the cell
    place = f"{cell_line(line + 1)}: " if line is not None else ""
    return ComposeFailed(place + reason.removeprefix("validating -: "), exit_code, line=line)


def _reason(line: str) -> str:
    event = event_of(line)
    text = str(event.get("message") or "") if event else line
    return text.strip() or str(_FAILED)


def event_of(line: str) -> dict[str, Any] | None:
    """Return the event of a line that `--progress json` prints; None if it is plain text."""
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) else None
