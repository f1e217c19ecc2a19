"""The docker commands of a notebook, in order, as a shell would run them.

source: the nbformat 4 format of notebooks (nbformat.readthedocs.io, "The notebook file format").
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from docker_magics.cli import index
from docker_magics.cli.pasted import VARIABLES
from docker_magics.cli.words import as_typed, hides_result
from docker_magics.commands.container._script import ends_by_itself
from docker_magics.errors import DockerMagicsError, UsageError

_WORD = rf"(?:{VARIABLES})?(?:sudo\s+)?docker(?:-compose)?\s"
_BARE = rf"{_WORD}\s*(?!(?:and|as|else|for|if|in|is|not|or)\b)[a-z-]"
_LINE = re.compile(rf"(?:\w+\s*=\s*)?(?P<mark>[%!])\s*(?={_BARE})|(?:\$\s+)?(?={_BARE})")
_INDENTED = re.compile(rf"\s+[%!]?\s*{_BARE}")
_ASSIGNMENT = re.compile(r"(?P<docker>(?:sudo\s+)?docker\s+)\w+\s*<<\s*")
#: A line that may stand above a cell's magic.
_BEFORE = re.compile(r"\s*(?:$|#|%%time\s*$)")
_MAGIC = re.compile(r"%%?(?P<name>docker|dockerfile|compose)\b[ \t]*(?P<args>.*)")
_SHELLS = re.compile(r"%%(?:bash|sh|script\s+(?:bash|sh))\s*$")
#: A Python variable with a value that needs no quotes in a shell.
_LITERAL = re.compile(r"([A-Za-z_]\w*)\s*=\s*(?:([\"'])([\w./:@+,-]+)\2|(\d+))")
_EXPRESSION = re.compile(r"(?<![{$])\{(?!\{)(?P<text>[^{}]*[A-Za-z_][^{}]*)\}(?!\})")
_TERMINAL = re.compile(r"\s(?:-(i?)t(i?)|--tty)(?=\s)")
_FOLLOW = re.compile(r"\s(?:-f|--follow)(?=\s)")
#: Commands that the docker CLI lacks.
_OURS = frozenset({"console", "debug", "explain", "init", "session", "trace", "ui"})


@dataclass(frozen=True)
class Step:
    """A command of a notebook.

    Attributes:
        text: the command in a shell's syntax: `docker ps -a`, or a whole script.
        args: the words after `docker`; empty for a script.
        body: its standard input, or None.
        cell: the number of the cell, from 1.
        may_fail: whether its cell is expected to fail.
        problem: why it cannot run outside of the notebook, or "".
    """

    text: str
    args: tuple[str, ...] = ()
    body: str | None = None
    cell: int = 0
    may_fail: bool = False
    problem: str = ""


@dataclass(frozen=True)
class Notebook:
    """The commands of a notebook, and the Python variables that they use: name -> value."""

    name: str
    steps: list[Step]
    variables: dict[str, str] = field(default_factory=dict)


def read(path: Path) -> Notebook:
    """Read a notebook.

    Raises:
        UsageError: the file does not exist, is not a notebook, or has no docker commands.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        cells = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
    except OSError as error:
        raise UsageError(f"cannot read {path}: {str(error.strerror).lower()}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"cannot read {path}: it is not a notebook") from error
    variables: dict[str, str] = {}
    steps: list[Step] = []
    for number, cell in enumerate(cells, start=1):
        source = "".join(cell.get("source") or "")
        tags = (cell.get("metadata") or {}).get("tags") or []
        may_fail = "raises-exception" in tags
        steps += [
            replace(_runnable(step, variables), cell=number, may_fail=may_fail)
            for step in _steps(source, variables)
        ]
    if not steps:
        raise UsageError(f"cannot export {path}: it has no docker commands")
    used = {name: value for name, value in variables.items() if _uses(steps, name)}
    return Notebook(path.name, steps, used)


def _uses(steps: list[Step], name: str) -> bool:
    return any(re.search(rf"\$(?:{name}\b|\{{{name}\}})", step.text) for step in steps)


def _steps(source: str, variables: dict[str, str]) -> Iterator[Step]:
    """Yield the commands of a cell; note the variables that it sets."""
    lines = source.splitlines()
    while lines and _BEFORE.match(lines[0]):
        del lines[0]
    first, body = (lines[0].strip(), "\n".join(lines[1:])) if lines else ("", "")
    if _SHELLS.match(first):
        if "docker" in body:
            yield Step(body.strip())
    elif first.startswith(("%%", "%dockerfile", "%compose")):
        if match := _MAGIC.fullmatch(first):
            yield from _cell_magic(match["name"], match["args"].strip(), f"{body}\n")
    else:
        yield from _lines(source.replace("\\\n", " ").splitlines(), variables)


def _cell_magic(name: str, args: str, body: str) -> Iterator[Step]:
    if name == "dockerfile":
        yield _build(args, body)
    elif name == "compose":
        if args.split(maxsplit=1)[:1] != ["explain"]:
            yield _compose(args, body)
    elif args:
        yield Step(f"docker {args}", body=body)
    else:
        lines = body.replace("\\\n", " ").splitlines()
        yield from (Step(_docker(line)) for line in lines if line.strip()[:1] not in {"", "#"})


def _compose(args: str, body: str) -> Step:
    """Return the command of a cell %%compose; without a verb it is `up -d`."""
    from docker_magics.commands.compose import Compose

    try:
        has_verb = bool(Compose.flag_set().parse(list(as_typed(args))).operands)
    except DockerMagicsError as error:
        return Step(f"docker compose -f - {args}", problem=error.message)
    parts = ["docker compose -f -", args, "" if has_verb else "up -d"]
    return Step(" ".join(filter(None, parts)), body=body)


def _build(args: str, body: str) -> Step:
    """Return the build of a cell %%dockerfile."""
    try:
        has_path = _has_path(args)
    except DockerMagicsError as error:
        return Step(f"docker build {args}", problem=error.message)
    before, after = (" -f -", "") if has_path else ("", " -")
    return Step(f"docker build{before} {args}{after}".replace("  ", " "), body=body)


def _has_path(args: str) -> bool:
    from docker_magics.commands.image.build import ImageBuild

    return bool(ImageBuild.flag_set().parse(list(as_typed(args))).operands)


def _lines(lines: list[str], variables: dict[str, str]) -> Iterator[Step]:
    for line in lines:
        if match := _LITERAL.fullmatch(line.strip()):
            variables[match[1]] = match[3] or match[4]
        elif _INDENTED.match(line):
            yield Step(line.strip().lstrip("%! "), problem="it is inside of Python code")
        elif (match := _LINE.match(line)) and not line.rstrip().endswith("?"):
            command = line[match.end() :].strip()
            is_shell = match["mark"] == "!"
            yield Step(command.removeprefix("sudo ") if is_shell else _docker(command))


def _docker(line: str) -> str:
    """Return a line of %docker as a shell's: without an assignment and the final semicolon."""
    line = line.strip()
    if not re.match(_WORD, line):
        line = f"docker {line}"
    line = _ASSIGNMENT.sub(r"\g<docker>", line.removeprefix("sudo "))
    return line.rstrip("; ") if hides_result(line) else line


def _runnable(step: Step, variables: Mapping[str, str]) -> Step:
    """Return a step with its values, without a terminal, and with why it cannot run."""
    if step.problem or not re.match(r"(?:sudo\s+)?docker\s", step.text) or "\n" in step.text:
        return step
    text = _EXPRESSION.sub(lambda match: _shell_value(match, variables), step.text)
    try:
        args = tuple(as_typed(text))[1:]
    except DockerMagicsError:
        return step  # a line of `!`, with a pipe
    try:
        return _translated(step, text, args)
    except DockerMagicsError as error:
        return replace(step, problem=error.message)


def _translated(step: Step, text: str, args: tuple[str, ...]) -> Step:
    """Return a step whose line is the text, or the reason why it cannot run.

    Raises:
        DockerMagicsError: the line is wrong.
    """
    verb = next((word for word in args if not word.startswith("-")), "")
    if _EXPRESSION.search(text):
        return replace(step, problem="it uses Python values")
    if verb in _OURS:
        return replace(step, problem=f"the docker CLI has no {verb}")
    if verb in {"run", "exec", "attach"} and _TERMINAL.search(text):
        if step.body is None and not _ends_by_itself(args):
            return replace(step, problem="it needs a user")
        text = _TERMINAL.sub(_without_tty, text, count=1)
    if verb == "logs":
        text = _FOLLOW.sub("", text)
    if verb == "stats" and "--no-stream" not in args:
        text = text.replace(" stats", " stats --no-stream", 1)
    if verb == "events" and not any(word.startswith("--until") for word in args):
        return replace(step, problem="it does not end by itself")
    return replace(step, text=text, args=args)


def _ends_by_itself(args: Sequence[str]) -> bool:
    """Whether `run`, `exec` or `attach` runs to its end without a user."""
    command, rest = index.resolve(args)
    return ends_by_itself(command.flag_set().parse(rest).operands[1:])


def _without_tty(match: re.Match[str]) -> str:
    return " -i" if (match[1] or match[2]) else ""


def _shell_value(match: re.Match[str], variables: Mapping[str, str]) -> str:
    return f"${{{match['text']}}}" if match["text"] in variables else match[0]
