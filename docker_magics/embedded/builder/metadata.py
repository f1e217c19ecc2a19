"""Instructions that change what containers of an image run by default, and nothing else.

Also `docker commit --change` and `docker import --change` come here.
source: Dockerfile reference; moby builder/dockerfile/dispatchers.go.
"""

from __future__ import annotations

import contextlib
import ipaddress
import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ...wire import expansion, go
from ...wire.dockerfile import Instruction
from ..errors import BadParameter
from ..runtime import signals

Config = dict[str, Any]
_PORTS = re.compile(r"(\d+)(?:-(\d+))?")
_MOST_PORT = 65535
_PROTOCOLS = frozenset({"tcp", "udp", "sctp"})
SHELL = ["/bin/sh", "-c"]
_HEALTH_FLAGS = {
    "interval": "Interval",
    "timeout": "Timeout",
    "start-period": "StartPeriod",
    "start-interval": "StartInterval",
}
#: What `--change` may say.
CHANGES = frozenset(
    {"CMD", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "ONBUILD", "USER",
      "VOLUME", "WORKDIR"}
)  # fmt: skip


class Words:
    """Replaces variables in an instruction's words.

    Args:
        variables: names and values.
        escape: the file's escape character.
    """

    def __init__(self, variables: Mapping[str, str], escape: str = "\\") -> None:
        self._variables = variables
        self._escape = escape

    def one(self, word: str) -> str:
        """A word.

        Raises:
            BadParameter: it cannot be read.
        """
        try:
            return expansion.expand(word, self._variables, self._escape)
        except expansion.ExpansionError as error:
            raise BadParameter(str(error)) from error

    def many(self, word: str) -> list[str]:
        """A word that may become several.

        Raises:
            BadParameter: it cannot be read.
        """
        try:
            return expansion.split(word, self._variables, self._escape)
        except expansion.ExpansionError as error:
            raise BadParameter(str(error)) from error


def apply(config: Config, instruction: Instruction, words: Words) -> str:
    """Change a Config; gives the comment for the image's history.

    Raises:
        BadParameter: its variables make no sense of it; `check.py` has seen the rest.
    """
    return _APPLY[instruction.keyword](config, instruction, words)


def _env(config: Config, instruction: Instruction, words: Words) -> str:
    args = [words.one(each) for each in instruction.args]
    pairs = list(zip(args[::2], args[1::2], strict=True))
    known = {each.partition("=")[0]: each for each in config.get("Env") or []}
    for name, value in pairs:
        if not name:
            raise BadParameter(f"invalid environment variable: ={value}")
        known[name] = f"{name}={value}"
    config["Env"] = list(known.values())
    return "ENV " + " ".join(f"{name}={value}" for name, value in pairs)


def _label(config: Config, instruction: Instruction, words: Words) -> str:
    args = [words.one(each) for each in instruction.args]
    pairs = list(zip(args[::2], args[1::2], strict=True))
    config["Labels"] = {**(config.get("Labels") or {}), **dict(pairs)}
    return "LABEL " + " ".join(f"{name}={value}" for name, value in pairs)


def _workdir(config: Config, instruction: Instruction, words: Words) -> str:
    path = words.one(instruction.args[0])
    if not path:
        raise BadParameter("cannot normalize nothing")
    config["WorkingDir"] = posixpath.normpath(
        posixpath.join("/", config.get("WorkingDir") or "/", path)
    )
    return f"WORKDIR {config['WorkingDir']}"


def _user(config: Config, instruction: Instruction, words: Words) -> str:
    config["User"] = words.one(instruction.args[0])
    return f"USER {config['User']}"


def _volume(config: Config, instruction: Instruction, words: Words) -> str:
    paths = [words.one(each) for each in instruction.args]
    if any(not each.strip() for each in paths):
        raise BadParameter("VOLUME specified can not be an empty string")
    config["Volumes"] = {**(config.get("Volumes") or {}), **{each: {} for each in paths}}
    return f"VOLUME [{' '.join(paths)}]"


def _expose(config: Config, instruction: Instruction, words: Words) -> str:
    texts = [each for text in sorted(instruction.args) for each in words.many(text)]
    ports = {port: dict[str, Any]() for text in texts for port in _ports(text)}
    config["ExposedPorts"] = {**(config.get("ExposedPorts") or {}), **ports}
    return "EXPOSE " + " ".join(texts)


