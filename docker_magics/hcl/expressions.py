"""Compiled expressions of HCL: functions of a `Scope`.

source: hashicorp/hcl, hclsyntax/spec.md: Expressions.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, TypeAlias

from .limits import Budget
from .values import HclError, calculate, elements, to_text


class Scope(NamedTuple):
    """The variables and functions to which an expression refers.

    Attributes:
        names: variables; a mapping may evaluate its values when they are used.
        functions: functions by name.
        budget: limits the values and steps.
    """

    names: ChainMap[str, Any]
    functions: Mapping[str, Callable[..., Any]]
    budget: Budget

    def with_names(self, names: Mapping[str, Any]) -> Scope:
        """Return this scope with further names, which take precedence."""
        return self._replace(names=self.names.new_child(dict(names)))


Expression: TypeAlias = Callable[[Scope], Any]
#: What a function raises if its arguments are invalid.
_INVALID = (
    *(ArithmeticError, AttributeError, LookupError, RecursionError),
    *(StopIteration, TypeError, ValueError),
)
#: What follows a value, such as `.name`.
Step: TypeAlias = Callable[[Any, Scope], Any]


def constant(value: Any) -> Expression:
    """Return an expression with a fixed value."""
    return lambda _: value


def calculation(sign: str, left: Expression, right: Expression) -> Expression:
    """Return an expression of an operator and its operands."""
    return lambda scope: calculate(
        sign, scope.budget.paid(left(scope)), scope.budget.paid(right(scope))
    )


def stepped(value: Expression, step: Step) -> Expression:
    """Return an expression of a value and a step from it, such as `.name`."""
    return lambda scope: step(value(scope), scope)


def walked(value: Any, steps: Sequence[Step], scope: Scope) -> Any:
    """Return what a value's steps lead to."""
    for step in steps:
        value = step(value, scope)
    return value


def joined(parts: Sequence[Expression]) -> Expression:
    """Return an expression of a text made of parts."""
    return lambda scope: joined_texts(scope, (part(scope) for part in parts))


def joined_texts(scope: Scope, values: Iterable[Any]) -> str:
    """Return one text of values."""
    return "".join(scope.budget.paid(to_text(value)) for value in values)


def listed(parts: Sequence[Expression]) -> Expression:
    """Return an expression of a list."""
    return lambda scope: scope.budget.paid([part(scope) for part in parts])


def mapped(pairs: Sequence[tuple[Expression, Expression]]) -> Expression:
    """Return an expression of an object, of the expressions of its keys and values."""
    return lambda scope: scope.budget.paid(
        {to_text(key(scope)): value(scope) for key, value in pairs}
    )


def variable(scope: Scope, name: str) -> Any:
    """Return the value of a name.

    Raises:
        HclError: it does not exist.
    """
    try:
        return scope.names[name]
    except KeyError as error:
        raise HclError(f'there is no variable named "{name}"') from error


def call(scope: Scope, name: str, arguments: Sequence[Expression], *, expands: bool) -> Any:
    """Return the result of a function.

    Args:
        scope: has the functions.
        name: the function's name.
        arguments: its arguments.
        expands: whether the last argument is a list of arguments: `f(list...)`.

    Raises:
        HclError: the function is not supported, or the arguments are invalid.
    """
    if name not in scope.functions:
        raise HclError(f"unsupported function {name}()")
    values = [argument(scope) for argument in arguments]
    if expands:
        values[-1:] = elements(values[-1])
    try:
        return scope.budget.paid(scope.functions[name](*scope.budget.paid(values)))
    except _INVALID as error:
        raise HclError(f"invalid arguments of {name}()") from error


def _first_valid(arguments: Sequence[Expression], scope: Scope) -> Any:
    for argument in arguments:
        with suppress(HclError):
            return argument(scope)
    raise HclError("no argument of try() is valid")


def _is_valid(arguments: Sequence[Expression], scope: Scope) -> bool:
    with suppress(HclError):
        arguments[0](scope)
        return True
    return False


#: Functions that evaluate their arguments themselves.
LAZY = {"try": _first_valid, "can": _is_valid}
