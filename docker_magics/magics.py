"""The magics %docker, %%docker and %%dockerfile."""

from __future__ import annotations

import getpass
import io
import re
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from IPython.core.error import StdinNotImplementedError
from IPython.core.magic import (
    Magics,
    cell_magic,
    line_cell_magic,
    magics_class,
    needs_local_scope,
    no_var_expand,
)
from traitlets import Bool

from docker_magics import completer, every_line, shim, typed_lines
from docker_magics.cli.terminal import Terminal
from docker_magics.cli.words import hides_result
from docker_magics.errors import ContainerExited, DockerMagicsError, Interrupted, clean
from docker_magics.phrase import Phrase, exited
from docker_magics.results.show import Streams, View
from docker_magics.widgets.cell import Cell, has_page

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_UNREAD = Phrase(
    "The cell's body was not used: the command does not read its input. To run each line as a "
    "command, write %%docker alone.",
    "이 명령은 입력을 읽지 않아서 셀의 내용을 쓰지 않았어요. "
    "줄마다 명령으로 실행하려면 첫 줄에 %%docker만 쓰세요.",
)
_INTERRUPTED = Phrase("interrupted", "실행을 중단했어요")
_REST_NOT_RUN = Phrase(
    "interrupted: the rest of the cell was not run",
    "실행을 중단했어요. 셀의 나머지는 실행하지 않았어요",
)
_ASSIGNMENT = re.compile(r"\s*([A-Za-z_]\w*)\s*<<\s*(.*)", re.DOTALL)


class _NotebookTerminal(Terminal):
    """Asks the user by input(), if the front end allows it."""

    is_cell = True

    def confirm(self, question: str) -> bool:
        try:
            return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}
        except (StdinNotImplementedError, EOFError):
            return super().confirm(question)

    def notify(self, text: str) -> None:
        Streams().notify(clean(text))

    def ask(self, prompt: str, *, secret: bool = False) -> str:
        try:
            return getpass.getpass(prompt) if secret else input(prompt)
        except (StdinNotImplementedError, EOFError):
            return super().ask(prompt, secret=secret)


