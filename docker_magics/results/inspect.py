"""Results of inspect: a list of dicts, collapsible in a notebook, JSON in a terminal."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from typing import Any

from docker_magics.errors import clean

from .text import NO_FORMULAS

_OPEN_DEPTH = 2


class InspectList(list[dict[str, Any]]):
    """API objects as the engine returns them, with the Engine API's field names."""

    def __repr__(self) -> str:
        """Return the JSON that the CLI prints: indented by four spaces, in the engine's order."""
        return json.dumps(list(self), indent=4, ensure_ascii=False)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: FBT001, ARG002 - IPython's
        printer.text(clean(repr(self)))

    def _repr_html_(self) -> str:
        style = "font-family: var(--jp-code-font-family, monospace); font-size: 0.9em"
        items = "".join(_folded(item, 0) for item in self)
        return f'<div class="{NO_FORMULAS}" style="{style}">{items}</div>'


def _folded(value: Any, depth: int, name: str = "") -> str:
    """Return a value as nested <details> elements, the outer two levels open."""
    label = f"<b>{html.escape(clean(name))}</b>: " if name else ""
    if not isinstance(value, Mapping | list) or not value:
        return f"<div>{label}{html.escape(clean(json.dumps(value, ensure_ascii=False)))}</div>"
    inner = "".join(_folded(item, depth + 1, key) for key, item in _members(value))
    opened = " open" if depth < _OPEN_DEPTH - 1 else ""
    return (
        f"<details{opened}><summary>{label}{_summary(value)}</summary>"
        f'<div style="margin-left: 1.5em">{inner}</div></details>'
    )


def _members(value: Mapping[str, Any] | Sequence[Any]) -> list[tuple[str, Any]]:
    if isinstance(value, Mapping):
        return [(str(key), item) for key, item in value.items()]
    return [(str(place), item) for place, item in enumerate(value)]


def _summary(value: Mapping[str, Any] | Sequence[Any]) -> str:
    if isinstance(value, Mapping):
        name = value.get("Name") or value.get("Id") or ""
        shown = f" {name}" if isinstance(name, str) else ""
        return html.escape(clean("{…}" + shown))
    return f"[{len(value)}]"
