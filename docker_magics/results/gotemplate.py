"""Go's text/template, as far as people write it behind --format.

Values are JSON (dict, list, str, int, float, bool, None) and objects with a `template_field` method
(rows of listings). What a template prints is what Go's fmt would.

source: https://pkg.go.dev/text/template; docker/cli, templates/templates.go (the functions).
"""

from __future__ import annotations

import html as html_
import json as json_
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn, Protocol, runtime_checkable
from urllib.parse import quote_plus

from docker_magics.errors import UsageError

from . import gotypes


@runtime_checkable
class HasFields(Protocol):
    """An object whose fields templates may name."""

    def template_field(self, name: str, arguments: Sequence[Any]) -> Any:
        """The value of `.name`; KeyError where there is none, ValueError for wrong arguments."""


@dataclass(frozen=True)
class Struct:
    """A Go struct whose fields are not called as its JSON calls them.

    Attributes:
        fields: the JSON's name of each, and its zero.
        value: the JSON.
    """

    fields: Mapping[str, tuple[str, Any]]
    value: Mapping[str, Any]

    def template_field(self, name: str, arguments: Sequence[Any]) -> Any:
        """The value of a field, its zero where the JSON leaves it out."""
        if arguments:
            raise ValueError(f"{name} has arguments but cannot be invoked as function")
        key, zero = self.fields[name]
        return self.value.get(key, zero)

    def as_json(self) -> Mapping[str, Any]:
        """The JSON."""
        return self.value


class TemplateError(UsageError):
    """A template that cannot be read or executed; the words are Go's."""


class UnreadableTemplate(TemplateError):
    """A template that cannot be read."""

    exit_code = 64


class _Missing:
    """The value of a key that a map has not: prints `<no value>`, counts as false."""


MISSING = _Missing()

Scope = dict[str, Any]
Function = Callable[..., Any]


# Reading -----------------------------------------------------------------------------------------