@magics_class
class DockerMagics(Magics):
    """The docker command line in cells."""

    raise_on_exit = Bool(
        default_value=False,
        help="Raise an error in the cell if a container exits with a nonzero code.",
    ).tag(config=True)

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self.shell: InteractiveShell = shell
        self._is_interrupted = False

    # IPython's own expansion would break `{{.Names}}` and `$i`.
    @no_var_expand
    @needs_local_scope
    @line_cell_magic
    def docker(
        self, line: str, cell: str | None = None, *, local_ns: Mapping[str, Any] | None = None
    ) -> Any:
        """Run `%docker COMMAND ...` as in a terminal; `name << COMMAND ...` assigns the result.

        The body of a cell `%%docker COMMAND` is the command's standard input. If the first line
        is `%%docker` alone, every line of the body is a command.
        """
        if cell is None:
            return self._line(line, Terminal(), local_ns)
        if not line.strip():
            return self._script(cell)
        is_given = bool(cell.strip())
        terminal = Terminal(io.BytesIO(cell.encode()), has_input=is_given, is_required=is_given)
        result = self._line(line, terminal, local_ns)
        is_read = terminal.stdin.closed or terminal.stdin.tell() > 0
        if terminal.has_input and not is_read:
            Streams().notify(str(_UNREAD))
        return result

    @no_var_expand
    @cell_magic
    def dockerfile(self, line: str, cell: str) -> Any:
        """Build the image that the cell describes: `%%dockerfile -t NAME [PATH]`."""
        return self._line(line, Terminal(), verb="build", dockerfile=cell.encode())

    @no_var_expand
    @cell_magic
    def compose(self, line: str, cell: str) -> Any:
        """Run `%%compose [COMMAND]` with the cell as the Compose file; alone it is `up -d`."""
        terminal = Terminal(io.BytesIO(cell.encode()), has_input=True)
        return self._line(line.strip() or "up -d", terminal, verb="compose --file -")

    def _line(
        self,
        line: str,
        terminal: Terminal,
        local_ns: Mapping[str, Any] | None = None,
        *,
        verb: str = "",
        **fields: Any,
    ) -> Any:
        match = _ASSIGNMENT.fullmatch(line)
        name, command = match.groups() if match else (None, line)
        result = self._run(f"{verb} {command}", terminal, local_ns, **fields)
        if name is None:
            return result
        self.shell.user_ns[name] = result
        return None

    def _script(self, cell: str) -> None:
        for line in cell.replace("\\\n", "").splitlines():
            if line.strip() and not line.lstrip().startswith("#"):
                result = self._line(line, Terminal())
                (self.hide if hides_result(line) else self.show)(result)

    # -- the results of the lines of a cell; `every_line` calls these methods

    def show(self, result: Any) -> None:
        """Display the result of a line that is not the cell's last.

        Raises:
            Interrupted: the user interrupted the line; the rest of the cell is not run.
        """
        from docker_magics.results.text import Output

        if result is not None and not isinstance(result, Output):
            from IPython.display import display

            display(result)
        self.keep(result)

    def hide(self, result: Any) -> None:
        """Display nothing for a line that ends with a semicolon."""
        self.keep(result)

    def keep(self, result: Any) -> Any:
        """Return the result of a line that is not the cell's last.

        Raises:
            Interrupted: as `show`.
        """
        if self._is_interrupted:
            self._is_interrupted = False
            raise Interrupted(str(_REST_NOT_RUN))
        return result

    def show_last(self, result: Any) -> Any:
        """Return the result of the cell's last line, which IPython displays: output only once.

        A terminal's IPython would print `Out[n]:` above nothing, so it is given None.
        """
        from docker_magics.results.text import Output, Shown

        self._is_interrupted = False
        if isinstance(result, Output | Shown) and not hasattr(self.shell, "kernel"):
            self.shell.displayhook.update_user_ns(result)
            self.shell.displayhook.fill_exec_result(result)
            return None
        if isinstance(result, Output):
            result.is_shown = True
        return result

    def _run(
        self, line: str, terminal: Terminal, local_ns: Mapping[str, Any] | None, **fields: Any
    ) -> Any:
        from docker_magics.session import shared  # keeps loading the extension fast

        shows_progress = self._shows_progress()
        notebook = _NotebookTerminal(
            terminal.stdin,
            has_input=terminal.has_input,
            shows_progress=shows_progress,
            is_required=terminal.is_required,
        )
        view = self._view(line, has_input=terminal.has_input)
        # A function's own names come first, as in IPython's `!command {name}`.
        names = {**self.shell.user_ns, **(local_ns or {})}
        self._is_interrupted = False
        try:
            result = shared().run(line, namespace=names, terminal=notebook, view=view, **fields)
            self._is_interrupted = view.interrupts > 0
            self._note_exit(result)
        except DockerMagicsError as error:
            self._note_error(error)
            raise
        except KeyboardInterrupt:
            interrupted = Interrupted(str(_INTERRUPTED))
            self._note_error(interrupted)
            raise interrupted from None
        return result

    def _view(self, line: str, *, has_input: bool) -> View:
        if not hasattr(self.shell, "kernel"):
            return Streams(has_input=has_input)
        title = f"docker {line.strip().removeprefix('docker ')}"
        return Cell(title, has_input=has_input, has_page=has_page(self.shell))

    def _shows_progress(self) -> bool:
        return hasattr(self.shell, "kernel") or sys.stdout.isatty()

    def _note_error(self, error: DockerMagicsError) -> None:
        self.shell.user_ns["_exit_code"] = error.exit_code
        if error.result is not None and len(error.result):
            from IPython.display import display

            display(error.result)

    def _note_exit(self, result: Any) -> None:
        code = getattr(result, "exit_code", None) or 0
        self.shell.user_ns["_exit_code"] = code
        if not code:
            return
        if self.raise_on_exit:
            raise ContainerExited(code, result=result)
        Streams().notify(exited(code))


def register(shell: InteractiveShell) -> None:
    """Register the magics with a shell."""
    registered = shell.magics_manager.magics["line"].get("docker")
    if registered is not None and not _is_ours(registered):
        print(f"docker_magics replaces the %docker magic of {registered.__module__}.")  # noqa: T201
    magics = DockerMagics(shell)
    shell.register_magics(magics)
    completer.install(shell)
    every_line.install(shell)
    typed_lines.install(shell)
    shim.provide()


def unregister(shell: InteractiveShell) -> None:
    """Remove the magics from a shell."""
    magics = {"line": ("docker",), "cell": ("docker", "dockerfile", "compose")}
    for kind, name in ((kind, name) for kind, names in magics.items() for name in names):
        registered = shell.magics_manager.magics[kind].get(name)
        if registered is not None and _is_ours(registered):
            del shell.magics_manager.magics[kind][name]
    completer.uninstall(shell)
    every_line.uninstall(shell)
    typed_lines.uninstall(shell)
    shim.withdraw()


def _is_ours(function: Any) -> bool:
    return isinstance(getattr(function, "__self__", None), DockerMagics)
