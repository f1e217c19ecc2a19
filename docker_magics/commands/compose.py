"""docker compose: the official Docker Compose, on the engine of the line."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from docker_magics.cli.command import Command, flag, operand, operands
from docker_magics.cli.terminal import Terminal
from docker_magics.commands._session_label import labels
from docker_magics.commands.container.exec import ContainerExec
from docker_magics.commands.explain import Explain
from docker_magics.compose.body import ComposeBody
from docker_magics.compose.call import Call
from docker_magics.compose.diagram import diagram
from docker_magics.compose.labels import with_labels
from docker_magics.compose.process import ComposeConsole, ComposeProcess
from docker_magics.compose.program import compose_environment, find
from docker_magics.compose.progress import ComposeProgress
from docker_magics.compose.tables import container_of, listing
from docker_magics.engine.client import Engine
from docker_magics.explain.compose_file import explain_file
from docker_magics.explain.texts import texts
from docker_magics.phrase import language
from docker_magics.results.text import Text

if TYPE_CHECKING:
    from docker_magics.results.explanation import Explanation

#: Verbs whose progress is drawn, unless they show output instead.
_WITH_PROGRESS = frozenset(
    {
        *("build", "create", "down", "kill", "pause", "pull", "push", "restart", "rm", "scale"),
        *("start", "stop", "unpause", "up"),
    }
)
#: Verbs whose output is shown as it arrives.
_WITH_OUTPUT = frozenset(
    {"attach", "bridge", "commit", "cp", "events", "exec", "logs", "publish", "run", "stats"}
    | {"up", "wait", "watch"}
)


class Compose(Command):
    """Define and run multi-container applications"""

    usage = "[OPTIONS] COMMAND"
    long = "The commands are those of Docker Compose: docker compose --help."
    interspersed = False

    all_resources: bool = flag(
        "--all-resources", "Include all resources, even those not used by services"
    )
    ansi: str = flag(
        "--ansi string", 'Control when to print ANSI control characters ("never"|"always"|"auto")'
    )
    compatibility: bool = flag("--compatibility", "Run compose in backward compatibility mode")
    dry_run: bool = flag("--dry-run", "Execute command in dry run mode")
    env_file: list[str] = flag("--env-file stringArray", "Specify an alternate environment file")
    file: list[str] = flag("-f, --file stringArray", "Compose configuration files")
    parallel: str = flag("--parallel string", "Control max parallelism, -1 for unlimited")
    profile: list[str] = flag("--profile stringArray", "Specify a profile to enable")
    progress: str = flag("--progress string", "Set type of progress output")
    project_directory: str = flag(
        "--project-directory string", "Specify an alternate working directory"
    )
    project_name: str = flag("-p, --project-name string", "Project name")
    verb: str | None = operand(optional=True)
    options: list[str] = operands()

    @classmethod
    def parse(
        cls,
        args: Sequence[str],
        *,
        terminal: Terminal | None = None,
        spelling: str = "",
        **fields: Any,
    ) -> Self:
        """Return the command object; a Compose file without a verb is started (`up -d`).

        Compose itself prints the help of all verbs.
        """
        caller: dict[str, Any] = {"terminal": terminal, "spelling": spelling, **fields}
        parsed = super().parse(args, **caller) or super().parse([], **caller)
        assert parsed is not None
        if parsed.verb is None and "-" in parsed.file:
            parsed.verb, parsed.options = "up", ["-d"]
        return parsed

    def run(self, engine: Engine) -> Any:
        """Return what the verb shows.

        Returns:
            A Table (`ps`, `images`, `ls`, `top`, `volumes`), a list of names (with -q), a console
            (`run -it`, `exec -it`), a progress (`up -d`, `down`, `pull`, ...), or the output. In a
            %%compose cell `explain` returns what each line means, and runs nothing. `diagram`
            returns a picture of the services.

        Raises:
            ComposeMissing: Compose is not installed.
            ComposeFailed: Compose failed.
        """
        if self.verb == "explain":
            return self._explanation()
        call = with_labels(self._call(engine), functools.partial(labels, engine))
        verb, options = self.verb, self.options
        if verb == "diagram":
            return diagram(call)
        if verb is None or _has(options, "h", "help"):
            return Text(call.output())
        if verb in {"exec", "run"} and _is_interactive(options):
            return self._console(engine, call)
        if verb == "rm" and not _has(options, "f", "force"):
            self.terminal.confirm("Remove the stopped containers of this project?")
            call = call.with_args(*call.args, "--force")
        if self._draws_progress(verb, options):
            return ComposeProgress(call)
        if verb in _WITH_OUTPUT:
            return ComposeProcess(_coloured(call))
        listed = listing(call)
        return Text(call.output()) if listed is None else listed

    def _explanation(self) -> Explanation:
        from docker_magics.results.explanation import make_explanation

        explain = Explain.parse([*self.options, "compose"])
        sentences = texts((explain and explain.lang) or language())
        lines = explain_file(self.terminal.stdin.read().decode(), sentences)
        return make_explanation([(line.text, line.full, line.meaning) for line in lines])

    def _call(self, engine: Engine) -> Call:
        args = ["--help"] if self.verb is None else [self.verb, *self.options]
        reads_body = self.terminal.has_input and "-" in self.file
        body = ComposeBody(self.terminal.stdin.read().decode()) if reads_body else None
        return Call(find(), self._arguments(), args, compose_environment(engine.address), body)

    def _types_input(self) -> bool:
        """Whether the standard input is for the service, not a Compose file."""
        return self.verb in {"exec", "run"} and "-" not in self.file

    def _arguments(self) -> list[str]:
        """Return Compose's own options as arguments."""
        arguments: list[str] = []
        for declared in self.flags():
            value = getattr(self, declared.field)
            if value is True:
                arguments.append(f"--{declared.long}")
            for text in value if isinstance(value, list) else [value]:
                if text and text is not True:
                    arguments += [f"--{declared.long}", str(text)]
        return arguments

    def _draws_progress(self, verb: str, options: Sequence[str]) -> bool:
        if self.progress or verb not in _WITH_PROGRESS or _has(options, "", "print|check"):
            return False
        return verb != "up" or _has(options, "d", "detach|wait|no-start")

    def _console(self, engine: Engine, call: Call) -> Any:
        """Return the console of `exec -it`, which is docker's own, or of `run -it`."""
        if self.verb == "run":
            types = self.terminal.has_input and self._types_input()
            return ComposeConsole(call, self.terminal.stdin if types else None)
        process = _ServiceExec.parse(self.options, terminal=self.terminal)
        if process is None:
            return Text(call.output())
        process.container = container_of(call, process.container, process.index)
        process.interactive = process.tty = True
        return process.run(engine)


class _ServiceExec(ContainerExec):
    """The options of `compose exec`: those of `docker exec`, and the number of the container."""

    index: int = flag("--index int", default=0)


def _has(options: Sequence[str], letter: str, names: str) -> bool:
    """Whether options contain a short flag, alone or combined, or one of the long ones."""
    short = rf"-[a-zA-Z]*{letter}[a-zA-Z]*|" if letter else ""
    pattern = re.compile(rf"{short}--({names})(=.*)?")
    return any(pattern.fullmatch(option) for option in options)


def _is_interactive(options: Sequence[str]) -> bool:
    """Whether the options before the service ask for a keyboard and a terminal."""
    flags = list(itertools.takewhile(lambda option: option.startswith("-"), options))
    return _has(flags, "i", "interactive") and _has(flags, "t", "tty")


def _coloured(call: Call) -> Call:
    """Return the call with the colours of its services, unless it has an option for them."""
    return call if "--ansi" in call.options else call.with_options("--ansi", "always")
