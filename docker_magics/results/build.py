"""Progress of a build: BuildKit's steps, or the classic builder's log.

source: Engine API, ImageBuild; wire/trace.py for BuildKit's lines.
"""

from __future__ import annotations

import html
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from docker_magics.engine.buildkit import trace
from docker_magics.errors import ApiError, BuildFailed, EngineError, Interrupted, clean

from . import human
from .live import Progress
from .text import Text, preformatted

_LOG_LINES = 60
#: How the names of BuildKit's own steps begin; the second is its unpacking of a context's tar.
_INTERNAL = ("[internal]", "copy /context")
_SENDING = "[internal] load build context"
#: Docker's `Step 2/3 : RUN make`, Podman's `[1/2] STEP 2/3: RUN make`.
_CLASSIC_STEP = re.compile(r"^(?:\[\d+/\d+\] )?(?:Step|STEP) \d+/\d+ ?: (.*)", re.MULTILINE)
_PARSE_ERROR = re.compile(r"parse error (?:on )?line (\d+)")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class Build(Progress):
    """A build under way: what both builders have in common.

    Args:
        send: sends the context and gives the engine's messages, in the reading thread.
        cancel: tells the engine to stop.
        line_of: BuildKit's name of a step, or the classic builder's steps so far -> the
            Dockerfile's line, from 1.
        done: takes the image's ID at the end.
        hint: an engine's message -> what to do about it.
        tags: what the image will be called.
        in_cell: the Dockerfile is a cell's body, below the line of the magic.
        plain: shown as text, with all that the steps wrote.
        quiet: nothing is drawn.
    """

    after_interrupt = "finished steps stay in the cache"

    def __init__(
        self,
        send: Callable[[], Iterator[Any]],
        cancel: Callable[[], None],
        line_of: Callable[[Any], int | None],
        done: Callable[[str], None],
        hint: Callable[[str], str | None],
        *,
        tags: Sequence[str] = (),
        in_cell: bool = False,
        plain: bool = False,
        quiet: bool = False,
    ) -> None:
        self._send = send
        self._cancel = cancel
        self._line_of = line_of
        self._done = done
        self._hint = hint
        self._name = ", ".join(tags) or "the image"
        self._in_cell = in_cell
        self._plain = plain
        self.quiet = quiet
        self._interrupted = False
        self._error: str | None = None
        self._image: str | None = None
        self._sent = 0

    def arrivals(self) -> Iterator[Any]:
        """The engine's messages, and how much of the context has been sent."""
        try:
            yield from self._send()
        except ApiError as error:
            # The classic builder refuses what it cannot read; BuildKit says so in its messages.
            if not _PARSE_ERROR.search(error.explanation):
                raise
            yield {"error": error.explanation}

    def update(self, arrival: Mapping[str, Any]) -> None:
        """Take in a message."""
        self._sent = arrival.get("sent", self._sent)
        if "error" in arrival:
            self._error = str(arrival["error"])
        aux = arrival.get("aux")
        if isinstance(aux, dict) and "ID" in aux:
            self._image = aux["ID"]

    def interrupt(self, times: int) -> None:  # noqa: ARG002 - the first ends it
        """Tell the engine to stop building."""
        self._interrupted = True
        self._cancel()

    def close(self) -> None:
        """Nothing of it goes on once it has ended or was cancelled."""
        self._cancel()

    def result(self) -> Text:
        """The image's ID.

        Raises:
            BuildFailed: a step failed; with the Dockerfile's line where it is known.
            Interrupted: it was cancelled.
        """
        if self._interrupted:
            raise Interrupted(f"The build was cancelled; {self.after_interrupt}.")
        if self._error is not None:
            raise self._failure(self._error)
        if self._image is None:
            self._image = self._said_image()
        if self._image is None:
            raise EngineError("the engine did not say which image it built")
        self._done(self._image)
        return Text(self._image)

    def _failure(self, message: str) -> BuildFailed:
        parse_error = _PARSE_ERROR.search(message)
        line = int(parse_error[1]) if parse_error else self._failed_line()
        said = _COLOURS.sub("", message).strip()
        place = f"{self._place(line)}: " if line is not None else ""
        return BuildFailed(f"{place}{said}", line=line, hint=self._hint(said))

    def _failed_line(self) -> int | None:
        raise NotImplementedError

    def _said_image(self) -> str | None:
        """The image's ID, where it is said in the log alone."""
        return None

    def _place(self, line: int) -> str:
        """A line of the Dockerfile, as its writer counts: the magic's line is the cell's first."""
        return f"line {line + 1} of the cell" if self._in_cell else f"line {line}"

    def _headline(self) -> str:
        """What is being built, and whether that is done."""
        if self._interrupted:
            return f"Cancelled building {self._name}"
        if self._error is not None:
            return f"Failed to build {self._name}"
        return f"Built {self._name}" if self._image else f"Building {self._name}"

    def _sending(self) -> str:
        return f"Sending build context {human.size(self._sent)}" if self._sent else ""


