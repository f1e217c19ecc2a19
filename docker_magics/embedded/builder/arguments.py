"""Build arguments: ARG, `--build-arg` and the predefined ones.

source: Dockerfile reference, "ARG", "Predefined ARGs"; moby builder/dockerfile/buildargs.go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...wire.dockerfile import Instruction
from ..dockerfile.variables import Variables
from ..errors import BadParameter
from ..images.platforms import Platform, host_platform
from .stages import Stage

#: Build arguments that need no ARG, and that histories do not show.
PROXIES = frozenset(
    {"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "FTP_PROXY", "ftp_proxy",
     "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"}
)  # fmt: skip


class BuildArguments:
    """The build arguments of one build.

    Args:
        given: of `--build-arg`; None for one without a value.
        target: the platform that is built for.
        escape: the Dockerfile's escape character.
    """

    def __init__(self, given: Mapping[str, str | None], target: Platform, escape: str) -> None:
        self._given = given
        self._escape = escape
        self._predefined = _platform_arguments(target)
        self._globals: dict[str, str | None] = {}
        self._used: set[str] = set()

    @property
    def global_variables(self) -> Variables:
        """The variables of FROM: the ARGs before the first FROM, and the platforms."""
        values = {name: value for name, value in self._globals.items() if value is not None}
        return Variables(self._predefined | values, self._escape)

    def variables(self, stage: Stage) -> Variables:
        """Return the variables of a stage's instructions."""
        return Variables(stage.variables, self._escape)

    def declare_global(self, instruction: Instruction) -> None:
        """Execute an ARG before the first FROM."""
        for name, default in _declared(instruction, self.global_variables):
            self._globals[name] = self._value(name, default)

    def declare(self, stage: Stage, instruction: Instruction) -> str:
        """Execute an ARG of a stage; return the history's comment."""
        declarations = []
        for name, default in _declared(instruction, self.variables(stage)):
            value = self._value(name, default)
            if value is None and name in self._globals:
                value = self._globals[name]
            if value is None:
                value = self._predefined.get(name)
            stage.arguments[name] = value
            declarations.append(name if default is None else f"{name}={default}")
        return "ARG " + " ".join(declarations)

    def _value(self, name: str, default: str | None) -> str | None:
        if name in self._given:
            self._used.add(name)
            return self._given[name]
        return default

    def unused(self) -> list[str]:
        """Return the names of `--build-arg` that no ARG has declared."""
        return [name for name in self._given if name not in self._used | PROXIES]

    def in_history(self, stage: Stage) -> list[str]:
        """Return `name=value` of each argument that ENV does not hide, as histories show them."""
        environment = stage.environment
        return [
            f"{name}={value}"
            for name, value in sorted(stage.arguments.items())
            if value is not None and name not in environment
        ]

    def environment(self, stage: Stage) -> list[str]:
        """Return `name=value` of each argument that a RUN's process gets, the proxies too."""
        proxies = {name: value for name, value in self._given.items() if name in PROXIES}
        environment = stage.environment
        return [
            f"{name}={value}"
            for name, value in (proxies | stage.arguments).items()
            if value is not None and name not in environment
        ]


def _platform_arguments(target: Platform) -> dict[str, str]:
    arguments: dict[str, str] = {}
    for prefix, platform in (("BUILD", host_platform()), ("TARGET", target)):
        arguments |= {
            f"{prefix}PLATFORM": str(platform),
            f"{prefix}OS": platform.os,
            f"{prefix}ARCH": platform.architecture,
            f"{prefix}VARIANT": platform.variant,
        }
    return arguments


def _declared(instruction: Instruction, variables: Variables) -> Iterator[tuple[str, str | None]]:
    """Yield the names of an ARG, and their defaults."""
    for arg in instruction.args:
        name, equals, default = arg.partition("=")
        name = variables.expand(name)
        if not name:
            raise BadParameter("ARG names can not be blank")
        yield name, variables.expand(default) if equals else None
