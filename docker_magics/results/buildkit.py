"""Progress of a BuildKit build: one line for each step.

source: engine/buildkit/trace.py for BuildKit's trace messages.
"""

from __future__ import annotations

import html
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from docker_magics.engine.buildkit import trace
from docker_magics.errors import clean
from docker_magics.phrase import Phrase

from . import human
from .build import COLOURS, Build
from .svg import readable
from .text import FOLD_LINES, NO_FORMULAS, earlier_lines, folded, preformatted

#: Lines of a step's log that are kept.
_LOG_LINES = 60
#: Name prefixes of BuildKit's own steps; the second one extracts a context that is a tar.
_INTERNAL = ("[internal]", "copy /context")
#: The states of steps that are never folded.
_OPEN = {"ERROR", "running"}
_STEPS = Phrase("Build steps", "빌드 단계")
_SENDING = "[internal] load build context"


@dataclass
class Step:
    """A step of BuildKit's graph.

    Attributes:
        vertex: the step itself.
        log: the last lines of its output.
        work: the tasks inside it by ID, such as the layers of a pull.
        warnings: the warnings about it.
    """

    vertex: trace.Vertex
    log: list[str] = field(default_factory=list)
    work: dict[str, trace.Status] = field(default_factory=dict)
    warnings: list[trace.Warning] = field(default_factory=list)

    @property
    def state(self) -> str:
        """`CACHED`, `DONE`, `ERROR`, `CANCELED`, `running`, or "" while it waits."""
        vertex = self.vertex
        if vertex.error:
            return "CANCELED" if vertex.error.endswith("context canceled") else "ERROR"
        if vertex.cached:
            return "CACHED"
        if vertex.completed is not None:
            return "DONE"
        return "running" if vertex.started is not None else ""

    @property
    def seconds(self) -> float | None:
        """The elapsed seconds; None if the step has not run."""
        vertex = self.vertex
        if vertex.started is None or vertex.cached:
            return None
        return max((vertex.completed or time.time()) - vertex.started, 0.0)

    @property
    def transfer(self) -> tuple[int, int] | None:
        """Bytes done and total bytes (0 if unknown) of a pull or of the context; else None."""
        if self.state != "running":
            return None
        current = sum(status.current for status in self.work.values())
        return (current, sum(status.total for status in self.work.values())) if current else None

    @property
    def took(self) -> str:
        """The transferred bytes and the time, `1.2MB/3.4MB 0.5s`."""
        parts = []
        if self.transfer:
            parts.append("/".join(human.size(size) for size in self.transfer if size))
        if self.seconds is not None:
            parts.append(f"{self.seconds:.1f}s")
        return " ".join(parts)

    @property
    def text(self) -> str:
        """The step in one line, `DONE     [2/3] RUN make 0.5s`."""
        return f"{self.state:<8} {self.vertex.name} {self.took}".rstrip()


def _place_of(step: Step, depth: int) -> tuple[bool, int]:
    # The export has no inputs in the graph, but comes last.
    return step.vertex.name.startswith("exporting "), depth


def _is_internal(step: Step) -> bool:
    sends = step.vertex.name == _SENDING and step.state == "running"
    return step.vertex.name.startswith(_INTERNAL) and not sends


