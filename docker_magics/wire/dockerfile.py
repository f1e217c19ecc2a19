"""The Dockerfile parser: instructions with flags, arguments, heredocs and line numbers.

The builder interprets the instructions; variables are not expanded here (see expansion.py).

source: Dockerfile reference; moby/buildkit, frontend/dockerfile/parser.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from . import expansion

_WITH_HEREDOCS = frozenset({"ADD", "COPY", "RUN"})
_DIRECTIVE = re.compile(r"#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*")
_DIRECTIVES = frozenset({"escape", "syntax", "check"})
_HEREDOC = re.compile(r"(\d*)<<(-?)\s*([^<]*)")
_SPACE = re.compile(r"[\t\v\f\r ]+")


class DockerfileError(ValueError):
    """The Dockerfile has a syntax error.

    Attributes:
        line: the line of the error, counted from 1; 0 if it concerns the whole file.
    """

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Heredoc:
    """A here-document: the lines from `<<EOF` to `EOF`.

    Attributes:
        name: the delimiter.
        content: the lines, with line ends.
        expands: whether variables are expanded: false if the delimiter is quoted.
        chomps: whether leading tabs are removed (`<<-`).
        descriptor: the digits before `<<`.
    """

    name: str
    content: str = ""
    expands: bool = True
    chomps: bool = False
    descriptor: str = ""

    @property
    def text(self) -> str:
        """The content, without leading tabs if `chomps`."""
        return re.sub(r"(?m)^\t+", "", self.content) if self.chomps else self.content


@dataclass(frozen=True)
class Instruction:
    """One instruction.

    Attributes:
        keyword: the keyword in upper case.
        text: the whole instruction, with continuation lines joined.
        line: the first line, counted from 1.
        flags: the `--name=value` words.
        args: the arguments; for ENV and LABEL key, value, key, value...; for shell forms one text.
        is_json: whether the arguments are a JSON array.
        heredocs: the here-documents.
        trigger: the instruction inside of ONBUILD.
    """

    keyword: str
    text: str
    line: int
    flags: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    is_json: bool = False
    heredocs: tuple[Heredoc, ...] = ()
    trigger: Instruction | None = None


@dataclass(frozen=True)
class Dockerfile:
    """The instructions of a file, its escape character, and warnings."""

    instructions: tuple[Instruction, ...]
    escape: str = "\\"
    warnings: tuple[str, ...] = ()


def parse(text: str) -> Dockerfile:
    """Parse a Dockerfile. Unknown keywords are accepted; the builder reports them.

    Raises:
        DockerfileError: an instruction has a syntax error, or the file has no instructions.
    """
    return _Parser(text).parse()


class _Parser:
    def __init__(self, text: str) -> None:
        # unlike splitlines(): form feeds and other separators are white space, not line ends
        self._lines: list[str] = re.findall(r"[^\n]*\n|[^\n]+", text.removeprefix("\ufeff"))
        self._at = 0
        self._escape = "\\"
        self._warnings: list[str] = []

    def parse(self) -> Dockerfile:
        self._read_directives()
        instructions = tuple(self._instructions())
        if not instructions:
            raise DockerfileError("file with no instructions")
        return Dockerfile(instructions, self._escape, tuple(self._warnings))

    def _read_directives(self) -> None:
        """Read parser directives such as `# escape=...`: only at the top, each at most once."""
        seen = set()
        for number, line in enumerate(self._lines, start=1):
            match = _DIRECTIVE.fullmatch(line.strip())
            name = match[1].lower() if match else ""
            if match is None or name not in _DIRECTIVES:
                return
            if name in seen:
                raise DockerfileError(f"only one {name} parser directive can be used", number)
            seen.add(name)
            if name == "escape":
                if match[2] not in {"\\", "`"}:
                    raise DockerfileError(
                        f"invalid escape token '{match[2]}' does not match ` or \\", number
                    )
                self._escape = match[2]

    def _instructions(self) -> Iterator[Instruction]:
        while self._at < len(self._lines):
            start = self._at + 1
            line = self._joined()
            if not line:
                continue
            try:
                read = _read(line, self._escape, start)
                heredocs = tuple(self._heredocs(read, line))
            except (DockerfileError, expansion.ExpansionError) as error:
                raise DockerfileError(str(error), start) from error
            yield Instruction(
                read.keyword, line.strip(), start, read.flags, read.args, read.is_json,
                heredocs, read.trigger,
            )  # fmt: skip

    def _next_line(self) -> str | None:
        if self._at >= len(self._lines):
            return None
        self._at += 1
        return self._lines[self._at - 1]

    def _joined(self) -> str:
        """Return the next line with its continuation lines; "" for comments and blank lines."""
        first = (self._next_line() or "").rstrip("\r\n").lstrip()
        if first.startswith("#"):
            return ""
        joined, continues = self._uncontinued(first)
        blank = False
        while continues and (line := self._next_line()) is not None:
            line = line.rstrip("\r\n")
            if line.lstrip().startswith("#"):
                continue
            if not line.strip():
                blank = True
                continue
            piece, continues = self._uncontinued(line)
            joined += piece
        if blank:
            self._warnings.append(f"Empty continuation line found in: {joined}")
        return joined if joined.strip() else ""

    def _uncontinued(self, line: str) -> tuple[str, bool]:
        bare = line.rstrip(" \t")
        sign = self._escape
        if bare == sign or (bare.endswith(sign) and not bare.endswith(sign * 2)):
            return bare[:-1], True
        return line, False

    def _heredocs(self, read: Instruction, line: str) -> Iterator[Heredoc]:
        inner = read.trigger or read
        if inner.keyword not in _WITH_HEREDOCS or inner.is_json or "<<" not in line:
            return
        try:
            tokens = expansion.raw_words(line)
        except expansion.ExpansionError:
            return  # left to the shell
        for token in tokens:
            if heredoc := heredoc_word(token):
                yield self._filled(heredoc)

    def _filled(self, heredoc: Heredoc) -> Heredoc:
        lines: list[str] = []
        while (line := self._next_line()) is not None:
            end = line.rstrip("\r\n")
            if (end.lstrip("\t") if heredoc.chomps else end) == heredoc.name:
                return replace(heredoc, content="".join(lines))
            lines.append(line)
        raise DockerfileError("unterminated heredoc")


def heredoc_word(word: str) -> Heredoc | None:
    """Return the here-document that `<<EOF` starts, without content; None for other words."""
    match = _HEREDOC.fullmatch(word)
    if match is None or not match[3]:
        return None
    unquoted = expansion.raw_words(match[3], quotes=False, escapes=False)
    if len(unquoted) != 1:
        return None
    name = unquoted[0]
    quoted = expansion.raw_words(match[3], quotes=True, escapes=False)[0]
    expands = all(name.count(sign) == quoted.count(sign) for sign in "'\"")
    return Heredoc(name, "", expands, match[2] == "-", match[1])


def _read(line: str, escape: str, number: int) -> Instruction:
    """Parse one instruction into keyword, flags and arguments."""
    keyword, *rest = _SPACE.split(line.strip(), maxsplit=1)
    flags, text = _split_flags(rest[0], escape) if rest else ([], "")
    keyword, text = keyword.upper(), text.strip()
    trigger, is_json = None, False
    args: list[str] = []
    match keyword:
        case "ENV" | "LABEL":
            args = _pairs(text, keyword, escape)
        case "ARG":
            args = _words(text, escape)
        case "ADD" | "COPY" | "VOLUME":
            args, is_json = _json_or(text, _SPACE.split(text) if text else [])
        case "CMD" | "ENTRYPOINT" | "RUN" | "SHELL":
            args, is_json = _json_or(text, [text] if text else [])
        case "EXPOSE" | "FROM":
            args = _SPACE.split(text) if text else []
        case "HEALTHCHECK":
            test_type, *command = text.split(maxsplit=1)[:2] or [""]
            arguments, is_json = _json_or(command[0], command) if command else ([], False)
            args = [test_type, *arguments] if test_type else []
        case "ONBUILD" if text:
            trigger = _read(text, escape, number)
            args = [text]
        case _:
            args = [text] if text else []
    return Instruction(
        keyword, line.strip(), number, tuple(flags), tuple(args), is_json, (), trigger
    )


def _json_or(text: str, otherwise: list[str]) -> tuple[list[str], bool]:
    """Return the strings of a JSON array and True, or `otherwise` and False."""
    if not text.startswith("["):
        return otherwise, False
    try:
        values = json.loads(text)
    except ValueError:
        return otherwise, False
    if not all(isinstance(value, str) for value in values):
        raise DockerfileError(
            "when using JSON array syntax, arrays must be comprised of strings only"
        )
    return values, True


def _split_flags(text: str, escape: str) -> tuple[list[str], str]:
    """Split leading `--flag` words, unquoted, from the rest of the text."""
    flags: list[str] = []
    position = 0
    while True:
        position += len(text[position:]) - len(text[position:].lstrip())
        if not text.startswith("--", position):
            return flags, text[position:]
        word, position = _unquoted(text, position, escape)
        if word == "--":
            return flags, text[position:]
        flags.append(word)


def _unquoted(text: str, position: int, escape: str) -> tuple[str, int]:
    """Return the word at a position without quotes and escapes, and the position of its end."""
    word = quote = ""
    while position < len(text):
        char = text[position]
        if quote and char == quote:
            quote = ""
        elif not quote and char in "'\"":
            quote = char
        elif not quote and char.isspace():
            break
        elif char == escape:
            position += 1
            word += text[position : position + 1]
        else:
            word += char
        position += 1
    return word, position


def _words(text: str, escape: str) -> list[str]:
    """Split a text into words; quotes are kept, and spaces inside of quotes do not split."""
    tokens = []
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        word, position = _quoted_word(text, position, escape)
        if word:
            tokens.append(word)
    return tokens


def _quoted_word(text: str, position: int, escape: str) -> tuple[str, int]:
    word = quote = ""
    while position < len(text) and (quote or not text[position].isspace()):
        char = text[position]
        if char == escape and quote != "'":
            if position + 1 == len(text):
                return word, position + 1  # a trailing escape is dropped
            word += char + text[position + 1]
            position += 2
            continue
        if quote == char:
            quote = ""
        elif not quote and char in "'\"":
            quote = char
        word += char
        position += 1
    return word, position


def _pairs(text: str, keyword: str, escape: str) -> list[str]:
    """Split `a=b c="d e"`, or the legacy form `name the whole rest`, into names and values."""
    tokens = _words(text, escape)
    if not tokens:
        return []
    if "=" not in tokens[0]:
        parts = _SPACE.split(text, maxsplit=1)
        if len(parts) < 2:
            raise DockerfileError(f"{keyword} must have two arguments")
        return parts
    for token in tokens:
        if "=" not in token:
            raise DockerfileError(
                f'Syntax error - can\'t find = in "{token}". Must be of the form: name=value'
            )
    return [part for token in tokens for part in token.split("=", 1)]
