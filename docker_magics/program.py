"""The `docker-magics` program: docker's command line outside of notebooks.

docker-magics ps -a                    what `docker ps -a` does
docker-magics shim DIR                 write DIR/docker, a command that runs this program
docker-magics engine [--] COMMAND...   run a command with DOCKER_HOST set, on a running engine
docker-magics export NOTEBOOK --to FORM      print a notebook's docker cells: sh, compose or github
docker-magics class [FOLDER]           print a page that shows who is where in the course (--help)
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

from docker_magics.cli import global_options
from docker_magics.cli.terminal import Terminal
from docker_magics.errors import DockerMagicsError, UsageError, clean
from docker_magics.results.listing import AS_TEXT
from docker_magics.results.live import Interactive, Process, Progress
from docker_magics.results.show import Streams, drain
from docker_magics.results.text import Lines, Output, Shown, Text, Usage
from docker_magics.session import Session
from docker_magics.wire.frames import Frame, Stream

if TYPE_CHECKING:
    from docker_magics.cli.global_options import GlobalOptions

#: The verbs of `docker compose` that only this package has.
_OF_CELLS = frozenset({"explain", "diagram"})
#: A shell's exit code of a program that SIGINT ended.
_INTERRUPTED = 130


def main() -> int:
    """Run the command line of this process, and return its exit code."""
    try:
        code = run(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:  # `docker-magics logs web | head`: SIGPIPE ends the program, quietly
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        signal.raise_signal(signal.SIGPIPE)
        raise
    else:
        return code
    finally:
        gc.freeze()  # at exit, Python would look for garbage twice


def run(args: Sequence[str]) -> int:
    """Run one command line, and return its exit code."""
    own = _OWN.get(args[0]) if args else None
    try:
        return own(args[1:]) if own else _docker(args)
    except DockerMagicsError as error:
        from docker_magics.cli.error_text import error_text

        _print(error.result)
        sys.stderr.write(f"{clean(error_text(error, args))}\n")
        return error.exit_code
    except KeyboardInterrupt:
        return _INTERRUPTED


def _docker(args: Sequence[str]) -> int:
    AS_TEXT.set(True)
    options, line = global_options.parse(args)
    if line[:1] == ["compose"] and not _OF_CELLS.intersection(line):
        _become_compose(options, line)
    view = _View()
    result = Session().run_args(list(args), terminal=_Terminal(sys.stdin.buffer), view=view)
    if not view.has_shown(result):
        _print(result)
    return getattr(result, "exit_code", None) or 0


def _become_compose(options: GlobalOptions, line: Sequence[str]) -> NoReturn:
    """Run the official Compose in place of this process, with the engine that the line selects.

    source: docker/cli, cli-plugins/manager/manager.go: PluginRunCommand.
    """
    from docker_magics.compose.program import compose_environment, find
    from docker_magics.engine.cli_plugins import CALLER

    environment = {**compose_environment(options.address()), CALLER: "docker"}
    program = find()
    os.execve(program, [str(program), *line], environment)  # noqa: S606 - no shell is involved


def _shim(args: Sequence[str]) -> int:
    from pathlib import Path

    from docker_magics import shim

    if len(args) != 1:
        raise UsageError("'docker-magics shim' requires 1 argument: the folder")
    try:
        path = shim.write(Path(args[0]).absolute())
    except OSError as error:
        raise UsageError(f"cannot write {Path(args[0], shim.NAME)}: {error.strerror}") from error
    sys.stdout.write(f"{path}\n")
    return 0


def _engine(args: Sequence[str]) -> int:
    from docker_magics.engine.discover import find
    from docker_magics.engine.handover import environment_for

    command = args[1:] if args[:1] == ["--"] else args
    if not command:
        raise UsageError(
            "'docker-magics engine' requires a command: docker-magics engine -- pytest"
        )
    try:
        os.execvpe(command[0], list(command), environment_for(find()))  # noqa: S606 - the user's command
    except OSError as error:
        raise UsageError(f"cannot run {command[0]}: {str(error.strerror).lower()}") from error


def _export(args: Sequence[str]) -> int:
    """Print the export of a notebook; `docker export` for other operands."""
    notebooks = [arg for arg in args if arg.endswith(".ipynb")]
    if not notebooks:
        return _docker(["export", *args])
    from pathlib import Path

    from docker_magics.notebook_export.forms import FORMS
    from docker_magics.notebook_export.steps import read

    form = dict(enumerate(args)).get(2, "") if args[1:2] == ["--to"] else ""
    if len(args) != 3 or form not in FORMS:
        example = f"docker-magics export {notebooks[0]} --to sh"
        raise UsageError(f"expected --to {', '.join(FORMS)}: {example}")
    sys.stdout.write(FORMS[form](read(Path(notebooks[0]))))
    return 0


def _class(args: Sequence[str]) -> int:
    from docker_magics.classroom import program

    for text in program.run(args):
        sys.stdout.buffer.write(text.encode())  # pages are UTF-8 in every locale
    sys.stdout.flush()
    return 0


_OWN: Mapping[str, Callable[[Sequence[str]], int]] = {
    "class": _class,
    "engine": _engine,
    "export": _export,
    "shim": _shim,
}


class _View(Streams):
    """Passes a process's output on as bytes, and gives it the terminal if it asks for one.

    Attributes:
        drawn: the progress that stdout shows at the end; it does not show it again.
        tells_result: whether that tells the result.
    """

    drawn = ""
    tells_result = False

    def run(self, process: Process) -> Output:
        """Write the output to stdout and stderr as it arrives."""
        drain(process, _write, self)
        return Output("", "", process.result())

    def interact(self, process: Interactive) -> Any:
        """Attach the terminal.

        Raises:
            UsageError: the standard input is not a terminal.
        """
        try:
            _require_tty()
        except UsageError:
            process.close()
            raise
        return super().interact(process)

    def draw(self, progress: Progress, *, last: bool) -> None:
        """Redraw the progress on a terminal; elsewhere write what the docker CLI writes."""
        if sys.stdout.isatty():
            self.drawn = progress.text()
            super().draw(progress, last=last)
        elif (lines := progress.piped_lines()) is not None:
            self._pass_on("".join(f"{clean(line)}\n" for line in lines), progress)
        elif last:
            self.notify(progress.text())

    def _pass_on(self, text: str, progress: Progress) -> None:
        if progress.on_stdout:
            self.drawn += text
            self.tells_result = progress.tells_result
        self.write(Stream.STDOUT if progress.on_stdout else Stream.STDERR, text)

    def has_shown(self, result: Any) -> bool:
        """Whether stdout has the result (`Loaded image: ...`); in a pipe, as lines by itself."""
        if sys.stdout.isatty():
            return str(result) in self.drawn
        if self.tells_result:
            return True
        lines = result if isinstance(result, Lines) else str(result).splitlines()
        return bool(self.drawn) and set(lines) <= set(self.drawn.splitlines())


def _write(frame: Frame) -> None:
    target = sys.stdout.buffer if frame.stream == Stream.STDOUT else sys.stderr.buffer
    target.write(frame.data)
    target.flush()


class _Terminal(Terminal):
    """The program's standard input; questions are asked on the terminal."""

    def __init__(self, stdin: BinaryIO) -> None:
        on_terminal = sys.stdout.isatty()
        super().__init__(
            stdin,
            has_input=not sys.stdin.isatty(),
            shows_progress=on_terminal,
            stdout=None if on_terminal else sys.stdout.buffer,
        )

    def require_tty(self) -> None:
        """Check that the standard input is a terminal."""
        _require_tty()

    def confirm(self, question: str) -> bool:
        """Ask, and read a line."""
        sys.stdout.write(f"{question} [y/N] ")
        sys.stdout.flush()
        return self.stdin.readline().strip().lower() in {b"y", b"yes"}

    def notify(self, text: str) -> None:
        """Write to stderr."""
        sys.stderr.write(f"{clean(text)}\n")

    def remark(self, text: str) -> None:
        """Write to stdout."""
        sys.stdout.write(f"{clean(text)}\n")

    def ask(self, prompt: str, *, secret: bool = False) -> str:
        """Ask for a line; a secret is not echoed."""
        import getpass

        if not sys.stdin.isatty():
            return super().ask(prompt, secret=secret)
        try:
            return getpass.getpass(prompt) if secret else input(prompt)
        except EOFError:
            return super().ask(prompt, secret=secret)


def _require_tty() -> None:
    if not sys.stdin.isatty():
        message = "cannot attach stdin to a TTY-enabled container because stdin is not a terminal"
        raise UsageError(message)


def _print(result: Any) -> None:
    """Write a result as the CLI prints it."""
    match result:
        case None | Output() | Shown():
            return
        case Usage():
            sys.stderr.write(result)
            return
        case Text():
            text = result.bytes.decode()
        case Lines():
            text = "".join(f"{line}\n" for line in result)
        case bytes():
            sys.stdout.buffer.write(result)
            return
        case _:
            text = repr(result)
    sys.stdout.write(text if text.endswith("\n") or not text else f"{text}\n")
    sys.stdout.flush()