class BuildKitBuild(Build):
    """A build by BuildKit, shown as one line for each step."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.steps: dict[str, Step] = {}

    def update(self, arrival: Mapping[str, Any]) -> None:
        """Update the state with a message: a trace, the image's ID or an error."""
        super().update(arrival)
        aux = arrival.get("aux")
        if arrival.get("id") == trace.TRACE_ID and isinstance(aux, str):
            self._take(trace.decode(aux))

    def _take(self, arrived: trace.Trace) -> None:
        for vertex in arrived.vertexes:
            step = self.steps.setdefault(vertex.digest, Step(vertex))
            step.vertex = vertex
        for status in arrived.statuses:
            if status.vertex in self.steps:
                self.steps[status.vertex].work[status.identity] = status
        for log in arrived.logs:
            if log.vertex in self.steps:
                lines = log.data.decode(errors="replace").splitlines()
                self.steps[log.vertex].log += [COLOURS.sub("", line) for line in lines]
                del self.steps[log.vertex].log[:-_LOG_LINES]
        for warning in arrived.warnings:
            if warning.vertex in self.steps:
                self.steps[warning.vertex].warnings.append(warning)

    def _shown(self) -> list[Step]:
        """Return the steps of the Dockerfile in topological order.

        BuildKit's own steps are included only if they fail, or while they send the context.
        """
        depths: dict[str, int] = {}
        for digest in self.steps:
            self._depth(digest, depths)
        steps = sorted(self.steps.items(), key=lambda item: _place_of(item[1], depths[item[0]]))
        return [step for _, step in steps if not _is_internal(step) or step.state == "ERROR"]

    def _depth(self, digest: str, depths: dict[str, int]) -> int:
        """Return the length of the longest path of steps up to this one; `depths` caches it."""
        if digest not in depths:
            inputs = [parent for parent in self.steps[digest].vertex.inputs if parent in self.steps]
            depths[digest] = 1 + max((self._depth(parent, depths) for parent in inputs), default=0)
        return depths[digest]

    def _failed(self) -> Step | None:
        return next((step for step in self.steps.values() if step.state == "ERROR"), None)

    def _failed_line(self) -> int | None:
        failed = self._failed()
        return self._line_of(failed.vertex.name) if failed else None

    def _summary(self) -> str:
        """Return `Built me/app:1: 5 steps, 3 CACHED`."""
        shown = self._shown()
        cached = sum(step.state == "CACHED" for step in shown)
        plural = "" if len(shown) == 1 else "s"
        steps = Phrase(f"{len(shown)} step{plural}", f"{len(shown)}단계")
        counted = f": {steps}" + (f", {cached} CACHED" if cached else "")
        waiting = f": {self._sending()}" if self._sent else ""
        return self._headline() + (counted if shown else waiting)

    def text(self) -> str:
        """Return one line per step; below a failed step, or with --progress plain any, its log."""
        lines = [self._summary()]
        for number, step in enumerate(self._shown(), start=1):
            lines.append(f"#{number} {step.text}{self._where(step)}")
            lines += [f"#{number} {self._warning(warning)}" for warning in step.warnings]
            if self._plain or step.state in _OPEN:
                lines += [f"#{number} | {line}" for line in step.log]
        return clean("\n".join(lines))

    def html(self) -> str:
        """Return the steps as a list; a step's log is collapsed unless it runs or has failed."""
        if self._plain:
            return preformatted(self.text())
        shown = self._shown()
        earlier = [step for step in shown[:-FOLD_LINES] if step.state not in _OPEN]
        rest = [step for step in shown if step not in earlier]
        return (
            f'<div class="{NO_FORMULAS}" style="{_FONT}">'
            f'<div role="status">{_text(self._summary())}</div>'
            f"{self._earlier_html(earlier)}{self._list_html(rest)}</div>"
        )

    def _earlier_html(self, steps: Sequence[Step]) -> str:
        if not steps:
            return ""
        label = _text(earlier_lines(len(steps)))
        return f"<details><summary>{label}</summary>{self._list_html(steps)}</details>"

    def _list_html(self, steps: Sequence[Step]) -> str:
        items = "".join(self._step_html(step) for step in steps)
        return f'<ol role="list" aria-label="{_STEPS}" style="{_LIST}">{items}</ol>'

    def _step_html(self, step: Step) -> str:
        warnings = "".join(
            f"<div>{_text(self._warning(warning))}</div>" for warning in step.warnings
        )
        head = _head_html(step, self._where(step))
        if not step.log:
            return f'<li><div style="{_INDENT}">{head}</div>{warnings}</li>'
        opened = " open" if step.state in _OPEN else ""
        log = folded("\n".join(step.log))
        return (
            f'<li><details{opened}><summary style="{_SUMMARY}">{head}</summary>'
            f'<div style="{_LOG}">{log}</div></details>{warnings}</li>'
        )

    def _where(self, step: Step) -> str:
        """Return the line of a failed step, ` (line 3)`."""
        line = self._line_of(step.vertex.name) if step.state == "ERROR" else None
        return f" ({self._place(line)})" if line is not None else ""

    def _warning(self, warning: trace.Warning) -> str:
        place = f" ({self._place(warning.line)})" if warning.line else ""
        return f"WARNING: {warning.short}{place}"


_FONT = (
    "font-family: var(--jp-code-font-family, monospace); color: var(--jp-ui-font-color1, inherit)"
)
_LIST = "list-style: none; margin: 0; padding: 0"
#: The width of the triangle before a <summary>.
_INDENT = "padding-left: 1.2em"
_SUMMARY = "cursor: pointer; list-style-position: outside; margin-left: 1.2em"
_HEAD = "display: flex; gap: 1em"
_LOG = (
    "margin: 0 0 0.3em 8.2em; padding: 0.3em 0.6em;"
    " background: var(--jp-layout-color2, rgba(128, 128, 128, 0.12))"
)

#: The text and colour of each state; colour is never the only difference.
_MARKS = {
    "CACHED": ("CACHED", readable("var(--jp-info-color1, #0077b6)")),
    "DONE": ("✓ DONE", readable("var(--jp-success-color1, #2e7d32)")),
    "ERROR": ("✗ ERROR", readable("var(--jp-error-color1, #c62828)")),
    "CANCELED": ("CANCELED", readable("var(--jp-warn-color1, #b26a00)")),
    "running": ("… running", "inherit"),
    "": ("waits", "inherit"),
}


def _head_html(step: Step, where: str) -> str:
    mark, colour = _MARKS[step.state]
    return (
        f'<span style="{_HEAD}"><span style="flex: 0 0 6em; color: {colour}">{mark}</span>'
        f'<span style="flex: 1; overflow-wrap: anywhere">{_text(step.vertex.name + where)}</span>'
        f'{_bar_html(step)}<span style="opacity: 0.75">{step.took}</span></span>'
    )


def _bar_html(step: Step) -> str:
    if not step.transfer:
        return ""
    current, total = step.transfer
    share = f'value="{current}" max="{total}"' if total else ""
    return f'<progress {share} aria-label="{_text(step.vertex.name)}"></progress>'


def _text(text: str) -> str:
    return html.escape(clean(text))
