"""Word splitting and expansion of a cell's line, as in a shell, with Python values.

- Quotes and backslashes work as in a POSIX shell. In single quotes nothing is replaced.
- `$name` and `${name}` are the Python variable of that name, else the environment variable.
- `{expression}` is Python (`expressions.py`). A list, tuple, set, Series or Index that is a word by
  itself becomes one word per element.
- `$(docker ps -aq)` and backticks run a docker command; outside quotes its output is split into
  words. `$(pwd)` is the working directory. No shell is involved.
- A leading `~` is the home directory. A `;` at the end is ignored.

What was replaced is not read again. source: POSIX Shell Command Language, 2.2 Quoting, 2.6 Word
Expansions.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from docker_magics.errors import UsageError

from . import expressions

#: Runs a docker command line and returns its output.
Substitute = Callable[[str], str]

_VARIABLE = re.compile(r"\$(?:\{([^\W\d]\w*)\}|([A-Za-z_][A-Za-z0-9_]*|[^\W\d]\w*))")
_OTHER_EXPANSION = re.compile(r"\$\{(?!\{)[^}]*\}?")
#: What stays as typed: braces of a template, a script's parameters (`$1`, `$$`), any character.
_TYPED = re.compile(r"\{+|\$[\d?$!#*@-]|.", re.DOTALL)
_HOME = re.compile(r"~(?=[/\s;]|$)")
_END = re.compile(r"\s|;\s*(?:#.*)?$|$")
_OPERATOR = re.compile(r"\|\|?|&&?|[<>]+|;")
_INSTEAD = {
    "&&": "or write one command per line of a %%docker cell, which stops at the first error",
    "||": "or use try and except in Python",
    ";": "or write one command per line",
    "&": "or use -d, which runs a container in the background",
    "|": "or use the result in Python: x = %docker COMMAND",
    ">": "or keep the result in Python: x = %docker COMMAND",
    "<": "or write the input as the body of a cell that begins with %%docker COMMAND",
}
_CURLY_QUOTES = {"\u201c": '"', "\u201d": '"', "\u2018": "'", "\u2019": "'"}


def split(
    line: str,
    names: Mapping[str, Any] | None = None,
    substitute: Substitute | None = None,
) -> list[str]:
    """Split a line into words.

    Args:
        line: one or more lines; a backslash joins a line to the next.
        names: the Python variables; None leaves braces unchanged.
        substitute: runs the command of `$(docker ...)`; None leaves it unchanged, as one word.

    Raises:
        UsageError: a quote is not closed, a shell operator is used, or a value cannot be inserted.
    """
    return list(_Splitter(_joined_lines(line), names, substitute).words())


def as_typed(line: str) -> Iterator[str]:
    """Yield the words of a line without replacing anything: no code runs.

    Raises:
        UsageError: as `split`, when the invalid word is reached.
    """
    return _Splitter(_joined_lines(line), is_replaced=False).words()


def hides_result(line: str) -> bool:
    """Whether a line ends with an unquoted `;`: its result is not shown."""
    splitter = _Splitter(_joined_lines(line), is_replaced=False)
    try:
        list(splitter.words())
    except UsageError:
        return False
    return splitter.line.startswith(";", splitter.at)


def _joined_lines(line: str) -> str:
    return line.replace("\\\n", "")


@dataclass(frozen=True)
class _Reference:
    """A value that a line refers to: `{expression}`, `$name` or `${name}`.

    Attributes:
        source: the reference as typed.
        evaluate: the Python variables -> the value.
        is_optional: whether it stays as typed in quotes if it fails: "%{http_code}" is not Python.
    """

    source: str
    evaluate: Callable[[Mapping[str, Any]], Any]
    is_optional: bool = False


@dataclass
class _Splitter:
    line: str
    names: Mapping[str, Any] | None = None
    substitute: Substitute | None = None
    is_replaced: bool = True
    at: int = 0

    def words(self) -> Iterator[str]:
        while self._skip_blanks() and not re.match(r"#|;\s*(?:#.*)?$", self.line[self.at :]):
            values = self._value_alone()
            yield from self._word() if values is None else values

    def _skip_blanks(self) -> bool:
        while self.at < len(self.line) and self.line[self.at].isspace():
            self.at += 1
        return self.at < len(self.line)

    def _value_alone(self) -> list[str] | None:
        """Read a word that is one value: `{names}`, `$names`, `"{names}"`; else return None."""
        quote = '"' if self.line.startswith('"', self.at) else ""
        reference = self._reference(self.at + len(quote))
        if reference is None:
            return None
        end = self.at + len(quote + reference.source)
        if not self.line.startswith(quote, end) or not _END.match(self.line, end + len(quote)):
            return None
        self.at = end + len(quote)
        texts = functools.partial(expressions.texts, quoted=bool(quote))
        return self._inserted(reference, texts, quoted=bool(quote))

    def _word(self) -> Iterator[str]:
        if straight := _CURLY_QUOTES.get(self.line[self.at]):
            hint = f"Write {straight} instead. To pass it as an argument, quote it."
            raise UsageError(f"{self.line[self.at]} is not a quote of the command line", hint=hint)
        word, is_word = self._tilde(), False
        while not _END.match(self.line, self.at):
            is_word |= self.line[self.at] in "'\""
            if (fields := self._fields()) is None:
                word += self._piece()
                continue
            # The output's first field ends this word, its last one starts the next.
            for field in fields[:-1]:
                if word + field or is_word:
                    yield word + field
                word, is_word = "", False
            word += fields[-1]
        if word or is_word:
            yield word

    def _tilde(self) -> str:
        if not _HOME.match(self.line, self.at):
            return ""
        self.at += 1
        return os.path.expanduser("~")  # noqa: PTH111 - text, not a path

    def _fields(self) -> list[str] | None:
        """Read `$(docker ...)` outside quotes; return its output's words."""
        if (command := self._command()) is None:
            return None
        output = self._output(command)
        runs = self.substitute is not None and command != "pwd"
        return re.split(r"\s+", output) if runs else [output]

    def _piece(self) -> str:
        """Read a part of a word outside quotes."""
        char = self.line[self.at]
        if char == "'":
            return self._single_quoted()
        if char == '"':
            return self._double_quoted()
        if char == "\\":
            return self._escaped()
        if operator := _OPERATOR.match(self.line, self.at):
            raise self._shell_needed(operator[0])
        return self._replaced(quoted=False)

    def _single_quoted(self) -> str:
        closing = self.line.find("'", self.at + 1)
        if closing < 0:
            raise UsageError(f"no closing ' for the one at column {self.at + 1}")
        text = self.line[self.at + 1 : closing]
        self.at = closing + 1
        return text

    def _escaped(self) -> str:
        text = self.line[self.at + 1 : self.at + 2]
        self.at += 2
        return text or "\\"

    def _double_quoted(self) -> str:
        opening, text = self.at, ""
        self.at += 1
        while self.at < len(self.line):
            if self.line[self.at] == '"':
                self.at += 1
                return text
            if re.match(r'\\[\\"$`]', self.line[self.at :]):
                text += self._escaped()
            elif (command := self._command()) is not None:
                text += self._output(command)
            else:
                text += self._replaced(quoted=True)
        raise UsageError(f'no closing " for the one at column {opening + 1}')

    def _replaced(self, *, quoted: bool) -> str:
        """Read a reference and return its value's text, or read what stays as typed."""
        reference = self._reference(self.at)
        if reference is None:
            typed = _TYPED.match(self.line, self.at)
            self.at += len(typed[0]) if typed else 1
            return typed[0] if typed else ""
        self.at += len(reference.source)
        [text] = self._inserted(reference, lambda value: [expressions.text(value)], quoted=quoted)
        return text

    def _reference(self, at: int) -> _Reference | None:
        if not self.is_replaced:
            return None
        if self.line.startswith("{", at) and self.names is not None:
            expression = expressions.read(self.line[at:])
            if expression is None:
                return None
            source = f"{{{expression.source}}}"
            return _Reference(source, expression.evaluate, is_optional=True)
        if match := _VARIABLE.match(self.line, at):
            return _Reference(match[0], functools.partial(_variable, match[1] or match[2]))
        if match := _OTHER_EXPANSION.match(self.line, at):
            hint = "Write it in single quotes to pass it on, or use Python: {expression}."
            raise UsageError(f"cannot replace {match[0]}: only $name and ${{name}} are", hint=hint)
        return None

    def _inserted(
        self, reference: _Reference, texts: Callable[[Any], list[str]], *, quoted: bool
    ) -> list[str]:
        """Return the texts of a reference's value."""
        source = reference.source
        is_optional = quoted and reference.is_optional
        try:
            value = reference.evaluate(self.names or {})
            # "{print}" is a function of Python by chance.
            return [source] if is_optional and callable(value) else texts(value)
        except UsageError:
            raise
        except Exception as error:
            if is_optional and isinstance(error, (NameError, expressions.FormatError)):
                return [source]
            hint = f"To pass it on unchanged, write it in single quotes: '{source}'."
            message = f"{source}: {type(error).__name__}: {error}"
            raise UsageError(
                message, hint=hint if isinstance(error, NameError) else None
            ) from error

    def _command(self) -> str | None:
        """Read `$(...)` or backticks at the current position; return the command."""
        if self.line.startswith("$(", self.at):
            end = _closing_parenthesis(self.line, self.at + 1)
            source = self.line[self.at + 2 : end]
        elif self.line.startswith("`", self.at):
            end = self.line.find("`", self.at + 1)
            source = self.line[self.at + 1 : end]
        else:
            return None
        if end < 0:
            raise UsageError(f"no end of the command that begins at column {self.at + 1}")
        typed, self.at = self.line[self.at : end + 1], end + 1
        command = source.strip()
        if self.is_replaced and not re.match(r"(docker\s|pwd$)", command):
            hint = f"Use Python: write x = !{command} above, and {{x[0]}} here. To pass it on "
            hint += "unchanged, write it in single quotes."
            raise UsageError(f"cannot run {typed}: no shell runs this line", hint=hint)
        return command

    def _output(self, command: str) -> str:
        """Return a command's output without the newlines at its end."""
        if command == "pwd" and self.is_replaced:
            return os.getcwd()  # noqa: PTH109 - text, not a path
        if self.substitute is None:
            return f"$({command})"
        return self.substitute(command.removeprefix("docker").strip()).rstrip("\n")

    def _shell_needed(self, operator: str) -> UsageError:
        line = re.sub(r"^docker\s+", "", self.line.strip())
        instead = _INSTEAD[operator if operator in _INSTEAD else operator[0]]
        shell = "begin the cell with %%bash" if operator.startswith("<<") else f"!docker {line}"
        return UsageError(
            f"cannot use '{operator}': no shell runs this line",
            hint=f"Run it in a shell: {shell}\n"
            f"{instead}. To pass it as an argument, quote it: '{operator}'.",
        )


def _variable(name: str, names: Mapping[str, Any]) -> Any:
    """Return the Python variable of a name, else the environment variable.

    `$PWD` is the current folder: the environment's PWD is where the server was started.
    """
    if name in names:
        return names[name]
    if name == "PWD":
        return os.getcwd()  # noqa: PTH109 - text, not a path
    if name in os.environ:
        return os.environ[name]
    raise UsageError(
        f"cannot replace ${name}: neither a Python nor an environment variable has this name",
        hint=f"To pass it on unchanged, write it in single quotes: '${name}'.",
    )


def _closing_parenthesis(line: str, opening: int) -> int:
    """Return the position of the parenthesis that closes the one at `opening`, else -1."""
    depth, quote = 0, ""
    for place in range(opening, len(line)):
        char = line[place]
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in "()":
            depth += 1 if char == "(" else -1
            if depth == 0:
                return place
    return -1
