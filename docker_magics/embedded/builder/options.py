"""The options of a build request. source: Engine API, ImageBuild."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...wire.reference import Reference
from ..api import go_types
from ..api.messages import Request
from ..api.untrusted_json import parse_json
from ..errors import BadParameter
from ..images import references
from ..images.platforms import Platform, host_platform, parse_platform
from ..registry.credentials import Credentials, from_json


@dataclass(frozen=True)
class BuildOptions:
    """The options of one build.

    Attributes:
        tags: the names of the result.
        dockerfile: the Dockerfile's path in the context.
        remote: the URL of the context; empty if the request's body has it.
        target: the last stage that is built; empty for all.
        quiet: whether only the image's ID is shown.
        no_cache: whether every step is executed again.
        cache_from: the images whose steps may be used; empty for all.
        pull: whether base images are always pulled.
        remove: whether the containers of steps are removed if they succeed.
        force_remove: whether they are removed also if they fail.
        arguments: of `--build-arg`; None for one without a value.
        labels: of the result.
        host_config: of the containers that run steps: the HostConfig's fields.
        platform: which images are built for.
        platform_given: whether the request states the platform.
        build_id: identifies the build for BuildCancel; empty for none.
        credentials: by the registry's domain.
    """

    tags: list[Reference]
    dockerfile: str
    remote: str
    target: str
    quiet: bool
    no_cache: bool
    cache_from: list[str]
    pull: bool
    remove: bool
    force_remove: bool
    arguments: dict[str, str | None]
    labels: dict[str, str]
    host_config: dict[str, Any]
    platform: Platform
    platform_given: bool
    build_id: str
    credentials: Mapping[str, Credentials] = field(repr=False)


def read_options(request: Request) -> BuildOptions:
    """Return the options of a request.

    Raises:
        BadParameter: an invalid or unsupported value.
    """
    _check_supported(request)
    platform = request.get("platform")
    return BuildOptions(
        tags=list(dict.fromkeys(_parse_tag(text) for text in request.all("t") if text)),
        dockerfile=request.get("dockerfile") or "Dockerfile",
        remote=request.get("remote"),
        target=request.get("target"),
        quiet=request.flag("q"),
        no_cache=request.flag("nocache"),
        cache_from=_parse_json(request, "cachefrom", "[]string") or [],
        pull=request.flag("pull"),
        remove=request.flag("rm", default=True),
        force_remove=request.flag("forcerm"),
        arguments=_parse_json(request, "buildargs", "map[string]*string") or {},
        labels=_parse_json(request, "labels", "map[string]string") or {},
        host_config=_host_config(request),
        platform=parse_platform(platform) if platform else host_platform(),
        platform_given=bool(platform),
        build_id=request.get("buildid"),
        credentials=_parse_credentials(request.headers.get("x-registry-config", "")),
    )


def _check_supported(request: Request) -> None:
    if request.flag("squash"):
        raise BadParameter("squash is only supported with experimental mode")
    isolation = request.get("isolation")
    if isolation not in {"", "default"}:
        raise BadParameter(f'unsupported isolation: "{isolation}"')
    if request.all("securityopt"):
        raise BadParameter("security options are not supported on linux")


def _parse_tag(text: str) -> Reference:
    reference = references.read(text)
    if reference.digest:
        raise BadParameter("build tag cannot contain a digest")
    return reference.tagged


def _parse_json(request: Request, name: str, go_type: str) -> Any:
    """Return a parameter that is JSON of a Go type; None if it is empty."""
    text = request.get(name)
    if not text:
        return None
    try:
        return go_types.decoded(parse_json(text), go_type)
    except (ValueError, BadParameter) as error:
        raise BadParameter(f"error reading {name}: {error}") from error


def _host_config(request: Request) -> dict[str, Any]:
    """Return the fields of the HostConfig that have a value."""
    hosts = request.all("extrahosts")
    fields = {
        "NetworkMode": request.get("networkmode") or "default",
        "ExtraHosts": [host for text in hosts for host in text.split(",") if host],
        "ShmSize": request.number("shmsize"),
        "Memory": request.number("memory"),
        "MemorySwap": request.number("memswap"),
        "CpuShares": request.number("cpushares"),
        "CpuPeriod": request.number("cpuperiod"),
        "CpuQuota": request.number("cpuquota"),
        "CpusetCpus": request.get("cpusetcpus"),
        "CpusetMems": request.get("cpusetmems"),
        "Ulimits": _parse_json(request, "ulimits", "[]*units.Ulimit"),
    }
    return {name: value for name, value in fields.items() if value}


def _parse_credentials(header: str) -> dict[str, Credentials]:
    if not header:
        return {}
    try:
        configs = parse_json(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))
        pairs = {server: from_json(config) for server, config in configs.items()}
    except (ValueError, AttributeError) as error:
        raise BadParameter(f"invalid X-Registry-Config header: {error}") from error
    return {_domain(server): credentials for server, credentials in pairs.items()}


def _domain(server: str) -> str:
    host = server.rsplit("//", maxsplit=1)[-1].split("/", maxsplit=1)[0]
    return "docker.io" if host in {"index.docker.io", "registry-1.docker.io"} else host
