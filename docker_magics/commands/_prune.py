"""Common parts of the prune commands: the confirmation and the report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from docker_magics.cli.command import flag
from docker_magics.cli.terminal import Terminal
from docker_magics.commands import _flags
from docker_magics.results import human
from docker_magics.results.text import Text


def force() -> Any:
    """Declare -f."""
    return flag("-f, --force", "Do not prompt for confirmation")


def filter_of_prune(example: str = "until=<timestamp>") -> Any:
    """Declare --filter."""
    return flag("--filter filter", f'Provide filter values (e.g. "{example}")')


def confirmed(terminal: Terminal, warning: str, *, force: bool) -> bool:
    """Whether -f was given or the user confirms."""
    question = f"WARNING! {warning}\nAre you sure you want to continue?"
    return force or terminal.confirm(question)


def report(sections: Iterable[tuple[str, Sequence[str]]], reclaimed: int | None) -> Text:
    """Return the CLI's report.

    Args:
        sections: titles, and the deleted objects below them.
        reclaimed: the freed bytes; None omits the line.
    """
    parts = [f"{title}:\n" + "\n".join(lines) + "\n\n" for title, lines in sections if lines]
    if reclaimed is not None:
        parts.append(f"Total reclaimed space: {human.size(reclaimed, 4)}\n")
    return Text("".join(parts))


def image_filters(filters: Sequence[tuple[str, str]], *, unused: bool) -> dict[str, list[str]]:
    """Return the user's filters, extended to all unused images or only to dangling ones."""
    return _flags.filters([*filters, ("dangling", "false" if unused else "true")])


def image_lines(deleted: Iterable[dict[str, str]] | None) -> list[str]:
    """Return the lines `untagged: ...` and `deleted: ...` of removed images."""
    return [
        f"{action.lower()}: {name}" for entry in deleted or [] for action, name in entry.items()
    ]
