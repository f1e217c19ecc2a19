"""Parse a template into nodes, as Go's text/template/parse does.

Nodes carry the position that Go's errors name: where the node begins or, in a chain of fields,
where the second field begins.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from docker_magics.wire import go

from .functions import Function
from .lex import Token, pieces_of, syntax_error

_CONSTANTS = {"true": True, "false": False, "nil": None}


@dataclass
class Operand:
    """A term and the fields that follow it: `$x.Name`, `(index . 0).ID`."""

    kind: str
    value: Any
    at: int
    source: str
    fields: list[str] = field(default_factory=list)


@dataclass
class Command:
    """Operands; the first may be a function."""

    operands: list[Operand]

    @property
    def at(self) -> int:
        """The position in the template."""
        return self.operands[0].at

    @property
    def source(self) -> str:
        """The source text as Go normalizes it."""
        return " ".join(operand.source for operand in self.operands)


@dataclass
class Pipeline:
    """Commands joined by `|`, and the variables that receive the result."""

    commands: list[Command]
    variables: list[str] = field(default_factory=list)
    declares: bool = True

    @property
    def source(self) -> str:
        """The source text as Go normalizes it."""
        return " | ".join(command.source for command in self.commands)

    @property
    def last(self) -> Operand:
        """The operand that is evaluated last."""
        operand = self.commands[-1].operands[-1]
        return operand.value.last if operand.kind == "pipe" else operand


@dataclass
class Node:
    """A part of a template: text, a pipeline to print, or a block."""

    kind: str
    text: str = ""
    at: int = 0
    pipe: Pipeline | None = None
    body: list[Node] = field(default_factory=list)
    otherwise: list[Node] = field(default_factory=list)


class Parser:
    """Parses one template.

    Attributes:
        nodes: the nodes of the template.
        defined: the nodes of the templates that it defines, by name.

    Raises:
        TemplateSyntaxError: the template cannot be parsed.
    """

    def __init__(self, text: str, functions: Mapping[str, Function]) -> None:
        self._functions = functions
        self._pieces = list(pieces_of(text))
        self._ranges = 0
        self._variables = {"$"}
        self.defined: dict[str, list[Node]] = {}
        self.nodes, end = self._block(0, top=True)
        if end != len(self._pieces):
            raise syntax_error(f"unexpected {{{{{self._word(end)}}}}}")

    def _word(self, at: int) -> str:
        """Return the first word of an action; "" for text."""
        piece = self._pieces[at]
        return piece[0].text if isinstance(piece, list) and piece else ""

    def _block(self, at: int, *, top: bool = False) -> tuple[list[Node], int]:
        """Parse nodes up to the matching {{else}} or {{end}}; return them and its index."""
        nodes: list[Node] = []
        outer_variables = set(self._variables)
        while at < len(self._pieces):
            piece = self._pieces[at]
            if isinstance(piece, str):
                nodes.append(Node("text", piece))
                at += 1
            elif self._word(at) in {"end", "else"}:
                self._variables = outer_variables
                return nodes, at
            else:
                node, at = self._action(piece, at + 1)
                nodes += node
        if not top:
            raise syntax_error("unexpected EOF")
        return nodes, at

    def _action(self, tokens: list[Token], at: int) -> tuple[list[Node], int]:
        """Parse an action and its block; return its nodes and the index after it."""
        word, rest = tokens[0].text if tokens else "", tokens[1:]
        match word:
            case "if" | "range" | "with":
                node, at = self._control(word, rest, at)
                return [node], at
            case "define" | "block":
                return self._define(word, rest, at)
            case "break" | "continue":
                if not self._ranges:
                    raise syntax_error(f"{{{{{word}}}}} outside {{{{range}}}}")
                return [Node(word)], at
            case "template":
                return [self._call(rest)], at
        return [Node("print", pipe=self._pipeline(tokens, "command"))], at

    def _control(self, word: str, rest: list[Token], at: int) -> tuple[Node, int]:
        outer_variables = set(self._variables)
        node = Node(word, pipe=self._pipeline(rest, word))
        self._ranges += word == "range"
        node.body, at = self._block(at)
        self._ranges -= word == "range"
        if self._word(at) == "else":
            node.otherwise, at = self._otherwise(self._pieces[at][1:], at + 1)
        else:
            at += 1
        self._variables = outer_variables
        return node, at

    def _otherwise(self, chained: Any, at: int) -> tuple[list[Node], int]:
        """Parse the branch of {{else}} or {{else if}}; return its nodes and the next index."""
        if chained:
            inner, at = self._control(chained[0].text, chained[1:], at)
            return [inner], at
        nodes, at = self._block(at)
        return nodes, at + 1

    def _define(self, word: str, rest: list[Token], at: int) -> tuple[list[Node], int]:
        name = _template_name(rest, word)
        body, at = self._block(at)
        self.defined.setdefault(name, body)
        return [self._call(rest, word)] if word == "block" else [], at + 1

    def _call(self, tokens: list[Token], context: str = "template") -> Node:
        name = _template_name(tokens, context)
        pipe = self._pipeline(tokens[1:], context) if len(tokens) > 1 else None
        return Node("template", name, tokens[0].at, pipe)

    def _pipeline(self, tokens: list[Token], context: str) -> Pipeline:
        return _Reader(tokens, context, self._functions, self._variables).pipeline()


def _undefined(variable: str) -> NoReturn:
    raise syntax_error(f'undefined variable "{variable}"')


def _template_name(tokens: list[Token], context: str) -> str:
    """Return the name after `template`, `define` or `block`."""
    if not tokens or tokens[0].kind != "string":
        shown = f'"{tokens[0].text}"' if tokens else '"}}"'
        raise syntax_error(f"unexpected {shown} in {context} clause")
    return _string(tokens[0].text)


def _string(text: str) -> str:
    if text.startswith("`"):
        return text[1:-1]
    escaped = re.sub(r"\\x([0-9a-fA-F]{2})", r"\\u00\1", text)
    try:
        return str(json.loads(escaped, strict=False))
    except ValueError:
        raise syntax_error(f"unterminated quoted string {text}") from None


def _number(text: str) -> int | float:
    with contextlib.suppress(ValueError):
        return go.parse_int(text, base=0)
    try:
        value = go.parse_float(text)
    except ValueError:
        raise syntax_error(f"bad number syntax: {go.quote(text)}") from None
    if set(text) & set(".eEpP"):
        return value
    raise syntax_error(f"integer overflow: {go.quote(text)}")


class _Reader:
    """Parses the tokens of one action; Go's errors name it by `context`."""

    def __init__(
        self,
        tokens: Sequence[Token],
        context: str,
        functions: Mapping[str, Function],
        variables: set[str],
    ) -> None:
        self._tokens = tokens
        self._context = context
        self._functions = functions
        self._known = variables
        self._at = 0

    def pipeline(self) -> Pipeline:
        """Parse all tokens as one pipeline."""
        names, declares = self._variables()
        pipe = Pipeline(self._commands(), names, declares)
        if self._peek() == ")":
            raise syntax_error("unexpected right paren")
        if self._peek():
            raise syntax_error(f'unexpected "{self._peek()}" in {self._context}')
        self._known.update(names)
        return pipe

    def _variables(self) -> tuple[list[str], bool]:
        texts = [token.text for token in self._tokens]
        mark = next((mark for mark in (":=", "=") if mark in texts), None)
        if mark is None or not texts[0].startswith("$"):
            return [], True
        end = texts.index(mark)
        self._at = end + 1
        return [text for text in texts[:end] if text != ","], mark == ":="

    def _peek(self) -> str:
        return self._tokens[self._at].text if self._at < len(self._tokens) else ""

    def _commands(self) -> list[Command]:
        commands = [self._command()]
        while self._peek() == "|":
            self._at += 1
            if self._at == len(self._tokens):
                break  # Go accepts a trailing `|`
            commands.append(self._command())
        return commands

    def _command(self) -> Command:
        operands = []
        while self._peek() not in {"", "|", ")"}:
            operands.append(self._operand())
        if not operands and self._peek() != ")":
            raise syntax_error(f"missing value for {self._context}")
        if not operands:
            raise syntax_error("unexpected right paren")
        return Command(operands)

    def _operand(self) -> Operand:
        begun = self._at
        operand = self._term(self._next())
        while self._at < len(self._tokens):
            follower = self._tokens[self._at]
            if follower.kind != "field" or follower.spaced:
                break
            self._at += 1
            if self._at == begun + 2:
                operand.at = follower.at
            operand.fields.append(follower.text[1:])
            operand.source += follower.text
        return operand

    def _next(self) -> Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def _term(self, token: Token) -> Operand:
        def operand(kind: str, value: Any = None, fields: Sequence[str] = ()) -> Operand:
            return Operand(kind, value, token.at, token.text, list(fields))

        match token.kind:
            case "string":
                return operand("constant", _string(token.text))
            case "char":
                return operand("constant", ord(_string(f'"{token.text[1:-1]}"')))
            case "number":
                return operand("constant", _number(token.text))
            case "field":
                return operand("dot", fields=[token.text[1:]])
            case "variable":
                return operand("variable", self._variable(token.text))
            case "word":
                return operand(*self._word(token.text))
        if token.text == ".":
            return operand("dot")
        if token.text == "(":
            return self._inside(token)
        raise syntax_error(f'unexpected "{token.text}" in {self._context}')

    def _inside(self, opened: Token) -> Operand:
        """Parse the pipeline up to the closing parenthesis."""
        pipe = Pipeline(self._commands())
        if self._peek() != ")":
            raise syntax_error("unclosed left paren")
        self._at += 1
        return Operand("pipe", pipe, opened.at, f"({pipe.source})")

    def _variable(self, name: str) -> str:
        if name not in self._known:
            _undefined(name)
        return name

    def _word(self, word: str) -> tuple[str, Any]:
        if word in _CONSTANTS:
            return "constant", _CONSTANTS[word]
        if word not in self._functions and word not in {"and", "or"}:
            raise syntax_error(f'function "{word}" not defined')
        return "function", word
