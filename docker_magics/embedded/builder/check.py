"""What is wrong with an instruction before anything of it is carried out.

source: moby/buildkit, frontend/dockerfile/instructions/parse.go, bflag.go.
"""

from __future__ import annotations

import re

from ...wire import dockerfile as language
from ...wire import go
from ...wire.dockerfile import Instruction
from ..errors import BadParameter, as_bad_parameter
from . import copy

#: Those that have exactly one argument, and those that have one at least.
_ONE = frozenset({"MAINTAINER", "STOPSIGNAL", "USER", "WORKDIR"})
_SOME = frozenset({"ARG", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "ONBUILD", "SHELL", "VOLUME"})
_NO_TRIGGERS = {
    "ONBUILD": "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed",
    "FROM": "FROM isn't allowed as an ONBUILD trigger",
    "MAINTAINER": "MAINTAINER isn't allowed as an ONBUILD trigger",
}
_FLAGS = {
    "ADD": copy.FLAGS - {"from"},
    "COPY": copy.FLAGS - {"checksum", "keep-git-dir"},
    "FROM": {"platform"},
    "HEALTHCHECK": {"interval", "timeout", "start-period", "start-interval", "retries"},
    "RUN": {"mount", "network", "security"},
}
_REPEATED = {"exclude", "mount"}
#: Their flags are not looked at.
_WITHOUT_FLAGS = frozenset({"ARG", "STOPSIGNAL"})
_STAGE = re.compile(r"[a-z][a-z0-9-_.]*")


def instructions(found: tuple[Instruction, ...]) -> None:
    """Refuse a Dockerfile whose instructions cannot all be carried out.

    Raises:
        BadParameter: with the line.
    """
    staged = False
    for each in found:
        try:
            instruction(each)
        except BadParameter as fault:
            raise BadParameter(f"dockerfile parse error line {each.line}: {fault}") from fault
        staged = staged or each.keyword == "FROM"
        if not staged and each.keyword != "ARG":
            raise BadParameter("no build stage in current context")


def instruction(found: Instruction) -> None:
    """Refuse an instruction that makes no sense, whatever its variables mean.

    Raises:
        BadParameter: in dockerd's words.
    """
    keyword = found.keyword
    if keyword not in language.KEYWORDS:
        raise BadParameter(f"unknown instruction: {keyword}")
    _count(found)
    _flags(found)
    match keyword:
        case "ENV" | "LABEL":
            _names(keyword, found.args[::2])
        case "ARG":
            _names(keyword, tuple(each.partition("=")[0] for each in found.args))
        case "FROM":
            _from(found)
        case "HEALTHCHECK":
            _healthcheck(found)
        case "ONBUILD" if found.trigger and found.trigger.keyword in _NO_TRIGGERS:
            raise BadParameter(_NO_TRIGGERS[found.trigger.keyword])
        case "SHELL" if not found.is_json:
            raise BadParameter("SHELL requires the arguments to be in JSON form")
        case "VOLUME" if not all(each.strip() for each in found.args):
            raise BadParameter("VOLUME specified can not be an empty string")


def _count(found: Instruction) -> None:
    keyword, count = found.keyword, len(found.args)
    if keyword in _ONE and count != 1:
        raise BadParameter(f"{keyword} requires exactly one argument")
    if keyword in _SOME and not count and found.trigger is None:
        raise BadParameter(f"{keyword} requires at least one argument")
    if keyword in {"ADD", "COPY"} and count + len(found.heredocs) < 2:
        raise BadParameter(f"{keyword} requires at least two arguments, but only one was provided. Destination could not be determined")  # fmt: skip  # noqa: E501


def _flags(found: Instruction) -> None:
    if found.keyword in _WITHOUT_FLAGS:
        return
    seen = set()
    for flag in found.flags:
        name, equals, value = flag.removeprefix("--").partition("=")
        if name not in _FLAGS.get(found.keyword, ()):
            raise BadParameter(f"Unknown flag: {name}")
        if name in seen:
            raise BadParameter(f"Duplicate flag specified: {name}")
        if name in copy.SWITCHES:
            if equals and value.lower() not in {"true", "false"}:
                raise BadParameter(f"Expecting boolean value for flag {name}, not: {value}")
        elif not equals:
            raise BadParameter(f"Missing a value on flag: {name}")
        seen |= {name} - _REPEATED


def _names(keyword: str, names: tuple[str, ...]) -> None:
    if not all(names):
        raise BadParameter(f"{keyword} names can not be blank")


def _from(found: Instruction) -> None:
    args = found.args
    if len(args) == 3 and args[1].lower() == "as":
        if not _STAGE.fullmatch(args[2].lower()):
            raise BadParameter(f'invalid name for build stage: "{args[2]}", name can\'t start with a number or contain symbols')  # fmt: skip  # noqa: E501
    elif len(args) != 1:
        raise BadParameter("FROM requires either one or three arguments")


def _healthcheck(found: Instruction) -> None:
    kind, *command = found.args
    if kind.upper() == "NONE":
        if command:
            raise BadParameter("HEALTHCHECK NONE takes no arguments")
        return
    if kind.upper() != "CMD":
        raise BadParameter(f'Unknown type "{kind.upper()}" in HEALTHCHECK (try CMD)')
    if not command:
        raise BadParameter("Missing command after HEALTHCHECK CMD")
    for flag in found.flags:
        name, _, value = flag.removeprefix("--").partition("=")
        if not value:
            continue
        if name == "retries":
            _retries(value)
        else:
            _interval(name, value)


def _retries(text: str) -> None:
    with as_bad_parameter():
        retries = go.parse_int(text, bits=32)
    if retries < 1:
        raise BadParameter(f"--retries must be at least 1 (not {retries})")


def _interval(name: str, text: str) -> None:
    with as_bad_parameter():
        interval = go.parse_duration(text)
    if interval < 1_000_000:
        raise BadParameter(f'Interval "{name}" cannot be less than 1ms')
