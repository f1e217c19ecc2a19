"""What every prune does: ask first, then say what went and how much room that made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from docker_magics.cli.command import flag
from docker_magics.cli.terminal import Terminal
from docker_magics.commands import _flags
from docker_magics.results import human
from docker_magics.results.text import Text


def force() -> Any:
    """-f of every prune."""
    return flag("-f, --force", "Do not prompt for confirmation")


def filter_of_prune(example: str = "until=<timestamp>") -> Any:
    """--filter of a prune."""
    return flag("--filter filter", f'Provide filter values (e.g. "{example}")')


def confirmed(terminal: Terminal, warning: str, *, force: bool) -> bool:
    """Whether it may go on: by -f, or by a yes."""
    question = f"WARNING! {warning}\nAre you sure you want to continue?"
    return force or terminal.confirm(question)


def report(sections: Iterable[tuple[str, Sequence[str]]], reclaimed: int | None) -> Text:
    """The CLI's words: what was deleted, a line each, and the room that was made (bytes)."""
    found = [f"{title}:\n" + "\n".join(lines) + "\n" for title, lines in sections if lines]
    if reclaimed is not None:
        found.append(f"Total reclaimed space: {human.size(reclaimed, 4)}\n")
    return Text("\n".join(found))


def image_filters(filters: Sequence[tuple[str, str]], *, unused: bool) -> dict[str, list[str]]:
    """The user's filters, and beside them which images: all unused ones, or dangling ones."""
    return _flags.filters([*filters, ("dangling", "false" if unused else "true")])


def image_lines(deleted: Iterable[dict[str, str]] | None) -> list[str]:
    """`untagged: ...` and `deleted: ...` of removed images."""
    return [f"{kind.lower()}: {name}" for each in deleted or [] for kind, name in each.items()]