_ACTION = re.compile(r"\{\{(-\s)?(/\*.*?\*/|.*?)(\s-)?\}\}", re.DOTALL)
_TOKEN = re.compile(
    r"""\s+ | (?P<string>"(?:\\.|[^"\\])*"|`[^`]*`) | (?P<char>'(?:\\.|[^'\\])')
    | (?P<number>[+-]?(?:0[xX][0-9a-fA-F_]+|\d[\d_]*(?:\.\d*)?(?:[eE][+-]?\d+)?))
    | (?P<field>\.[A-Za-z_]\w*) | (?P<variable>\$\w*) | (?P<word>[A-Za-z_]\w*)
    | (?P<mark>:=|[.()|=,])""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Token:
    """A piece of an action; `spaced`: white space stands before it."""

    kind: str
    text: str
    spaced: bool


@dataclass
class Node:
    """A part of a template: text, a pipeline to print, or a block."""

    kind: str
    text: str = ""
    pipe: Pipeline | None = None
    body: list[Node] = field(default_factory=list)
    otherwise: list[Node] = field(default_factory=list)


@dataclass
class Pipeline:
    """Commands joined by `|`, and the variables that take the outcome."""

    commands: list[list[Any]]
    variables: list[str] = field(default_factory=list)
    declares: bool = True
    source: str = ""


@dataclass
class Operand:
    """A term with the fields that follow it: `$x.Name`, `(index . 0).ID`."""

    kind: str
    value: Any
    fields: list[str] = field(default_factory=list)


class Template:
    """A template, read.

    Args:
        text: its source.
        functions: further functions, or others in place of docker's.
        strict: a missing key is an error, as in `docker inspect -f`.

    Raises:
        TemplateError: it cannot be read.
    """

    def __init__(
        self, text: str, *, functions: Mapping[str, Function] | None = None, strict: bool = False
    ) -> None:
        self.functions = {**FUNCTIONS, **(functions or {})}
        self.strict = strict
        self.defined: dict[str, list[Node]] = {}
        self._pieces = list(_pieces(text))
        self._nodes, end = self._block(0, top=True)
        if end != len(self._pieces):
            _unreadable("unexpected {{end}}")

    def render(self, data: Any) -> str:
        """What the template prints for `data`.

        Raises:
            TemplateError: it cannot be executed on that.
        """
        out: list[str] = []
        _Run(self, out).nodes(self._nodes, data, {"$": data})
        return "".join(out)

    def _block(self, at: int, *, top: bool = False) -> tuple[list[Node], int]:
        """The nodes from a place to its {{else}} or {{end}}."""
        nodes: list[Node] = []
        while at < len(self._pieces):
            is_action, text = self._pieces[at]
            word = text.split(None, 1)[0] if is_action and text.strip() else ""
            if word in {"end", "else"}:
                return nodes, at
            at += 1
            if not is_action:
                nodes.append(Node("text", text))
            elif word in {"if", "range", "with"}:
                node, at = self._control(word, text[len(word) :], at)
                nodes.append(node)
            elif word in {"define", "block"}:
                at = self._define(word, text[len(word) :], at, nodes)
            elif word in {"break", "continue"}:
                nodes.append(Node(word))
            elif word == "template":
                nodes.append(self._call(text[len(word) :]))
            elif text:
                nodes.append(Node("print", pipe=self._pipeline(text)))
        if not top:
            _unreadable("unexpected EOF")
        return nodes, at

    def _control(self, word: str, rest: str, at: int) -> tuple[Node, int]:
        node = Node(word, pipe=self._pipeline(rest))
        node.body, at = self._block(at)
        text = self._pieces[at][1]
        if text.startswith("else"):
            chained = text[4:].strip()
            if chained:
                head, _, tail = chained.partition(" ")
                inner, at = self._control(head, tail, at + 1)
                node.otherwise = [inner]
                return node, at
            node.otherwise, at = self._block(at + 1)
        return node, at + 1

    def _define(self, word: str, rest: str, at: int, nodes: list[Node]) -> int:
        tokens = list(_tokens(rest))
        name = _string(tokens[0].text)
        body, at = self._block(at)
        self.defined.setdefault(name, body)
        if word == "block":
            nodes.append(self._call(rest))
        return at + 1

    def _call(self, rest: str) -> Node:
        tokens = list(_tokens(rest))
        pipe = _Reader(tokens[1:], rest, self.functions).pipeline() if len(tokens) > 1 else None
        return Node("template", _string(tokens[0].text), pipe)

    def _pipeline(self, text: str) -> Pipeline:
        return _Reader(list(_tokens(text)), text.strip(), self.functions).pipeline()


def _unreadable(problem: str) -> NoReturn:
    raise UnreadableTemplate(f"{PARSING}template: :1: {problem}")


#: How the CLI begins what it says of a template, be it read or executed.
PARSING = "template parsing error: "


def _pieces(text: str) -> Iterator[tuple[bool, str]]:
    """Texts and actions in turn, white space trimmed where `{{-` and `-}}` say so."""
    at, trim = 0, False
    for match in _ACTION.finditer(text):
        before = text[at : match.start()]
        before = before.lstrip() if trim else before
        yield False, before.rstrip() if match[1] else before
        trim, at = bool(match[3]), match.end()
        if not match[2].startswith("/*"):
            yield True, match[2].strip()
    rest = text[at:]
    if "{{" in rest:
        _unreadable("unclosed action")
    yield False, rest.lstrip() if trim else rest


def _tokens(text: str) -> Iterator[Token]:
    at, spaced = 0, True
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            _unreadable(f'unexpected "{text[at]}" in operand')
        if match.lastgroup:
            yield Token(match.lastgroup, match[0], spaced)
        spaced = match.lastgroup is None
        at = match.end()


def _string(text: str) -> str:
    if text.startswith("`"):
        return text[1:-1]
    escaped = re.sub(r"\\x([0-9a-fA-F]{2})", r"\\u00\1", text)
    try:
        return str(json_.loads(escaped, strict=False))
    except ValueError:
        _unreadable(f"unterminated quoted string {text}")


class _Reader:
    """Reads the tokens of one action."""

    def __init__(self, tokens: list[Token], source: str, functions: Mapping[str, Function]) -> None:
        self._tokens = tokens
        self._source = source
        self._functions = functions
        self._at = 0

    def pipeline(self) -> Pipeline:
        pipe = Pipeline([], source=self._source)
        self._variables(pipe)
        while True:
            pipe.commands.append(self._command())
            if self._peek() != "|":
                break
            self._at += 1
            if self._at == len(self._tokens):
                break  # Go takes a `|` with nothing behind it
        if self._at < len(self._tokens) and self._peek() != ")":
            _unreadable(f'unexpected "{self._peek()}" in command')
        return pipe

    def _variables(self, pipe: Pipeline) -> None:
        texts = [token.text for token in self._tokens]
        mark = next((mark for mark in (":=", "=") if mark in texts), None)
        if mark is None or not texts[0].startswith("$"):
            return
        end = texts.index(mark)
        pipe.variables = [text for text in texts[:end] if text != ","]
        pipe.declares = mark == ":="
        self._at = end + 1

    def _peek(self) -> str:
        return self._tokens[self._at].text if self._at < len(self._tokens) else ""

    def _command(self) -> list[Any]:
        operands = []
        while self._peek() not in {"", "|", ")"}:
            operands.append(self._operand())
        if not operands:
            _unreadable("missing value for command")
        return operands

    def _operand(self) -> Operand:
        token = self._tokens[self._at]
        self._at += 1
        operand = self._term(token)
        while self._at < len(self._tokens):
            follower = self._tokens[self._at]
            if follower.kind != "field" or follower.spaced:
                break
            operand.fields.append(follower.text[1:])
            self._at += 1
        return operand

    def _term(self, token: Token) -> Operand:
        match token.kind:
            case "string":
                return Operand("constant", _string(token.text))
            case "char":
                return Operand("constant", ord(_string(f'"{token.text[1:-1]}"')))
            case "number":
                return Operand("constant", _number(token.text))
            case "field":
                return Operand("dot", None, [token.text[1:]])
            case "variable":
                return Operand("variable", token.text)
            case "word":
                return self._word(token.text)
        if token.text == ".":
            return Operand("dot", None)
        if token.text == "(":
            inner = self.pipeline_inside()
            return Operand("pipe", inner)
        _unreadable(f'unexpected "{token.text}" in operand')

    def pipeline_inside(self) -> Pipeline:
        """The pipeline up to the closing parenthesis."""
        pipe = Pipeline([], source=self._source)
        while True:
            pipe.commands.append(self._command())
            if self._peek() != "|":
                break
            self._at += 1
        if self._peek() != ")":
            _unreadable("unclosed left paren")
        self._at += 1
        return pipe

    def _word(self, word: str) -> Operand:
        constants = {"true": True, "false": False, "nil": None}
        if word in constants:
            return Operand("constant", constants[word])
        if word not in self._functions and word not in {"and", "or"}:
            _unreadable(f'function "{word}" not defined')
        return Operand("function", word)


def _number(text: str) -> int | float:
    try:
        return int(text, 0)
    except ValueError:
        return float(text)


# Executing ---------------------------------------------------------------------------------------


class _Break(Exception):
    pass


class _Continue(Exception):
    pass


class _Run:
    """One execution of a template."""

    def __init__(self, template: Template, out: list[str]) -> None:
        self._template = template
        self._out = out

    def nodes(self, nodes: Sequence[Node], dot: Any, scope: Scope) -> None:
        scope = dict(scope)
        for node in nodes:
            self._node(node, dot, scope)

    def _node(self, node: Node, dot: Any, scope: Scope) -> None:
        match node.kind:
            case "text":
                self._out.append(node.text)
            case "print":
                assert node.pipe is not None
                value = self._pipe(node.pipe, dot, scope)
                if not node.pipe.variables:
                    self._out.append(_null(node.pipe) if value is None else printed(value))
            case "if" | "with":
                self._if(node, dot, scope)
            case "range":
                self._range(node, dot, dict(scope))
            case "template":
                self._call(node, dot, scope)
            case "break":
                raise _Break
            case "continue":
                raise _Continue

    def _if(self, node: Node, dot: Any, scope: Scope) -> None:
        assert node.pipe is not None
        inner = dict(scope)
        value = self._pipe(node.pipe, dot, inner)
        here = value if node.kind == "with" and truth(value) else dot
        self.nodes(node.body if truth(value) else node.otherwise, here, inner)

    def _range(self, node: Node, dot: Any, scope: Scope) -> None:
        assert node.pipe is not None
        pipe = Pipeline(node.pipe.commands, source=node.pipe.source)
        items = _items(self._pipe(pipe, dot, scope))
        if not items:
            self.nodes(node.otherwise, dot, scope)
        names = node.pipe.variables
        for key, value in items:
            scope.update(zip(names, (key, value) if len(names) > 1 else (value,), strict=False))
            try:
                self.nodes(node.body, value, scope)
            except _Break:
                return
            except _Continue:
                continue

    def _call(self, node: Node, dot: Any, scope: Scope) -> None:
        if node.text not in self._template.defined:
            raise TemplateError(f'template: no template "{node.text}" associated with template ""')
        data = self._pipe(node.pipe, dot, scope) if node.pipe else None
        self.nodes(self._template.defined[node.text], data, {"$": data})

    def _pipe(self, pipe: Pipeline, dot: Any, scope: Scope) -> Any:
        piped: tuple[Any, ...] = ()
        for command in pipe.commands:
            piped = (self._command(command, dot, scope, piped, pipe.source),)
        value = piped[0]
        for name in pipe.variables:
            if not pipe.declares and name not in scope:
                raise TemplateError(f"undefined variable: {name}")
            scope[name] = value
        return value

    def _command(
        self, command: list[Operand], dot: Any, scope: Scope, piped: tuple[Any, ...], source: str
    ) -> Any:
        first, rest = command[0], command[1:]
        if first.kind == "function":
            if first.value in {"and", "or"}:
                return self._and_or(first.value, [*rest, *piped], dot, scope, source)
            arguments = [self._value(each, dot, scope, source) for each in rest]
            value = self._apply(first.value, [*arguments, *piped], source)
            return self._fields(value, first.fields, [], source)
        arguments = [self._value(each, dot, scope, source) for each in rest]
        return self._value(first, dot, scope, source, [*arguments, *piped])

    def _and_or(
        self, word: str, operands: Sequence[Any], dot: Any, scope: Scope, source: str
    ) -> Any:
        """`and` and `or` stop at the first that decides."""
        value: Any = None
        for each in operands:
            value = self._value(each, dot, scope, source) if isinstance(each, Operand) else each
            if truth(value) == (word == "or"):
                return value
        return value

    def _apply(self, name: str, arguments: list[Any], source: str) -> Any:
        try:
            return self._template.functions[name](*arguments)
        except (TypeError, ValueError, IndexError, KeyError, AttributeError) as error:
            problem = f"error calling {name}: {error}"
            raise TemplateError(f'template: :1: executing "" at <{source}>: {problem}') from error

    def _value(
        self,
        operand: Operand,
        dot: Any,
        scope: Scope,
        source: str,
        arguments: Sequence[Any] = (),
    ) -> Any:
        match operand.kind:
            case "dot":
                value = dot
            case "variable":
                if operand.value not in scope:
                    raise TemplateError(f"{PARSING}undefined variable {operand.value}")
                value = scope[operand.value]
            case "pipe":
                value = self._pipe(operand.value, dot, scope)
            case "function":
                value = self._apply(operand.value, [], source)
            case _:
                value = operand.value
        return self._fields(value, operand.fields, arguments, source)

    def _fields(
        self, value: Any, names: Sequence[str], arguments: Sequence[Any], source: str
    ) -> Any:
        for place, name in enumerate(names):
            if place and names[place - 1] in gotypes.MAPS and isinstance(value, Mapping):
                value = value.get(name, MISSING)
                continue
            last = place == len(names) - 1
            value = self._field(value, name, arguments if last else (), source)
        return value

    def _field(self, value: Any, name: str, arguments: Sequence[Any], source: str) -> Any:
        where = f'template: :1: executing "" at <{source}>'
        if isinstance(value, HasFields):
            try:
                return value.template_field(name, arguments)
            except KeyError:
                raise TemplateError(f"{where}: can't evaluate field {name}") from None
            except ValueError as error:
                raise TemplateError(f"{where}: {error}") from error
        if isinstance(value, Mapping):
            if name in gotypes.OPTIONAL:
                return value.get(name, gotypes.OPTIONAL[name])
            if name not in value and self._template.strict:
                raise TemplateError(f'{where}: map has no entry for key "{name}"')
            return value.get(name, MISSING)
        if value is MISSING:
            return MISSING
        if value is None:
            if self._template.strict:
                raise TemplateError(f"{where}: nil pointer evaluating interface {{}}.{name}")
            return MISSING
        raise TemplateError(f"{where}: can't evaluate field {name} in type {_go_type(value)}")


def truth(value: Any) -> bool:
    """Whether Go's templates take a value for true: not zero, not empty."""
    return value is not MISSING and (isinstance(value, HasFields) or bool(value))


def _items(value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, Mapping):
        return sorted(value.items())
    if isinstance(value, list | tuple):
        return list(enumerate(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return [(number, number) for number in range(value)]
    if value is None or value is MISSING:
        return []
    raise TemplateError(f"range can't iterate over {printed(value)}")


def _go_type(value: Any) -> str:
    names = {bool: "bool", str: "string", int: "int", float: "float64", list: "[]interface {}"}
    return names.get(type(value), type(value).__name__)


# Printing and functions --------------------------------------------------------------------------


def printed(value: Any) -> str:
    """A value as Go's fmt prints it with %v."""
    match value:
        case _Missing() | None:
            return "<no value>"
        case bool():
            return "true" if value else "false"
        case float():
            return go_float(value)
        case Mapping() if fields := gotypes.struct(value):
            return "{" + " ".join(printed(value.get(name, "")) for name in fields) + "}"
        case Mapping():
            inner = " ".join(f"{key}:{_nested(each)}" for key, each in sorted(value.items()))
            return f"map[{inner}]"
        case list() | tuple():
            return "[" + " ".join(map(_nested, value)) + "]"
    return str(value)


def _null(pipe: Pipeline) -> str:
    """JSON's null: what Go has in the field that was named last."""
    return gotypes.null(pipe.source.rpartition(".")[2]) or printed(None)


def _nested(value: Any) -> str:
    if value == {}:
        return "{}"  # an exposed port's, or a volume's: Go's struct{}
    return "<nil>" if value is None else printed(value)


def go_float(value: float) -> str:
    """A float64 as Go prints it with %v: the shortest digits, an exponent from 1e21 on."""
    text = repr(float(value))
    if value == int(value) and abs(value) < 1e21:
        return str(int(value))
    mantissa, e, exponent = text.partition("e")
    if not e:
        return text
    number = int(exponent)
    return f"{mantissa.removesuffix('.0')}e{'-' if number < 0 else '+'}{abs(number):02}"


def to_json(value: Any) -> str:
    """JSON as Go marshals it: compact, <, > and & escaped; keys keep their order."""
    text = json_.dumps(_plain(value), separators=(",", ":"), ensure_ascii=False)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def _plain(value: Any) -> Any:
    if value is MISSING:
        return None
    as_json = getattr(value, "as_json", None)
    return as_json() if as_json else value


def _compare(test: Callable[[Any, Any], bool]) -> Function:
    def compare(left: Any, right: Any) -> bool:
        if isinstance(left, str) != isinstance(right, str):
            raise TypeError("incompatible types for comparison")
        return test(left, right)

    return compare


def _equal(first: Any, *others: Any) -> bool:
    if not others:
        raise TypeError("missing argument for comparison")
    if any(isinstance(first, str) != isinstance(each, str) for each in others if each is not None):
        raise TypeError("incompatible types for comparison")
    return any(first == each for each in others)


def _index(value: Any, *keys: Any) -> Any:
    for key in keys:
        if value is None or value is MISSING:
            raise TypeError("index of untyped nil")
        if isinstance(value, Mapping):
            # Labels and options are maps of strings, whose zero is "".
            texts = all(isinstance(each, str) for each in value.values())
            value = value.get(key, "" if texts else MISSING)
        elif isinstance(key, int) and not 0 <= key < len(value):
            raise IndexError(f"index out of range: {key}")
        else:
            value = value[key]
    return value


def _slice(value: Any, *bounds: int) -> Any:
    low, high = (*bounds, len(value))[:2] if bounds else (0, len(value))
    for bound in (low, high):
        if not 0 <= bound <= len(value):
            raise IndexError(f"index out of range: {bound}")
    if low > high:
        raise IndexError(f"invalid slice index: {low} > {high}")
    return value[low:high]


def _length(value: Any) -> int:
    """Go counts a text's bytes; a nil list or map has none."""
    if value is None:
        return 0
    return len(value.encode() if isinstance(value, str) else value)


_VERB = re.compile(r"%([-+# 0]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])")


def _printf(form: str, *values: Any) -> str:
    left = list(values)

    def one(match: re.Match[str]) -> str:
        flags, width, precision, verb = match.groups()
        if verb == "%":
            return "%"
        if not left:
            return f"%!{verb}(MISSING)"
        text = _formatted(verb, precision, flags, left.pop(0))
        pad = "0" if "0" in flags and "-" not in flags else " "
        return text.ljust(int(width or 0)) if "-" in flags else text.rjust(int(width or 0), pad)

    text = _VERB.sub(one, form)
    extra = ", ".join(f"{_go_type(each)}={printed(each)}" for each in left)
    return text + (f"%!(EXTRA {extra})" if extra else "")


def _formatted(verb: str, precision: str | None, flags: str, value: Any) -> str:
    if verb in "dxXobc" and isinstance(value, int) and not isinstance(value, bool):
        sign = "+" if "+" in flags and verb == "d" else ""
        return format(value, sign + verb)
    if verb in "feEgG" and isinstance(value, int | float):
        if verb in "gG" and precision is None:
            return go_float(float(value))
        return format(float(value), f".{precision or 6}{verb}")
    if verb == "q":
        return go_quote(printed(value))
    if verb == "t" and isinstance(value, bool):
        return printed(value)
    if verb in "sv":
        return printed(value)[: int(precision) if precision else None]
    if verb == "T":
        return _go_type(value)
    return f"%!{verb}({_go_type(value)}={printed(value)})"


def go_quote(text: str) -> str:
    """A Go string literal: strconv.Quote."""
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    named = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    named |= {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\v": "\\v"}

    def one(char: str) -> str:
        if char in named:
            return named[char]
        if char.isprintable():
            return char
        code = ord(char)
        return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}"

    return '"' + "".join(map(one, text)) + '"'


def _print(values: Sequence[Any]) -> str:
    """Go's fmt.Sprint: a space between two values of which neither is a string."""
    out = ""
    for place, value in enumerate(values):
        if place and not isinstance(value, str) and not isinstance(values[place - 1], str):
            out += " "
        out += printed(value)
    return out


def _html(text: str) -> str:
    return html_.escape(text).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")


def _pad(text: str, before: int, after: int) -> str:
    return " " * before + text + " " * after if text else text


FUNCTIONS: dict[str, Function] = {
    "eq": _equal,
    "ne": lambda left, right: not _equal(left, right),
    "lt": _compare(lambda left, right: left < right),
    "le": _compare(lambda left, right: left <= right),
    "gt": _compare(lambda left, right: left > right),
    "ge": _compare(lambda left, right: left >= right),
    "not": lambda value: not truth(value),
    "len": _length,
    "index": _index,
    "slice": _slice,
    "print": lambda *values: _print(values),
    "println": lambda *values: " ".join(map(printed, values)) + "\n",
    "printf": _printf,
    "html": lambda *values: _html(_print(values)),
    "js": lambda *values: json_.dumps("".join(map(printed, values)))[1:-1].replace("'", "\\'"),
    "urlquery": lambda *values: quote_plus("".join(map(printed, values))),
    "call": lambda function, *values: function(*values),
    "json": to_json,
    "split": lambda text, separator: text.split(separator),
    "join": lambda texts, separator: separator.join(texts),
    "title": lambda text: re.sub(r"\b[^\W\d_]", lambda match: match[0].upper(), text),
    "lower": str.lower,
    "upper": str.upper,
    "pad": _pad,
    "truncate": lambda text, length: text[:length],
}
