"""Evaluates bake files: variables, functions, targets with a matrix, groups.

source: docker/buildx, bake/hclparser/hclparser.go and bake/bake.go; docs of the bake file.
"""

from __future__ import annotations

import itertools
import json
import os
import platform
import re
from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from docker_magics.cli.flag_types.texts import csv_values
from docker_magics.hcl.expressions import Expression, Scope, constant, listed, mapped
from docker_magics.hcl.functions import CONVERSIONS, functions
from docker_magics.hcl.limits import Budget
from docker_magics.hcl.parser import Block, parse_template
from docker_magics.hcl.values import HclError, elements, is_true, to_text
from docker_magics.wire import go

from ._bake_targets import BOOLEANS, ENTRIES, MAPPINGS, SETTINGS, TEXTS, Target

_NAME = r"[a-zA-Z0-9_-]+"
#: The blocks of HCL's JSON; other keys are attributes.
_BLOCKS = frozenset({"function", "group", "target", "variable"})
#: What a target of a matrix takes of the budget: about its bytes.
_TARGET = 1000
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


class _Lazy(dict[str, Any]):
    """Values that are evaluated when they are first used."""

    def __init__(self, evaluations: Mapping[str, Callable[[], Any]]) -> None:
        super().__init__()
        self._evaluations = evaluations
        self._running: set[str] = set()

    def __missing__(self, name: str) -> Any:
        if name in self._running:
            raise HclError(f"{name} needs itself")
        evaluate = self._evaluations[name]
        self._running.add(name)
        try:
            self[name] = evaluate()
        finally:
            self._running.discard(name)
        return self[name]


class _Itself(dict[str, Any]):
    """Names whose value is the name: the parameters of a function, types."""

    def __missing__(self, name: str) -> str:
        return name


def evaluate(
    files: Sequence[Block], given: Mapping[str, str]
) -> tuple[list[tuple[str, Target]], dict[str, list[str]], dict[str, str]]:
    """Evaluate the files of a build, which share their names.

    Args:
        files: the content of each file.
        given: --var.

    Returns:
        The targets, of which some may have the same name, the groups, and their descriptions.

    Raises:
        HclError: an expression is wrong or unsupported.
    """
    blocks = [block for file in files for block in file.blocks]
    scope = _scope(files, blocks, given)
    groups = {
        name: _texts(scope.budget.paid(block.attributes.get("targets", constant([]))(scope)))
        for name, block in _labeled(blocks, "group").items()
    }
    descriptions = {
        name: to_text(block.attributes["description"](scope))
        for name, block in _labeled(blocks, "group").items()
        if "description" in block.attributes
    }
    targets: list[tuple[str, Target]] = []
    for block in blocks:
        if block.kind == "target":
            members = list(_targets(block, scope))
            targets += members
            if "matrix" in block.attributes:
                groups[_label(block)] = [name for name, _ in members]
    return targets, groups, descriptions


def from_json(content: Mapping[str, Any], file: str) -> Block:
    """Return the content of a file in HCL's JSON.

    Raises:
        HclError: the syntax of an expression is wrong.
    """
    block = Block()
    for kind, value in content.items():
        if kind not in _BLOCKS:
            block.attributes[kind] = _json_expression(value, file)
            continue
        for part in _json_objects(value, kind, file):
            for label, bodies in part.items():
                for body in _json_objects(bodies, f"{kind} {label}", file):
                    attributes = {key: _json_expression(it, file) for key, it in body.items()}
                    block.blocks.append(Block(kind, [label], attributes))
    return block


def _json_objects(value: Any, name: str, file: str) -> list[dict[str, Any]]:
    """Return an object as a list, or a list of objects."""
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(it, dict) for it in values):
        raise HclError(f"{name} is not an object", file)
    return values


def _json_expression(value: Any, file: str) -> Expression:
    match value:
        case str():
            return parse_template(value, file)
        case list():
            return listed([_json_expression(part, file) for part in value])
        case dict():
            return mapped(
                [
                    (parse_template(key, file), _json_expression(part, file))
                    for key, part in value.items()
                ]
            )
    return constant(value)


def _scope(files: Sequence[Block], blocks: Sequence[Block], given: Mapping[str, str]) -> Scope:
    """Return the names and functions of files; values are evaluated when they are used."""
    names: dict[str, Callable[[], Any]] = {}
    own_functions: dict[str, Callable[..., Any]] = {}
    budget = Budget()
    scope = Scope(
        ChainMap(_Lazy(names), {kind: kind for kind in CONVERSIONS}),
        ChainMap(own_functions, functions(budget.spend)),
        budget,
    )
    machine = platform.machine()
    names["BAKE_CMD_CONTEXT"] = lambda: "cwd://"
    names["BAKE_LOCAL_PLATFORM"] = lambda: f"linux/{_ARCHITECTURES.get(machine, machine)}"
    for file in files:
        names |= {name: partial(value, scope) for name, value in file.attributes.items()}
    for name, block in _labeled(blocks, "variable").items():
        names[name] = partial(_variable, name, block, given, scope)
    for name, block in _labeled(blocks, "function").items():
        own_functions[name] = _function(block, scope)
    targets = {
        name: partial(_fields, block, scope) for name, block in _labeled(blocks, "target").items()
    }
    names["target"] = lambda: _Lazy(targets)
    for block in _labeled(blocks, "variable").values():
        _validate(block, scope)
    return scope


