"""Execute a parsed template, as Go's text/template/exec.go does."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

from docker_magics.results import gotypes

from .functions import Function, WrongArgument, check
from .lex import TemplateError
from .parse import Command, Node, Operand, Pipeline
from .values import MISSING, HasFields, format_value, go_type, is_true

#: Variables; the first map is the innermost block's.
Scope = ChainMap[str, Any]


@dataclass(frozen=True)
class Program:
    """A parsed template as its execution sees it.

    Attributes:
        text: the source, for positions in errors.
        name: the template's name in errors.
        functions: the functions that it may call.
        defined: the nodes of the templates that it defines, by name.
        strict: whether a missing key is an error.
    """

    text: str
    name: str
    functions: Mapping[str, Function]
    defined: Mapping[str, Sequence[Node]]
    strict: bool


class _Break(Exception):
    pass


class _Continue(Exception):
    pass


class Run:
    """One execution of a template."""

    def __init__(self, program: Program, out: list[str]) -> None:
        self._program = program
        self._out = out
        self._name = program.name

    def nodes(self, nodes: Sequence[Node], dot: Any, scope: Scope) -> None:
        """Append the output of nodes, with `dot` as the value of `.`.

        Raises:
            TemplateError: a node cannot be executed on that value.
        """
        inner = scope.new_child()
        for node in nodes:
            self._node(node, dot, inner)

    def _failure(
        self, node: Operand | Command | Node, problem: str, context: str = ""
    ) -> TemplateError:
        before = self._program.text[: node.at]
        line, place = before.count("\n") + 1, len(before) - before.rfind("\n") - 1
        where = f'template: {self._program.name}:{line}:{place}: executing "{self._name}"'
        return TemplateError(f"{where} at <{context or getattr(node, 'source', '')}>: {problem}")

    def _node(self, node: Node, dot: Any, scope: Scope) -> None:
        match node.kind:
            case "text":
                self._out.append(node.text)
            case "print":
                assert node.pipe is not None
                value = self._pipe(node.pipe, dot, scope)
                if not node.pipe.variables:
                    self._out.append(_null(node.pipe) if value is None else format_value(value))
            case "if" | "with":
                self._if(node, dot, scope)
            case "range":
                self._range(node, dot, scope.new_child())
            case "template":
                self._call(node, dot, scope)
            case "break":
                raise _Break
            case "continue":
                raise _Continue

    def _if(self, node: Node, dot: Any, scope: Scope) -> None:
        assert node.pipe is not None
        inner = scope.new_child()
        value = self._pipe(node.pipe, dot, inner)
        inner_dot = value if node.kind == "with" and is_true(value) else dot
        self.nodes(node.body if is_true(value) else node.otherwise, inner_dot, inner)

    def _range(self, node: Node, dot: Any, scope: Scope) -> None:
        assert node.pipe is not None
        items = self._items(node.pipe, self._pipe(Pipeline(node.pipe.commands), dot, scope))
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

    def _items(self, pipe: Pipeline, value: Any) -> list[tuple[Any, Any]]:
        if isinstance(value, Mapping):
            return sorted(value.items())
        if isinstance(value, list | tuple):
            return list(enumerate(value))
        if isinstance(value, int) and not isinstance(value, bool):
            return [(number, number) for number in range(value)]
        if value is None or value is MISSING:
            return []
        raise self._failure(pipe.commands[-1], f"range can't iterate over {format_value(value)}")

    def _call(self, node: Node, dot: Any, scope: Scope) -> None:
        if node.text not in self._program.defined:
            handed = f" {node.pipe.source}" if node.pipe else ""
            context = f'{{{{template "{node.text}"{handed}}}}}'
            raise self._failure(node, f'template "{node.text}" not defined', context)
        data = self._pipe(node.pipe, dot, scope) if node.pipe else None
        before, self._name = self._name, node.text
        self.nodes(self._program.defined[node.text], data, ChainMap({"$": data}))
        self._name = before

    def _pipe(self, pipe: Pipeline, dot: Any, scope: Scope) -> Any:
        piped: tuple[Any, ...] = ()
        for command in pipe.commands:
            piped = (self._command(command, dot, scope, piped),)
        for name in pipe.variables:
            self._holder(scope, name, pipe)[name] = piped[0]
        return piped[0]

    def _holder(self, scope: Scope, name: str, pipe: Pipeline) -> MutableMapping[str, Any]:
        """Return the scope to assign a variable in: the innermost, or with `=` its own."""
        if pipe.declares:
            return scope
        if name not in scope:
            raise self._failure(pipe.last, f"undefined variable: {name}")
        return next(block for block in scope.maps if name in block)

    def _command(self, command: Command, dot: Any, scope: Scope, piped: tuple[Any, ...]) -> Any:
        first, *rest = command.operands
        if first.kind == "function" and first.value in {"and", "or"}:
            return self._and_or(first, [*rest, *piped], dot, scope)
        arguments = [self._value(operand, dot, scope) for operand in rest]
        if first.kind == "function":
            value = self._apply(command, [*arguments, *piped])
            return self._fields(first, value, [])
        if first.kind == "constant" and first.value is None:
            raise self._failure(first, "nil is not a command")
        if [*arguments, *piped] and not first.fields:
            raise self._failure(first, f"can't give argument to non-function {first.source}")
        return self._value(first, dot, scope, [*arguments, *piped])

    def _and_or(self, word: Operand, operands: Sequence[Any], dot: Any, scope: Scope) -> Any:
        """Evaluate `and` and `or`, which short-circuit."""
        if not operands:
            raise self._failure(
                word, f"wrong number of args for {word.value}: want at least 1 got 0"
            )
        value: Any = None
        for operand in operands:
            value = self._value(operand, dot, scope) if isinstance(operand, Operand) else operand
            if is_true(value) == (word.value == "or"):
                return value
        return value

    def _apply(self, command: Command, arguments: list[Any]) -> Any:
        word, *operands = command.operands
        name, function = word.value, self._program.functions[word.value]
        try:
            check(name, function, arguments)
        except ValueError as error:
            raise self._failure(word, str(error)) from error
        except WrongArgument as error:
            operand = operands[error.place] if error.place < len(operands) else word
            problem = _wrong(operand, error.wanted, arguments[error.place])
            raise self._failure(operand, problem) from error
        try:
            return function(*arguments)
        except (TypeError, ValueError, LookupError, AttributeError) as error:
            raise self._failure(command, f"error calling {name}: {error}") from error

    def _value(
        self, operand: Operand, dot: Any, scope: Scope, arguments: Sequence[Any] = ()
    ) -> Any:
        match operand.kind:
            case "dot":
                value = dot
            case "variable":
                value = scope[operand.value]
            case "pipe":
                value = self._pipe(operand.value, dot, scope)
            case "function":
                return self._command(Command([operand]), dot, scope, ())
            case _:
                value = operand.value
        return self._fields(operand, value, arguments)

    def _fields(self, operand: Operand, value: Any, arguments: Sequence[Any]) -> Any:
        node = operand.value.last if operand.kind == "pipe" else operand
        for place, name in enumerate(operand.fields):
            if place and operand.fields[place - 1] in gotypes.MAPS and isinstance(value, Mapping):
                value = value.get(name, MISSING)
                continue
            last = place == len(operand.fields) - 1
            value = self._field(node, value, name, arguments, last=last)
        return value

    def _field(
        self, operand: Operand, value: Any, name: str, arguments: Sequence[Any], *, last: bool
    ) -> Any:
        if isinstance(value, HasFields):
            return self._field_of(operand, value, name, arguments if last else ())
        if isinstance(value, Mapping):
            if last and name in gotypes.OPTIONAL:
                return value.get(name, gotypes.OPTIONAL[name])
            mapping = gotypes.with_go_name(value, name)
            if name not in mapping and self._program.strict:
                raise self._failure(operand, f'map has no entry for key "{name}"')
            return mapping.get(name, MISSING)
        if value is None and self._program.strict:
            raise self._failure(operand, f"nil pointer evaluating interface {{}}.{name}")
        if value is MISSING or value is None:
            return MISSING
        kind = "interface {}" if self._program.strict else go_type(value)
        raise self._failure(operand, f"can't evaluate field {name} in type {kind}")

    def _field_of(
        self, operand: Operand, value: HasFields, name: str, arguments: Sequence[Any]
    ) -> Any:
        try:
            return value.template_field(name, arguments)
        except KeyError:
            kind = f" in type {value.go_type}" if value.go_type else ""
            raise self._failure(operand, f"can't evaluate field {name}{kind}") from None
        except ValueError as error:
            raise self._failure(operand, str(error)) from error


def _wrong(operand: Operand, wanted: str, value: Any) -> str:
    if operand.kind == "constant" and value is None:
        return f"cannot assign nil to {wanted}"
    if operand.kind == "constant":
        # Go checks constants against the parameter's type and uses another message for them.
        return f"expected {wanted.replace('int', 'integer')}; found {operand.source}"
    return f"wrong type for value; expected {wanted}; got {go_type(value)}"


def _null(pipe: Pipeline) -> str:
    """Return how Go prints the field that the pipeline named last, if it is nil."""
    return gotypes.go_nil(pipe.commands[-1].source.rpartition(".")[2]) or format_value(None)