def _ports(text: str) -> Iterator[str]:
    """The ports of a `[[ADDRESS:]PORT:]PORT[/PROTOCOL]` within the container.

    source: docker/go-connections, nat.ParsePortSpec.
    """
    rest, _, protocol = text.partition("/")
    protocol = protocol.partition("/")[0] or "tcp"
    above, _, port = rest.rpartition(":")
    address, _, outside = above.rpartition(":")
    if address and not _is_address(address.strip("[]")):
        raise BadParameter(f"Invalid ip address: {address}")
    if not port:
        raise BadParameter(f"No port specified: {text}<empty>")
    start, end = _port_range(port, "containerPort")
    if outside:
        first, last = _port_range(outside, "hostPort")
        if last - first != end - start and start != end:
            raise BadParameter(f"Invalid ranges specified for container and host Ports: {port} and {outside}")  # fmt: skip  # noqa: E501
    if protocol.lower() not in _PROTOCOLS:
        raise BadParameter(f"Invalid proto: {protocol}")
    yield from (f"{number}/{protocol.lower()}" for number in range(start, end + 1))


def _is_address(text: str) -> bool:
    with contextlib.suppress(ValueError):
        return bool(ipaddress.ip_address(text))
    return False


def _port_range(text: str, what: str) -> tuple[int, int]:
    match = _PORTS.fullmatch(text)
    start, end = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
    if not start <= end <= _MOST_PORT:
        raise BadParameter(f"Invalid {what}: {text}")
    return start, end


def _shell_or_exec(config: Config, instruction: Instruction) -> list[str]:
    if instruction.is_json:
        return list(instruction.args)
    shell = config.get("Shell") or SHELL
    return [*shell, *instruction.args]


def _cmd(config: Config, instruction: Instruction, _words: Words) -> str:
    config["Cmd"] = _shell_or_exec(config, instruction)
    config["CmdIsOwn"] = True
    return f"CMD {_quoted(config['Cmd'])}"


def _entrypoint(config: Config, instruction: Instruction, _words: Words) -> str:
    words = _shell_or_exec(config, instruction) if instruction.args else []
    config["Entrypoint"] = words or None
    if not config.get("CmdIsOwn"):
        config["Cmd"] = None  # one that was inherited was meant for another entrypoint
    return f"ENTRYPOINT {_quoted(words)}"


def _quoted(words: list[str]) -> str:
    escaped = (each.replace("\\", "\\\\").replace('"', '\\"') for each in words)
    return "[" + " ".join(f'"{each}"' for each in escaped) + "]"


def _stopsignal(config: Config, instruction: Instruction, words: Words) -> str:
    text = words.one(instruction.args[0])
    signals.parse(text)
    config["StopSignal"] = text
    return f"STOPSIGNAL {text}"


def _shell(config: Config, instruction: Instruction, _words: Words) -> str:
    config["Shell"] = list(instruction.args)
    return f"SHELL [{' '.join(instruction.args)}]"


def _onbuild(config: Config, instruction: Instruction, _words: Words) -> str:
    text = instruction.trigger.text if instruction.trigger else ""
    config["OnBuild"] = [*(config.get("OnBuild") or []), text]
    return f"ONBUILD {text}"


def _healthcheck(config: Config, instruction: Instruction, _words: Words) -> str:
    kind, *command = instruction.args
    if kind.upper() == "NONE":
        test = ["NONE"]
    else:
        test = ["CMD", *command] if instruction.is_json else ["CMD-SHELL", command[0]]
    check = {"Test": test, **_health_flags(instruction.flags)}
    # what it does not say stays as it was, as dockerd merges it
    config["Healthcheck"] = {**(config.get("Healthcheck") or {}), **check}
    times = (check.get(key, 0) for key in ("Interval", "Timeout", "StartPeriod"))
    spans = " ".join(f'"{go.format_duration(each)}"' for each in times)
    return f"HEALTHCHECK &{{{_quoted(test)} {spans} {_go_rune(check.get('Retries', 0))}}}"


def _go_rune(number: int) -> str:
    """A number as Go's %q writes it, which takes it for a character."""
    known = {7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 39: "'", 92: "\\"}
    if number in known:
        return f"'\\{known[number]}'"
    return f"'\\x{number:02x}'" if number < 32 else f"'{chr(number)}'"


def _health_flags(flags: tuple[str, ...]) -> Config:
    found: Config = {}
    for flag in flags:
        name, _, value = flag.removeprefix("--").partition("=")
        if not value:
            continue
        if name == "retries":
            found["Retries"] = int(value)
        else:
            found[_HEALTH_FLAGS[name]] = go.parse_duration(value)
    return found


def _maintainer(config: Config, instruction: Instruction, _words: Words) -> str:
    config["Author"] = instruction.args[0]
    return f"MAINTAINER {instruction.args[0]}"


_APPLY = {
    "CMD": _cmd,
    "ENTRYPOINT": _entrypoint,
    "ENV": _env,
    "EXPOSE": _expose,
    "HEALTHCHECK": _healthcheck,
    "LABEL": _label,
    "MAINTAINER": _maintainer,
    "ONBUILD": _onbuild,
    "SHELL": _shell,
    "STOPSIGNAL": _stopsignal,
    "USER": _user,
    "VOLUME": _volume,
    "WORKDIR": _workdir,
}
KEYWORDS = frozenset(_APPLY)