def _labeled(blocks: Sequence[Block], kind: str) -> dict[str, Block]:
    return {_label(block): block for block in blocks if block.kind == kind}


def _label(block: Block) -> str:
    label = " ".join(block.labels)
    if not re.fullmatch(_NAME, label):
        raise HclError(f'invalid name "{label}" of a {block.kind}')
    return label


def _variable(name: str, block: Block, given: Mapping[str, str], scope: Scope) -> Any:
    """Return --var, the environment's value, or the default, with the variable's type."""
    kind = _type(block)
    default = block.attributes.get("default", constant(None if kind else ""))(scope)
    text = given.get(name, os.environ.get(name))
    if text is None:
        encoded = os.environ.get(f"{name}_JSON") if kind else None
        return _decoded(name, encoded) if encoded else default
    if kind is None:
        kinds = {bool: "bool", int: "number", float: "number", list: "list", dict: "map"}
        kind = kinds.get(type(default), "string")
    try:
        return _parsed(text, kind)
    except (HclError, KeyError, ValueError) as error:
        raise HclError(f"cannot set the variable {name} to {text}") from error


def _decoded(name: str, text: str) -> Any:
    """Return the value of the environment variable NAME_JSON."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise HclError(f"cannot set the variable {name}: {name}_JSON is not JSON") from error


def _type(block: Block) -> Any:
    """Return the type of a variable: `string`, `(list, string)`; None if it is not given."""
    collections = dict.fromkeys(("list", "set"), lambda kind: ("list", kind))
    others = dict.fromkeys(("map", "object", "optional", "tuple"), lambda *_: "other")
    scope = Scope(ChainMap(_Itself()), {**collections, **others}, Budget())
    return block.attributes.get("type", constant(None))(scope)


def _parsed(text: str, kind: Any) -> Any:
    if isinstance(kind, tuple):
        return [_parsed(part, kind[1]) for part in csv_values(text)]
    return go.parse_bool(text) if kind == "bool" else CONVERSIONS[kind](text)


def _validate(variable: Block, scope: Scope) -> None:
    """Check the conditions of a variable.

    Raises:
        HclError: one is false.
    """
    for block in variable.blocks:
        condition = block.attributes.get("condition", constant(value=True))
        if block.kind == "validation" and not is_true(condition(scope)):
            message = block.attributes.get("error_message", constant("the value is invalid"))
            raise HclError(f"variable {_label(variable)}: {to_text(message(scope))}")


def _function(block: Block, scope: Scope) -> Callable[..., Any]:
    """Return a function of the file."""
    if "result" not in block.attributes:
        raise HclError(f"function {_label(block)} has no result")
    itself = Scope(ChainMap(_Itself()), {}, Budget())
    parameters = block.attributes.get("params", constant([]))(itself)
    others = block.attributes.get("variadic_params", constant(None))(itself)
    label, is_running = _label(block), False

    def call(*values: Any) -> Any:
        nonlocal is_running
        if len(values) < len(parameters) or (len(values) > len(parameters) and not others):
            raise HclError(f"{label}() expects {len(parameters)} arguments")
        if is_running:
            raise HclError(f"{label}() calls itself")
        names = dict(zip(parameters, values, strict=False))
        if others:
            names[others] = list(values[len(parameters) :])
        is_running = True
        try:
            return block.attributes["result"](scope.with_names(names))
        finally:
            is_running = False

    return call


def _targets(block: Block, scope: Scope) -> Iterator[tuple[str, Target]]:
    """Yield the targets of a block: those of its matrix, or one."""
    if "matrix" not in block.attributes:
        yield _label(block), _settings(block, scope)
        return
    axes = block.attributes["matrix"](scope)
    if not isinstance(axes, dict) or "name" not in block.attributes:
        raise HclError(f"target {_label(block)} needs a matrix of lists, and a name")
    for values in itertools.product(
        *map(elements, reversed(axes.values()))
    ):  # the first axis varies fastest
        scope.budget.spend(_TARGET)
        inner = scope.with_names(dict(zip(reversed(axes), values, strict=True)))
        name = to_text(block.attributes["name"](inner))
        yield _label(Block("target", [name])), _settings(block, inner)


def _fields(block: Block, scope: Scope) -> _Lazy:
    """Return what `target.NAME` is in an expression."""
    return _Lazy({key: partial(value, scope) for key, value in block.attributes.items()})


def _settings(block: Block, scope: Scope) -> Target:
    settings: Target = {}
    for key, value in block.attributes.items():
        if key not in SETTINGS:
            continue
        try:
            settings[key] = _setting(key, scope.budget.paid(value(scope)))
        except HclError as error:
            raise error.of(f"{key} of target {_label(block)}") from error
    return settings


def _setting(key: str, value: Any) -> Any:
    """Convert a value to what the setting has: texts, entries or a boolean.

    Raises:
        HclError: it has another type.
    """
    if value is None:
        return None
    if key in BOOLEANS:
        return is_true(value)
    if key in TEXTS:
        return to_text(value)
    if key in ENTRIES:
        return [part if isinstance(part, dict) else to_text(part) for part in elements(value)]
    if key not in MAPPINGS:
        return _texts(value)
    if not isinstance(value, dict):
        raise HclError("expected an object")
    return {name: part if part is None else to_text(part) for name, part in value.items()}


def _texts(values: Any) -> list[str]:
    return [to_text(value) for value in elements(values)]
