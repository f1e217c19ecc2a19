"""Run the docker command line of a click as a cell would run it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from docker_magics.cli import index
from docker_magics.cli.command import Command
from docker_magics.cli.words import split
from docker_magics.commands.container.restart import ContainerRestart
from docker_magics.commands.container.stop import ContainerStop
from docker_magics.engine.client import Engine, path
from docker_magics.errors import DockerMagicsError, clean
from docker_magics.phrase import Phrase
from docker_magics.results.live import Interactive, Live, Progress
from docker_magics.results.plots import Bars
from docker_magics.results.show import View, consume
from docker_magics.results.text import Data, Output
from docker_magics.wire.frames import Stream

from .outbox import Outbox

#: Docker's default seconds between SIGTERM and SIGKILL.
_GRACE_S = 10
#: Maximum bytes of a file to send to the page.
_LARGEST_DATA = 32 * 1024 * 1024
_NO_HELP = Phrase(
    "cannot show --help here; run it in a cell",
    "여기서는 --help를 볼 수 없어요. 셀에서 실행하세요",
)
_TOO_LARGE = Phrase(
    "cannot send a file this large; run docker cp in a cell",
    "파일이 너무 커서 보낼 수 없어요. 셀에서 docker cp를 실행하세요",
)


class Action(View):
    """A running command line; its output goes to the page.

    Args:
        engine: the engine to run it on.
        number: the page's number of the action, which all messages carry.
        line: the command line, `stop web`.
        outbox: sends messages to the page.
        console: opens a console for an interactive process.
        data: sends a file to the page.
        done: called at the end.
    """

    def __init__(
        self,
        engine: Engine,
        number: int,
        line: str,
        *,
        outbox: Outbox,
        console: Callable[[int, Interactive, str], None],
        data: Callable[[int, bytes], None],
        done: Callable[[Action], None],
    ) -> None:
        self.number = number
        self.line = line
        self._engine = engine
        self._outbox = outbox
        self._console = console
        self._data = data
        self._done = done
        self._live: Live[Any] | None = None
        self._closed = False
        threading.Thread(target=self._run, daemon=True, name="docker-magics-action").start()

    def _run(self) -> None:
        error, text, code = "", "", 0
        try:
            result = self._outcome()
            code = (result.exit_code or 0) if isinstance(result, Output) else 0
            text = self._shown(result)
        except DockerMagicsError as caught:
            error = str(caught)
        except Exception as caught:  # noqa: BLE001 - a thread's errors can only be shown in the page
            error = f"{type(caught).__name__}: {caught}"
        self._done(self)
        self._outbox.put("done", action=self.number, error=error, text=text, code=code)

    def _outcome(self) -> Any:
        verb, rest = index.resolve(split(self.line))
        command = verb.parse(rest)
        if command is None:
            raise DockerMagicsError(str(_NO_HELP))
        self._announce_grace(command)
        result = command.run(self._engine)
        if isinstance(result, Live):
            self._live = result
            if self._closed:
                result.close()
        return consume(result, self)

    def _shown(self, result: Any) -> str:
        if isinstance(result, Data):
            if len(result) > _LARGEST_DATA:
                raise DockerMagicsError(str(_TOO_LARGE))
            self._data(self.number, result)
            return ""
        if isinstance(result, Bars):
            bars = [[clean(bar.label), bar.value, bar.wasted] for bar in result.bars]
            self._outbox.put("bars", action=self.number, title=clean(result.title), bars=bars)
            return ""
        return "" if result is None else "\n".join(result) if _is_lines(result) else repr_of(result)

    def _announce_grace(self, command: Command) -> None:
        """Send the page the seconds between SIGTERM and SIGKILL, for its countdown."""
        if not isinstance(command, ContainerStop | ContainerRestart):
            return
        config = self._engine.get(path("containers", command.containers[0], "json"))["Config"]
        seconds = next(
            timeout
            for timeout in (command.timeout, config.get("StopTimeout"), _GRACE_S)
            if timeout is not None
        )
        signal = command.signal or config.get("StopSignal") or "SIGTERM"
        self._outbox.put("grace", action=self.number, seconds=seconds, signal=signal)

    def close(self) -> None:
        """End a command that keeps running, such as `logs -f`."""
        self._closed = True
        if self._live is not None:
            self._live.close()

    # -- as a View

    def write(self, stream: Stream, text: str) -> None:  # noqa: ARG002 - shown alike in the page
        """Send output to the page."""
        self._outbox.write(self.number, text)

    def draw(self, progress: Progress, *, last: bool) -> None:  # noqa: ARG002 - each replaces the last
        """Send the current progress to the page."""
        fraction, text = progress.fraction, progress.text()
        self._outbox.put("progress", action=self.number, text=text, share=fraction)

    def notify(self, text: str) -> None:
        """Send a message to the page, as part of the output."""
        self._outbox.write(self.number, f"{text}\n")

    def interact(self, process: Interactive) -> None:
        """Open a console inside the dashboard."""
        self._console(self.number, process, f"docker {self.line}")


def _is_lines(result: Any) -> bool:
    return isinstance(result, list) and all(isinstance(item, str) for item in result)


def repr_of(result: Any) -> str:
    """Return a result as a terminal would show it."""
    return str(result) if isinstance(result, str) else repr(result)
