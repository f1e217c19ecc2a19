"""What a build request asks for. source: Engine API, ImageBuild."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any

from ...wire.reference import Reference
from ..api.messages import Request
from ..errors import BadParameter
from ..images import references
from ..images.platforms import Platform, host_platform, parse_platform
from ..registry.credentials import Credentials, from_json


@dataclass(frozen=True)
class Options:
    """One build's.

    Attributes:
        tags: names for the result.
        arguments: of --build-arg; None for one without a value here.
        host_config: of the containers that run its steps.
        credentials: of registries, by domain.
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
    credentials: dict[str, Credentials] = field(repr=False)


def read(request: Request) -> Options:
    """The options of a request.

    Raises:
        BadParameter: one makes no sense.
    """
    if request.flag("squash"):
        raise BadParameter("squash is only supported with experimental mode")
    isolation = request.get("isolation")
    if isolation not in {"", "default"}:
        raise BadParameter(f'Unsupported isolation: "{isolation}"')
    if request.all("securityopt"):
        raise BadParameter("The daemon on this platform does not support setting security options on build")  # fmt: skip  # noqa: E501
    given = request.get("platform")
    return Options(
        tags=list(dict.fromkeys(_tag(each) for each in request.all("t") if each)),
        dockerfile=request.get("dockerfile") or "Dockerfile",
        remote=request.get("remote"),
        target=request.get("target"),
        quiet=request.flag("q"),
        no_cache=request.flag("nocache"),
        cache_from=_json(request, "cachefrom", []),
        pull=request.flag("pull"),
        remove=request.flag("rm", default=True),
        force_remove=request.flag("forcerm"),
        arguments=_json(request, "buildargs", {}),
        labels=_json(request, "labels", {}),
        host_config=_host_config(request),
        platform=parse_platform(given) if given else host_platform(),
        platform_given=bool(given),
        build_id=request.get("buildid"),
        credentials=_credentials(request.headers.get("x-registry-config", "")),
    )


def _tag(text: str) -> Reference:
    found = references.read(text)
    if found.digest:
        raise BadParameter("build tag cannot contain a digest")
    return found.tagged


def _json(request: Request, name: str, empty: Any) -> Any:
    text = request.get(name)
    if not text:
        return empty
    try:
        found = json.loads(text)
    except ValueError as error:
        raise BadParameter(f"error reading {name}: {error}") from error
    if found is None:
        return empty
    if not isinstance(found, type(empty)):
        raise BadParameter(f"error reading {name}: it is no {type(empty).__name__}")
    return found


def _host_config(request: Request) -> dict[str, Any]:
    hosts = request.all("extrahosts")
    return {
        "NetworkMode": request.get("networkmode") or "default",
        "ExtraHosts": [each for text in hosts for each in text.split(",") if each] or None,
        "ShmSize": request.number("shmsize"),
        "Memory": request.number("memory"),
        "MemorySwap": request.number("memswap"),
        "CpuShares": request.number("cpushares"),
        "CpuPeriod": request.number("cpuperiod"),
        "CpuQuota": request.number("cpuquota"),
        "CpusetCpus": request.get("cpusetcpus"),
        "CpusetMems": request.get("cpusetmems"),
        "Ulimits": _json(request, "ulimits", []) or None,
    }


def _credentials(text: str) -> dict[str, Credentials]:
    if not text:
        return {}
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        pairs = {server: from_json(each) for server, each in found.items()}
    except (ValueError, AttributeError) as error:
        raise BadParameter(f"invalid X-Registry-Config header: {error}") from error
    return {_domain(server): each for server, each in pairs.items()}


def _domain(server: str) -> str:
    host = server.rsplit("//", maxsplit=1)[-1].split("/", maxsplit=1)[0]
    return "docker.io" if host in {"index.docker.io", "registry-1.docker.io"} else host
