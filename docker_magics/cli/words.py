"""Word splitting and expansion of a cell's line, as in a shell, with Python expressions.

- Quotes and backslashes work as in a POSIX shell. Quoted text is literal (`{{.Names}}`, `$i`).
- `{expression}` outside single quotes is Python. A scalar becomes part of its word, spaces
  included; a list, tuple, set, Series or Index becomes one word per element.
- `$(docker ps -aq)` and backticks run a docker command; outside quotes its output is split into
  words. `$(pwd)` is the working directory. No shell is involved.
- `$NAME` and `${NAME}` outside quotes are replaced if the environment variable is set, and a
  leading `~` is the home directory.

source: POSIX Shell Command Language, 2.2 Quoting, 2.6 Word Expansions.
"""

from __future__ import annotations

import ast
import itertools
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from docker_magics.errors import UsageError

#: Runs a docker command line and returns its output.
Substitute = Callable[[str], str]

_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_PLAIN_VALUES = (str, int, float, os.PathLike)
_OPERATORS = {
    "|": "run the pipeline in the container (sh -c '...'), or use the result in Python",
    ";": "write one command per line",
    "&": "write one command per line; -d runs a container in the background",
    ">": "use -o FILE if the command has it, or name << COMMAND",
    "<": "use -i FILE if the command has it, or the body of a %%docker cell",
}

#: The pieces of a word; each piece has one or more alternative values.
_Pieces = list[list[str]]


def split(
    line: str,
    namespace: Mapping[str, Any] | None = None,
    substitute: Substitute | None = None,
) -> list[str]:
    """Split a line into words.

    Args:
        line: one or more lines; a backslash joins a line to the next.
        namespace: the variables of `{expressions}`; None leaves braces unchanged.
        substitute: runs the command of `$(...)`; None leaves it unchanged, as one word.

    Raises:
        UsageError: a quote is not closed, a shell operator is used, or an expression fails.
    """
    joined_lines = line.replace("\\\n", "")
    return list(_Splitter(joined_lines, namespace, substitute).words())


