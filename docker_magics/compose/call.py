"""One call of Compose: its arguments, environment and standard input."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from docker_magics.errors import Interrupted

from .body import ComposeBody
from .failure import failure

#: Seconds between SIGTERM and SIGKILL.
_GRACE_S = 5


@dataclass(frozen=True)
class Call:
    """A command line of Compose that has not started.

    Attributes:
        program: the path of Compose.
        options: the arguments before the verb: `-f FILE`, `--profile NAME`.
        args: the verb and the arguments after it.
        environment: all environment variables; they select the engine.
        body: a cell's body, which is the standard input; None for no input.
        name: the program's name in messages.
    """

    program: Path
    options: Sequence[str]
    args: Sequence[str]
    environment: Mapping[str, str]
    body: ComposeBody | None = None
    name: str = "Compose"

    def with_args(self, *args: str) -> Self:
        """Return the same call with another verb, and the arguments after it."""
        return replace(self, args=args)

    def with_options(self, *options: str) -> Self:
        """Return the same call with further options before the verb."""
        return replace(self, options=[*self.options, *options])

    def start(self, terminal: int | None = None) -> subprocess.Popen[bytes]:
        """Start Compose in a new session (setsid), so that the notebook forwards interrupts.

        Args:
            terminal: the descriptor of a terminal for all streams; None if the body is the standard
                input, and the output goes to pipes.
        """
        with self._body_file() as body:
            options, streams = (
                self._with_terminal(body, terminal) if terminal else self._piped(body)
            )
            return subprocess.Popen(  # noqa: S603 - no shell is involved
                [self.program, *options, *self.args],
                env=dict(self.environment),
                start_new_session=True,
                **streams,
            )

    @contextlib.contextmanager
    def _body_file(self) -> Iterator[int]:
        with tempfile.TemporaryFile() as file:
            file.write(self.body.text.encode() if self.body else b"")
            file.seek(0)
            yield file.fileno()

    def _piped(self, body: int) -> tuple[list[str], dict[str, Any]]:
        pipe = subprocess.PIPE
        return [*self.options], {"stdin": body, "stdout": pipe, "stderr": pipe}

    def _with_terminal(self, body: int, terminal: int) -> tuple[list[str], dict[str, Any]]:
        """Return the options and streams for a terminal; the body is then a file."""
        options = [f"/dev/fd/{body}" if option == "-" else option for option in self.options]
        if self.body and "--project-directory" not in options:
            options += ["--project-directory", "."]
        streams = dict.fromkeys(("stdin", "stdout", "stderr"), terminal)
        return options, {**streams, "pass_fds": (body,)}

    def output(self) -> str:
        """Run Compose to its end, and return its standard output.

        Raises:
            ComposeFailed: it failed.
            Interrupted: the user interrupted it.
        """
        process = self.start()
        try:
            out, errors = process.communicate()
        except KeyboardInterrupt:
            raise Interrupted(f"docker compose {self.args[0]} was interrupted.") from None
        finally:
            end(process)
        if process.returncode:
            text = errors.decode(errors="replace")
            raise failure(text, process.returncode, self.body)
        return out.decode(errors="replace")


def read_model(text: str) -> dict[str, Any]:
    """Return the model that `config --format json` prints.

    Compose doubles dollar signs there, so that its output is a Compose file, too.
    """
    model: dict[str, Any] = json.loads(text.replace("$$", "$"))
    return model


def send_signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to Compose and its children, such as the builder's plugin."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def end(process: subprocess.Popen[bytes]) -> None:
    """End Compose if it still runs, and reap it. Idempotent."""
    if process.poll() is None:
        send_signal(process, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE_S)
    if process.poll() is None:
        send_signal(process, signal.SIGKILL)
        process.wait()