@dataclass
class Step:
    """A step of BuildKit's graph, with what it wrote and the work inside it (a pull's layers)."""

    vertex: trace.Vertex
    log: list[str] = field(default_factory=list)
    work: dict[str, trace.Status] = field(default_factory=dict)
    warnings: list[trace.Warning] = field(default_factory=list)

    @property
    def state(self) -> str:
        """`CACHED`, `DONE`, `ERROR`, `running`, or nothing: it waits."""
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
        """How long it took, or has taken."""
        vertex = self.vertex
        if vertex.started is None or vertex.cached:
            return None
        return max((vertex.completed or time.time()) - vertex.started, 0.0)

    @property
    def transfer(self) -> tuple[int, int] | None:
        """Bytes done and in all (0: not known) of a pull inside it, or of the context."""
        if self.state != "running":
            return None
        current = sum(each.current for each in self.work.values())
        return (current, sum(each.total for each in self.work.values())) if current else None

    @property
    def took(self) -> str:
        """`1.2MB/3.4MB 0.5s`."""
        parts = []
        if self.transfer:
            parts.append("/".join(human.size(size) for size in self.transfer if size))
        if self.seconds is not None:
            parts.append(f"{self.seconds:.1f}s")
        return " ".join(parts)

    @property
    def text(self) -> str:
        """`CACHED   [2/3] RUN make`, with its time."""
        return f"{self.state:<8} {self.vertex.name} {self.took}".rstrip()


def _place_of(step: Step, depth: int) -> tuple[bool, int]:
    # The export names no inputs, and comes last.
    return step.vertex.name.startswith("exporting "), depth


def _is_internal(step: Step) -> bool:
    sends = step.vertex.name == _SENDING and step.state == "running"
    return step.vertex.name.startswith(_INTERNAL) and not sends


class BuildKitBuild(Build):
    """BuildKit's steps: one line each."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.steps: dict[str, Step] = {}

    def update(self, arrival: Mapping[str, Any]) -> None:
        """Take in a message: a trace, the image's ID or an error."""
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
                self.steps[log.vertex].log += [_COLOURS.sub("", line) for line in lines]
                del self.steps[log.vertex].log[:-_LOG_LINES]
        for warning in arrived.warnings:
            if warning.vertex in self.steps:
                self.steps[warning.vertex].warnings.append(warning)

    def _shown(self) -> list[Step]:
        """The steps of the Dockerfile, each behind those that it stands on.

        BuildKit's own steps are there where they fail, or send the context.
        """
        depths: dict[str, int] = {}
        for digest in self.steps:
            self._measure(digest, depths)
        steps = sorted(self.steps.items(), key=lambda item: _place_of(item[1], depths[item[0]]))
        return [step for _, step in steps if not _is_internal(step) or step.state == "ERROR"]

    def _measure(self, digest: str, depths: dict[str, int]) -> int:
        """How many steps stand below one another up to this one."""
        if digest not in depths:
            below = [each for each in self.steps[digest].vertex.inputs if each in self.steps]
            depths[digest] = 1 + max((self._measure(each, depths) for each in below), default=0)
        return depths[digest]

    def _failed(self) -> Step | None:
        return next((step for step in self.steps.values() if step.state == "ERROR"), None)

    def _failed_line(self) -> int | None:
        failed = self._failed()
        return self._line_of(failed.vertex.name) if failed else None

    def _summary(self) -> str:
        """`Built me/app:1: 5 steps, 3 CACHED`."""
        shown = self._shown()
        cached = sum(step.state == "CACHED" for step in shown)
        steps = f"{len(shown)} step" + ("" if len(shown) == 1 else "s")
        counted = f": {steps}" + (f", {cached} CACHED" if cached else "")
        waiting = f": {self._sending()}" if self._sent else ""
        return self._headline() + (counted if shown else waiting)

    def text(self) -> str:
        """A line a step; under a failed one, and with --progress plain any, what it wrote."""
        lines = [self._summary()]
        for number, step in enumerate(self._shown(), start=1):
            lines.append(f"#{number} {step.text}{self._where(step)}")
            lines += [f"#{number} {self._warning(warning)}" for warning in step.warnings]
            if self._plain or step.state in {"ERROR", "running"}:
                lines += [f"#{number} | {line}" for line in step.log]
        return clean("\n".join(lines))

    def html(self) -> str:
        """The steps as a list; what a step wrote folds under it, open where it runs or failed."""
        if self._plain:
            return preformatted(self.text())
        steps = "".join(self._step_html(step) for step in self._shown())
        return (
            f'<div style="{_FONT}"><div role="status">{_text(self._summary())}</div>'
            f'<ol role="list" aria-label="Build steps" style="{_LIST}">{steps}</ol></div>'
        )

    def _step_html(self, step: Step) -> str:
        warnings = "".join(f"<div>{_text(self._warning(each))}</div>" for each in step.warnings)
        head = _head_html(step, self._where(step))
        if not step.log:
            return f'<li><div style="{_INDENT}">{head}</div>{warnings}</li>'
        opened = " open" if step.state in {"ERROR", "running"} else ""
        log = _text("\n".join(step.log))
        return (
            f'<li><details{opened}><summary style="{_SUMMARY}">{head}</summary>'
            f'<pre style="{_LOG}">{log}</pre></details>{warnings}</li>'
        )

    def _where(self, step: Step) -> str:
        """The line of a step that failed."""
        line = self._line_of(step.vertex.name) if step.state == "ERROR" else None
        return f" ({self._place(line)})" if line is not None else ""

    def _warning(self, warning: trace.Warning) -> str:
        place = f" ({self._place(warning.line)})" if warning.line else ""
        return f"WARNING: {warning.short}{place}"