@dataclass
class _Splitter:
    line: str
    namespace: Mapping[str, Any] | None
    substitute: Substitute | None
    at: int = 0

    def words(self) -> Iterator[str]:
        while self._skip_blanks():
            if self.line[self.at] == "#":
                return
            yield from self._word()

    def _skip_blanks(self) -> bool:
        while self.at < len(self.line) and self.line[self.at].isspace():
            self.at += 1
        return self.at < len(self.line)

    def _word(self) -> Iterator[str]:
        pieces: _Pieces = []
        quoted = False
        if self._tilde():
            pieces.append([os.path.expanduser("~")])  # noqa: PTH111 - text, not a path
        while self.at < len(self.line) and not self.line[self.at].isspace():
            quoted |= self.line[self.at] in "'\""
            fields = self._piece(pieces)
            if not fields:
                continue
            # A $(...) with several words: the first ends this word, the last starts the next.
            for text in fields[:-1]:
                yield from _joined([*pieces, [text]])
                pieces = []
            pieces.append([fields[-1]])
        if pieces or quoted:
            yield from _joined(pieces)

    def _tilde(self) -> bool:
        if not re.match(r"~(?=[/\s]|$)", self.line[self.at :]):
            return False
        self.at += 1
        return True

    def _piece(self, pieces: _Pieces) -> list[str] | None:
        """Read one piece into `pieces`, or return the fields of an unquoted $(...)."""
        char = self.line[self.at]
        if char == "'":
            pieces.append([self._until("'")])
        elif char == '"':
            self._double_quoted(pieces)
        elif char == "\\":
            pieces.append([self._escaped()])
        elif (command := self._command()) is not None:
            output = self._output(command)
            return [output] if self._is_unchanged(command) else output.split()
        elif char == "{" and (values := self._python(quoted=False)) is not None:
            pieces.append(values)
        elif char == "$" and (match := _VARIABLE.match(self.line, self.at)):
            self.at = match.end()
            pieces.append([os.environ.get(match[1] or match[2], match[0])])
        elif char in _OPERATORS:
            hint = f"To pass it as an argument, quote it: '{char}'. Otherwise {_OPERATORS[char]}."
            raise UsageError(f"cannot use '{char}': no shell runs this line", hint=hint)
        else:
            self.at += 1
            pieces.append([char])
        return None

    def _until(self, end: str) -> str:
        closing = self.line.find(end, self.at + 1)
        if closing < 0:
            raise UsageError(f"no closing {end} for the one at column {self.at + 1}")
        text = self.line[self.at + 1 : closing]
        self.at = closing + 1
        return text

    def _escaped(self) -> str:
        text = self.line[self.at + 1 : self.at + 2]
        self.at += 2
        return text or "\\"

    def _double_quoted(self, pieces: _Pieces) -> None:
        opening = self.at
        self.at += 1
        while self.at < len(self.line):
            char = self.line[self.at]
            if char == '"':
                self.at += 1
                return
            if char == "\\" and self.line[self.at + 1 : self.at + 2] in set('\\"$`'):
                pieces.append([self._escaped()])
            elif (command := self._command()) is not None:
                pieces.append([self._output(command).rstrip("\n")])
            elif char == "{" and (values := self._python(quoted=True)) is not None:
                pieces.append(values)
            else:
                self.at += 1
                pieces.append([char])
        raise UsageError(f'no closing " for the one at column {opening + 1}')

    def _command(self) -> str | None:
        """Read `$(...)` or backticks at the current position; return the docker command, if any."""
        match = re.match(r"\$\((pwd|docker\s[^()]*(?:\([^()]*\)[^()]*)*)\)", self.line[self.at :])
        match = match or re.match(r"`(pwd|docker\s[^`]*)`", self.line[self.at :])
        if match is None:
            return None
        self.at += match.end()
        return match[1]

    def _output(self, command: str) -> str:
        if command == "pwd":
            return os.getcwd()  # noqa: PTH109 - text, not a path
        if self.substitute is None:
            return f"$({command})"
        return self.substitute(command.removeprefix("docker").strip())

    def _is_unchanged(self, command: str) -> bool:
        """Whether a command substitution is not run but left as it is."""
        return self.substitute is None and command != "pwd"

    def _python(self, *, quoted: bool) -> list[str] | None:
        """Read the `{expression}` at the current position; return its values, or None."""
        source = _braced(self.line[self.at :])
        if self.namespace is None or source is None:
            return None
        length = len(source) + 2
        try:
            values = _texts(eval(source.strip(), dict(self.namespace)))  # noqa: S307 - the user's own code, as in a cell
        except Exception as error:
            if quoted:
                return None  # "{...}" in quotes may belong to another language
            raise UsageError(f"{{{source}}}: {type(error).__name__}: {error}") from error
        self.at += length
        return values


def _braced(text: str) -> str | None:
    """Return the Python expression in braces at the beginning of a text, if any."""
    if text.startswith(("{{", "{}")):
        return None
    for closing in (index for index, char in enumerate(text) if char == "}"):
        source = text[1:closing]
        try:
            ast.parse(source.strip(), mode="eval")
        except (SyntaxError, ValueError):
            continue
        return source
    return None


def _texts(value: Any) -> list[str]:
    if isinstance(value, bytes):
        return [value.decode()]
    if isinstance(value, _PLAIN_VALUES) or not isinstance(value, Iterable):
        return [_text(value)]
    if isinstance(value, Mapping) or getattr(value, "ndim", 1) != 1:
        raise TypeError("cannot expand a table or dict; select a column")
    return [_text(element) for element in value]


def _text(value: Any) -> str:
    if isinstance(value, _PLAIN_VALUES):
        return str(value)
    if type(value).__module__ in {"numpy", "decimal", "datetime", "uuid", "ipaddress", "pandas"}:
        return str(value)
    raise TypeError(f"cannot use a {type(value).__name__} as an argument")


def _joined(pieces: _Pieces) -> Iterator[str]:
    return map("".join, itertools.product(*pieces))
