"""HCL, the language of docker-bake.hcl: parses blocks and compiles expressions.

An expression is compiled to a function of a `Scope`, as a file uses names before it defines them.

source: hashicorp/hcl, hclsyntax/spec.md: HCL Native Syntax Specification; json/spec.md.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from .expressions import (
    LAZY,
    Expression,
    Scope,
    Step,
    calculation,
    call,
    constant,
    joined,
    joined_texts,
    listed,
    mapped,
    stepped,
    variable,
    walked,
)
from .values import HclError, elements, is_true, item, items, to_number, to_text, unescaped

_NAME = r"[^\W\d][\w-]*"
_NUMBER = r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"
_HEREDOC = rf"<<(-?)({_NAME})\r?\n"
_BLANKS = r"(?:[ \t\r]|#[^\n]*|//[^\n]*|/\*(?s:.*?)\*/)*"
_LINES = r"(?:\s|#[^\n]*|//[^\n]*|/\*(?s:.*?)\*/)*"
_OPERATOR = r"\|\||&&|[=!<>]=|[<>+*/%-]"
_PRECEDENCE = {
    operator: level
    for level, operators in enumerate(("||", "&&", "== !=", "< > <= >=", "+ -", "* / %"), 1)
    for operator in operators.split()
}
_CONSTANTS = {"true": True, "false": False, "null": None}
#: The text of a template up to a quote, `${` or `%{`; that of a heredoc has no escapes.
_QUOTED = r'(?:\$\$\{|%%\{|\\.|[^"\\$%\n]|[$%](?!\{))+'
_UNQUOTED = r"(?s:\$\$\{|%%\{|[^$%]|[$%](?!\{))+"


@dataclass
class Block:
    """A block, such as `target "app" { ... }`; a file is a block too.

    Attributes:
        kind: `target`, or nothing for a file.
        labels: `app`.
        attributes: name -> value.
        blocks: the blocks in it.
    """

    kind: str = ""
    labels: list[str] = field(default_factory=list)
    attributes: dict[str, Expression] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)


def parse(text: str, file: str) -> Block:
    """Return the content of a file.

    Raises:
        HclError: the syntax is wrong.
    """
    parser = _Parser(text, file)
    content = Block()
    parser.body(content, end=r"\Z")
    return content


def parse_template(text: str, file: str) -> Expression:
    """Return the expression of a text with `${name}`: a string of HCL's JSON.

    Raises:
        HclError: the syntax is wrong.
    """
    return _Parser(text, file).template(_UNQUOTED, end=r"\Z")


class _Parser:
    """A recursive descent parser. A method that is named for a construct parses it."""

    def __init__(self, text: str, file: str, first_line: int = 1) -> None:
        self._text = text
        self._file = file
        self._first_line = first_line
        self._position = 0
        self._blanks = _BLANKS
        self._strips = False

    def body(self, block: Block, end: str) -> None:
        while not self._ends(end):
            name = self._expect(_NAME, "a name")
            if self._take(r"=(?!=)"):
                if name in block.attributes:
                    raise self._error(f'the attribute "{name}" is already set')
                block.attributes[name] = self.expression()
            else:
                block.blocks.append(self.block(name))
            if self._sees(rf"\n|{end}") is None:
                raise self._error("expected a new line")

    def block(self, kind: str) -> Block:
        block = Block(kind)
        while label := self._take(rf'{_NAME}|"[^"\n]*"'):
            block.labels.append(label.strip('"'))
        self._expect(r"\{", '"{" or "="')
        self.body(block, end=r"\}")
        return block

    def expression(self) -> Expression:
        condition = self.operation()
        if not self._take(r"\?"):
            return condition
        then = self.expression()
        self._expect(":", '":"')
        otherwise = self.expression()
        return lambda scope: (then if is_true(condition(scope)) else otherwise)(scope)

    def operation(self, level: int = 1) -> Expression:
        left = self.operand()
        while (sign := self._sees(_OPERATOR)) and _PRECEDENCE[sign] >= level:
            self._take(_OPERATOR)
            right = self.operation(_PRECEDENCE[sign] + 1)
            left = self._located(calculation(sign, left, right))
        return left

    def operand(self) -> Expression:
        if sign := self._take(r"-|!(?!=)"):
            value = self.operand()
            return self._located(calculation(sign, lambda _: 0, value))
        value = self.term()
        while step := self.step():
            value = self._located(stepped(value, step))
        return value

    def term(self) -> Expression:
        if number := self._take(_NUMBER):
            return self._located(lambda _: to_number(number))
        if self._take('"'):
            return self.template(_QUOTED, end='"')
        if heredoc := self._sees(_HEREDOC):
            return self.heredoc(heredoc)
        if self._take(r"\("):
            with self._skipping(_LINES):
                value = self.expression()
                self._expect(r"\)", '")"')
            return value
        if self._take(r"\["):
            return self.list()
        if self._take(r"\{"):
            return self.object()
        if function := self._take(rf"{_NAME}(?=\()"):
            return self.call(function)
        name = self._expect(_NAME, "a value")
        if name in _CONSTANTS:
            return constant(_CONSTANTS[name])
        return self._located(lambda scope: variable(scope, name))

    def step(self) -> Step | None:
        """Parse `.name`, `[index]` or `[*]`, with the steps that follow this one."""
        if self._take(r"\.\*|\[\*\]"):
            steps = list(iter(self.step, None))
            return lambda value, scope: scope.budget.paid(
                [walked(element, steps, scope) for element in elements(value)]
            )
        if self._take(r"\."):
            key = self._expect(rf"{_NAME}|\d+", "a name")
            return lambda value, _: item(value, key)
        if self._take(r"\["):
            with self._skipping(_LINES):
                index = self.expression()
                self._expect(r"\]", '"]"')
            return lambda value, scope: item(value, index(scope))
        return None

    def call(self, name: str) -> Expression:
        arguments: list[Expression] = []
        expands = False
        self._take(r"\(")
        with self._skipping(_LINES):
            while not self._take(r"\)"):
                arguments.append(self.expression())
                expands = bool(self._take(r"\.\.\."))
                self._separator(",", r"\)")
        if name in LAZY:
            return lambda scope: LAZY[name](arguments, scope)
        return self._located(lambda scope: call(scope, name, arguments, expands=expands))

    def list(self) -> Expression:
        values: list[Expression] = []
        with self._skipping(_LINES):
            if self._take(r"for\b"):
                return self.for_list()
            while not self._take(r"\]"):
                values.append(self.expression())
                self._separator(",", r"\]")
        return listed(values)

    def object(self) -> Expression:
        pairs: list[tuple[Expression, Expression]] = []
        with self._skipping(_LINES):
            if self._take(r"for\b"):
                return self.for_object()
        with self._skipping(_BLANKS):
            while not self._ends(r"\}"):
                name = self._take(rf"{_NAME}(?=\s*[=:])")
                key = constant(name) if name else self.expression()
                self._expect("[=:]", '"="')
                pairs.append((key, self.expression()))
                self._separator(r",|\n", r"\}")
        return mapped(pairs)

    def for_list(self) -> Expression:
        scopes = self.for_header()
        value = self.expression()
        condition = self.for_condition(r"\]")
        return lambda scope: scope.budget.paid(
            [value(inner) for inner in scopes(scope) if condition(inner)]
        )

    def for_object(self) -> Expression:
        scopes = self.for_header()
        key = self.expression()
        self._expect("=>", '"=>"')
        value = self.expression()
        if not self._take(r"\.\.\."):
            condition = self.for_condition(r"\}")
            return lambda scope: scope.budget.paid(
                {to_text(key(inner)): value(inner) for inner in scopes(scope) if condition(inner)}
            )
        raise self._error('cannot group values with "..."')

    def for_header(self) -> Callable[[Scope], Iterator[Scope]]:
        """Parse `key, value in list :`; return a function that yields the scope of each round."""
        names = [self._expect(_NAME, "a name")]
        if self._take(","):
            names.append(self._expect(_NAME, "a name"))
        self._expect(r"in\b", '"in"')
        collection = self.expression()
        self._take(":")
        return lambda scope: (
            scope.with_names(dict(zip(reversed(names), reversed(pair), strict=False)))
            for pair in items(scope.budget.paid(collection(scope)))
        )

    def for_condition(self, end: str) -> Expression:
        condition = self.expression() if self._take(r"if\b") else constant(True)  # noqa: FBT003
        self._expect(end, "the end of the for expression")
        return lambda scope: is_true(condition(scope))

    def template(self, literal: str, end: str) -> Expression:
        self._strips = False
        parts, _ = self.parts(literal, end)
        return parts[0] if len(parts) == 1 else self._located(joined(parts))

    def parts(self, literal: str, end: str) -> tuple[Sequence[Expression], str]:
        """Parse texts, `${` and `%{` up to the end; return it too."""
        parts: list[Expression] = []
        while (token := self._raw(end)) is None:
            strips, self._strips = self._strips, False
            if text := self._raw(literal):
                parts.append(constant(self.literal(text, literal, strips=strips)))
            elif self._raw(r"\$\{~?"):
                with self._skipping(_LINES):
                    parts.append(self.expression())
                self.closing()
            elif self._raw(r"%\{~?"):
                parts.append(self._located(self.directive(literal)))
            else:
                raise self._error("expected the end of the text")
        return parts, token

    def literal(self, text: str, literal: str, *, strips: bool) -> str:
        """Return a text; `~` at its side removes white space: in a heredoc, that of its line."""
        is_quoted = literal == _QUOTED
        try:
            text = unescaped(text, has_escapes=is_quoted)
        except HclError as error:
            raise error.at(self._file, self._line()) from error.__cause__
        lines = [text] if is_quoted else text.splitlines(keepends=True)
        if strips:
            lines[0] = lines[0].lstrip()
        if re.compile(r"[$%]\{~").match(self._text, self._position):
            lines[-1] = lines[-1].rstrip()
        return "".join(lines)

    def directive(self, literal: str) -> Expression:
        """Parse what follows `%{`: `if`, or `for`, with its texts."""
        with self._skipping(_LINES):
            if self._take(r"for\b"):
                return self.for_directive(literal)
            self._expect(r"if\b", '"if" or "for"')
            condition = self.expression()
        self.closing()
        parts, token = self.parts(literal, r"%\{~?\s*(?:else|endif)\b")
        self.closing()
        others: Sequence[Expression] = ()
        if token.endswith("else"):
            others, _ = self.parts(literal, r"%\{~?\s*endif\b")
            self.closing()
        then, otherwise = joined(parts), joined(others)
        return lambda scope: (then if is_true(condition(scope)) else otherwise)(scope)

    def for_directive(self, literal: str) -> Expression:
        scopes = self.for_header()
        self.closing()
        parts, _ = self.parts(literal, r"%\{~?\s*endfor\b")
        self.closing()
        body = joined(parts)
        return lambda scope: joined_texts(scope, map(body, scopes(scope)))

    def closing(self) -> None:
        """Parse the end of `${` or `%{`; `~` strips the text that follows."""
        with self._skipping(_LINES):
            self._strips = self._expect(r"~?\}", '"}"').startswith("~")

    def heredoc(self, start: str) -> Expression:
        self._take(_HEREDOC)
        is_indented, name = start.startswith("<<-"), start.strip().lstrip("<-")
        line = self._line()
        body = list(
            takewhile(
                lambda text: text.strip() != name,
                self._text[self._position :].splitlines(keepends=True),
            )
        )
        self._position += sum(map(len, body))
        self._expect(name, name)
        text = "".join(body)
        inner = _Parser(textwrap.dedent(text) if is_indented else text, self._file, line)
        return inner.template(_UNQUOTED, end=r"\Z")

    def _sees(self, pattern: str) -> str | None:
        """Return the next token, if it matches; blanks and comments before it are skipped."""
        self._raw(self._blanks)
        match = re.compile(pattern).match(self._text, self._position)
        return match and match[0]

    def _take(self, pattern: str) -> str | None:
        self._raw(self._blanks)
        return self._raw(pattern)

    def _raw(self, pattern: str) -> str | None:
        match = re.compile(pattern).match(self._text, self._position)
        if match is None:
            return None
        self._position = match.end()
        return match[0]

    def _expect(self, pattern: str, what: str) -> str:
        token = self._take(pattern)
        if token is None:
            raise self._error(f"expected {what}")
        return token

    def _ends(self, end: str) -> bool:
        """Skip lines without content; whether the end follows, which is taken."""
        self._raw(_LINES)
        return self._take(end) is not None

    def _separator(self, pattern: str, end: str) -> None:
        if not self._take(pattern) and self._sees(end) is None:
            raise self._error('expected ","')

    @contextmanager
    def _skipping(self, blanks: str) -> Iterator[None]:
        before, self._blanks = self._blanks, blanks
        yield
        self._blanks = before

    def _line(self) -> int:
        return self._first_line + self._text.count("\n", 0, self._position)

    def _error(self, message: str) -> HclError:
        return HclError(message, self._file, self._line())

    def _located(self, evaluate: Expression) -> Expression:
        """Return an expression whose errors name this line."""
        line = self._line()

        def located(scope: Scope) -> Any:
            try:
                return evaluate(scope)
            except HclError as error:
                raise error.at(self._file, line) from error.__cause__

        return located
