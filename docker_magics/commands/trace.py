"""docker trace: run a command, and show what was sent for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from docker_magics.cli.command import Command, operands
from docker_magics.cli.line import parse_command
from docker_magics.engine.client import Engine
from docker_magics.engine.recording import Exchange, TraceRecorder
from docker_magics.explain.texts import language, texts
from docker_magics.results.live import Wrapped
from docker_magics.results.sequence import Lane, milliseconds
from docker_magics.results.text import Text

from ._steps import answer_text, body_text, query_text, steps


class Trace(Command):
    """Run a command and show the requests that it sends"""

    usage = "COMMAND [ARG...]"
    long = (
        "The picture is made of what was really sent and answered. Passwords, tokens and headers\n"
        "are left out. A console or a dashboard goes on without being traced. The picture's\n"
        "headings are English, or in the language that DOCKER_MAGICS_LANG names."
    )
    interspersed = False

    words: list[str] = operands(1)

    def run(self, engine: Engine) -> Any:
        """The command's own result, shown as usual; then a results.trace.Trace with it.

        A DataFrame with the columns START, DURATION (float64, seconds), METHOD, PATH, QUERY, BODY
        (str), STATUS, SIZE (int64; bytes), ANSWER (str), and the attributes `result` and `steps`.
        """
        words = self.words[1:] if self.words[0] == "docker" else self.words
        command = parse_command(words, terminal=self.terminal)
        if isinstance(command, str):
            return Text(command)
        name = f"docker {command.command_name()}"
        watch = TraceRecorder()
        watched = engine.recorded(watch)

        def outcome(result: Any) -> Any:
            watched.close()
            return _traced(name, watch, result)

        return Wrapped(lambda: command.run(watched), outcome)


@dataclass(frozen=True)
class _Row:
    """A request, as the table has it."""

    start: float
    duration: float
    method: str
    path: str
    query: str
    body: str
    status: int
    size: int
    answer: str


def _row(exchange: Exchange) -> _Row:
    end = float("nan") if exchange.end is None else exchange.end
    return _Row(
        exchange.start,
        end - exchange.start,
        exchange.method,
        exchange.path,
        query_text(exchange),
        body_text(exchange),
        exchange.status,
        exchange.received,
        answer_text(exchange),
    )


def _traced(name: str, watch: TraceRecorder, result: Any) -> Any:
    from docker_magics.results.trace import make_trace

    took = milliseconds(watch.stop())
    rows = [_row(each) for each in watch.exchanges]
    said = texts(language())
    form = "traced_one" if len(rows) == 1 else "traced"
    title = said.say(form, name=name, count=len(rows), took=took)
    headings = {
        lane: (said.say(f"lane_{lane.title}"), said.say(f"role_{lane.title}")) for lane in Lane
    }
    return make_trace(rows, steps(watch.exchanges), title=title, headings=headings, result=result)
