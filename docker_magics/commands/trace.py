"""docker trace: run a command and show its requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from docker_magics.cli.command import Command, operands
from docker_magics.cli.line import parse_command
from docker_magics.engine.client import Engine
from docker_magics.engine.recording import Exchange, TraceRecorder
from docker_magics.explain.texts import texts
from docker_magics.phrase import language
from docker_magics.results.live import Wrapped
from docker_magics.results.sequence import Lane, milliseconds
from docker_magics.results.text import Text

from ._steps import answer_text, body_text, query_text, steps


class Trace(Command):
    """Run a command and show the requests that it sends"""

    usage = "COMMAND [ARG...]"
    long = (
        "The diagram shows the recorded requests and responses. Passwords and tokens are masked,\n"
        "headers are omitted. A console or a dashboard continues without being traced. The\n"
        "headings are English, or in the language of DOCKER_MAGICS_LANG."
    )
    interspersed = False

    args: list[str] = operands(1)

    def run(self, engine: Engine) -> Any:
        """Run the command, show its result as usual, and return a results.trace.Trace.

        The Trace is a DataFrame with the columns START, DURATION (float64, seconds), METHOD, PATH,
        QUERY, BODY (str), STATUS, SIZE (int64; bytes), ANSWER (str), and the attributes `result`
        and `steps`.
        """
        args = self.args[1:] if self.args[0] == "docker" else self.args
        command = parse_command(args, terminal=self.terminal)
        if isinstance(command, str):
            return Text(command)
        name = f"docker {command.command_name()}"
        recorder = TraceRecorder()
        recorded_engine = engine.recorded(recorder)

        def outcome(result: Any) -> Any:
            recorded_engine.close()
            return _traced(name, recorder, result)

        return Wrapped(lambda: command.run(recorded_engine), outcome)


@dataclass(frozen=True)
class _Row:
    """A row of the table: one request."""

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


def _traced(name: str, recorder: TraceRecorder, result: Any) -> Any:
    from docker_magics.results.trace import make_trace

    duration = milliseconds(recorder.stop())
    rows = [_row(exchange) for exchange in recorder.exchanges]
    phrases = texts(language())
    form = "traced_one" if len(rows) == 1 else "traced"
    title = phrases.say(form, name=name, count=len(rows), took=duration)
    headings = {
        lane: (phrases.say(f"lane_{lane.title}"), phrases.say(f"role_{lane.title}"))
        for lane in Lane
    }
    return make_trace(
        rows, steps(recorder.exchanges), title=title, headings=headings, result=result
    )