class ClassicBuild(Build):
    """The classic builder's log, temporary containers and all."""

    # Podman 4.3 does.
    after_interrupt = "the engine may let the step that runs come to its end"

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._log = ""
        self._under_way: dict[str, str] = {}

    def update(self, arrival: Mapping[str, Any]) -> None:
        """Take in a message."""
        super().update(arrival)
        self._log += str(arrival.get("stream", ""))
        if "status" in arrival:
            identity = str(arrival.get("id", ""))
            progress = f"{arrival['status']} {arrival.get('progress', '')}".strip()
            self._under_way[identity] = progress
        elif arrival.get("stream"):
            self._under_way.clear()

    def _failed_line(self) -> int | None:
        steps = _CLASSIC_STEP.findall(self._log)
        return self._line_of(steps) if steps else None

    def _said_image(self) -> str | None:
        """With -q the ID is all that is said."""
        return self._log.strip() or None if self.quiet else None

    def text(self) -> str:
        """The log."""
        log = _COLOURS.sub("", self._log).rstrip("\n")
        pulls = [f"{identity}: {status}" for identity, status in self._under_way.items()]
        return clean("\n".join(part for part in (self._sending(), log, *pulls) if part))

    def html(self) -> str:
        """The log, as it is."""
        return preformatted(self.text())


_FONT = (
    "font-family: var(--jp-code-font-family, monospace); color: var(--jp-ui-font-color1, inherit)"
)
_LIST = "list-style: none; margin: 0; padding: 0"
#: As wide as the triangle of a summary, which stands beside its head.
_INDENT = "padding-left: 1.2em"
_SUMMARY = "cursor: pointer; list-style-position: outside; margin-left: 1.2em"
_HEAD = "display: flex; gap: 1em"
_LOG = (
    "margin: 0 0 0.3em 8.2em; padding: 0.3em 0.6em; white-space: pre-wrap; max-height: 20em;"
    " overflow: auto; color: inherit;"
    " background: var(--jp-layout-color2, rgba(128, 128, 128, 0.12))"
)

#: How states show: never by colour alone.
_MARKS = {
    "CACHED": ("CACHED", "var(--jp-info-color1, #0077b6)"),
    "DONE": ("✓ DONE", "var(--jp-success-color1, #2e7d32)"),
    "ERROR": ("✗ ERROR", "var(--jp-error-color1, #c62828)"),
    "CANCELED": ("CANCELED", "var(--jp-warn-color1, #b26a00)"),
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
