"""What a container runs. source: Engine API, ContainerConfig."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

from ..dockerfile.run_config import Healthcheck


class ContainerConfig(TypedDict):
    """The program of a container: the image's config and the request, merged."""

    Hostname: str
    Domainname: str
    User: str
    AttachStdin: bool
    AttachStdout: bool
    AttachStderr: bool
    ExposedPorts: NotRequired[dict[str, Any] | None]
    Tty: bool
    OpenStdin: bool
    StdinOnce: bool
    Env: list[str]
    Cmd: list[str] | None
    Healthcheck: NotRequired[Healthcheck | None]
    ArgsEscaped: NotRequired[bool]
    Image: str
    Volumes: dict[str, Any] | None
    WorkingDir: str
    Entrypoint: list[str] | None
    NetworkDisabled: NotRequired[bool]
    MacAddress: NotRequired[str]
    OnBuild: list[str] | None
    Labels: dict[str, str]
    StopSignal: NotRequired[str]
    StopTimeout: NotRequired[int | None]
    Shell: NotRequired[list[str] | None]
