"""The Dockerfile language: instructions with their flags, arguments, heredocs and line numbers.

What the instructions mean is the builder's business; variables are left as they are (expansion.py).

source: Dockerfile reference; moby/buildkit, frontend/dockerfile/parser.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from . import expansion

KEYWORDS = frozenset(
    {"ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL",
     "MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"}
)  # fmt: skip
_WITH_HEREDOCS = frozenset({"ADD", "COPY", "RUN"})
_DIRECTIVE = re.compile(r"#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*")
_DIRECTIVES = frozenset({"escape", "syntax", "check"})
_HEREDOC = re.compile(r"(\d*)<<(-?)\s*([^<]*)")
_SPACE = re.compile(r"[\t\v\f\r ]+")


class DockerfileError(ValueError):
    """A Dockerfile that cannot be read.

    Attributes:
        line: of the file, from 1; 0 where it is the whole file's fault.
    """

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Heredoc:
    """Lines given in place: `<<EOF` up to `EOF`.

    Attributes:
        name: the word that ends it.
        content: its lines, with line ends.
        expands: whether variables in it are replaced: not where the name was quoted.
        chomps: `<<-`: leading tabs go.
        descriptor: the digits before `<<`.
    """

    name: str
    content: str = ""
    expands: bool = True
    chomps: bool = False
    descriptor: str = ""

    @property
    def text(self) -> str:
        """The content without leading tabs, where they go."""
        return re.sub(r"(?m)^\t+", "", self.content) if self.chomps else self.content


@dataclass(frozen=True)
class Instruction:
    """One instruction.

    Attributes:
        keyword: in capitals.
        text: all of it, continued lines joined.
        line, end_line: where it stands, from 1.
        flags: its `--name=value` words.
        args: its words; for ENV and LABEL key, value, key, value...; for shell forms one text.
        is_json: whether the arguments were a JSON array.
        heredocs: the lines given in place.
        trigger: what ONBUILD holds.
    """

    keyword: str
    text: str
    line: int
    end_line: int
    flags: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    is_json: bool = False
    heredocs: tuple[Heredoc, ...] = ()
    trigger: Instruction | None = None


@dataclass(frozen=True)
class Dockerfile:
    """A file's instructions in their order, its escape character, and what to warn of."""

    instructions: tuple[Instruction, ...]
    escape: str = "\\"
    warnings: tuple[str, ...] = ()


def parse(text: str) -> Dockerfile:
    """Read a Dockerfile.

    Raises:
        DockerfileError: an instruction cannot be read, or there is none. Unknown keywords are
            left to the builder, as their order among other errors is.
    """
    return _Parser(text).parse()


class _Parser:
    def __init__(self, text: str) -> None:
        # only "\n" ends a line here: form feeds and their like are spaces
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
        """`# escape=...` and its like: only before anything else, each once."""
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
                read.keyword, line.strip(), start, self._at, read.flags, read.args, read.is_json,
                heredocs, read.trigger,
            )  # fmt: skip

    def _next_line(self) -> str | None:
        if self._at >= len(self._lines):
            return None
        self._at += 1
        return self._lines[self._at - 1]

    def _joined(self) -> str:
        """The next line with what it is continued by; empty for comments and blank lines."""
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
            self._warnings.append(f"Empty continuation line found in:\n    {joined}")
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
            words = expansion.raw_words(line)
        except expansion.ExpansionError:
            return  # the shell may understand it
        for word in words:
            if found := heredoc_word(word):
                yield self._filled(found)

    def _filled(self, found: Heredoc) -> Heredoc:
        lines: list[str] = []
        while (line := self._next_line()) is not None:
            end = line.rstrip("\r\n")
            if (end.lstrip("\t") if found.chomps else end) == found.name:
                content = "".join(lines)
                return Heredoc(found.name, content, found.expands, found.chomps, found.descriptor)
            lines.append(line)
        raise DockerfileError("unterminated heredoc")


def heredoc_word(word: str) -> Heredoc | None:
    """What `<<EOF` begins, still without its lines; None where the word begins none."""
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
    """One instruction's keyword, flags and arguments."""
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
            kind, *command = text.split(maxsplit=1)[:2] or [""]
            found, is_json = _json_or(command[0], command) if command else ([], False)
            args = [kind, *found] if kind else []
        case "ONBUILD" if text:
            trigger = _read(text, escape, number)
            args = [text]
        case _:
            args = [text] if text else []
    return Instruction(
        keyword, line.strip(), number, number, tuple(flags), tuple(args), is_json, (), trigger
    )


def _json_or(text: str, otherwise: list[str]) -> tuple[list[str], bool]:
    """A JSON array of strings, and whether it was one; else what it is otherwise."""
    if not text.startswith("["):
        return otherwise, False
    try:
        found = json.loads(text)
    except ValueError:
        return otherwise, False
    if not all(isinstance(each, str) for each in found):
        raise DockerfileError(
            "when using JSON array syntax, arrays must be comprised of strings only"
        )
    return found, True


def _split_flags(text: str, escape: str) -> tuple[list[str], str]:
    """The words at the beginning that start with `--`, unquoted, and what comes after them."""
    flags: list[str] = []
    at = 0
    while True:
        at += len(text[at:]) - len(text[at:].lstrip())
        if not text.startswith("--", at):
            return flags, text[at:]
        word, at = _unquoted(text, at, escape)
        if word == "--":
            return flags, text[at:]
        flags.append(word)


def _unquoted(text: str, at: int, escape: str) -> tuple[str, int]:
    """The word at `at` without its quotes and escapes, and where it ends."""
    word = quote = ""
    while at < len(text):
        char = text[at]
        if quote and char == quote:
            quote = ""
        elif not quote and char in "'\"":
            quote = char
        elif not quote and char.isspace():
            break
        elif char == escape:
            at += 1
            word += text[at : at + 1]
        else:
            word += char
        at += 1
    return word, at


def _words(text: str, escape: str) -> list[str]:
    """Words with their quotes kept: spaces inside quotes do not end one."""
    found = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        word, at = _quoted_word(text, at, escape)
        if word:
            found.append(word)
    return found


def _quoted_word(text: str, at: int, escape: str) -> tuple[str, int]:
    word = quote = ""
    while at < len(text) and (quote or not text[at].isspace()):
        char = text[at]
        if char == escape and quote != "'":
            if at + 1 == len(text):
                return word, at + 1  # an escape at the very end is left out
            word += char + text[at + 1]
            at += 2
            continue
        if quote == char:
            quote = ""
        elif not quote and char in "'\"":
            quote = char
        word += char
        at += 1
    return word, at


def _pairs(text: str, keyword: str, escape: str) -> list[str]:
    """`a=b c="d e"`, or the old form, `name the whole rest`."""
    words = _words(text, escape)
    if not words:
        return []
    if "=" not in words[0]:
        parts = _SPACE.split(text, maxsplit=1)
        if len(parts) < 2:
            raise DockerfileError(f"{keyword} must have two arguments")
        return parts
    for word in words:
        if "=" not in word:
            raise DockerfileError(
                f'Syntax error - can\'t find = in "{word}". Must be of the form: name=value'
            )
    return [part for word in words for part in word.split("=", 1)]
