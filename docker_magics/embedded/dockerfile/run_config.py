"""The part of an image's configuration that instructions change.

source: Docker image specification v1.2, "Container RunConfig"; Engine API, ContainerConfig.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypedDict


class Healthcheck(TypedDict, total=False):
    """A health check; times are nanoseconds, and 0 means the default.

    Attributes:
        Test: `NONE`, or `CMD` with the arguments, or `CMD-SHELL` with one command line.
    """

    Test: list[str]
    Interval: int
    Timeout: int
    Retries: int
    StartPeriod: int
    StartInterval: int


class RunConfig(TypedDict, total=False):
    """The defaults for containers of an image, with the API's names (ContainerConfig)."""

    Hostname: str
    Domainname: str
    User: str
    AttachStdin: bool
    AttachStdout: bool
    AttachStderr: bool
    ExposedPorts: dict[str, Any] | None
    Tty: bool
    OpenStdin: bool
    StdinOnce: bool
    Env: list[str] | None
    Cmd: list[str] | None
    Healthcheck: Healthcheck | None
    ArgsEscaped: bool
    Image: str
    Volumes: dict[str, Any] | None
    WorkingDir: str
    Entrypoint: list[str] | None
    OnBuild: list[str] | None
    Labels: dict[str, str] | None
    StopSignal: str
    StopTimeout: int | None
    Shell: list[str] | None


@dataclass
class ImageDraft:
    """An unfinished image: the part that instructions change.

    Attributes:
        config: what its containers run by default.
        author: of MAINTAINER; empty for none.
        sets_command: whether an instruction has set Cmd, so that it is not inherited.
    """

    config: RunConfig
    author: str = ""
    sets_command: bool = False


def environment(config: RunConfig) -> dict[str, str]:
    """Return the environment variables of a config."""
    pairs = (variable.partition("=") for variable in config.get("Env") or [])
    return {name: value for name, _, value in pairs}
