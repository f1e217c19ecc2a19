"""The one builder of an engine, as buildx shows it: `default`, with the docker driver.

source: docker/buildx, commands/ls.go, commands/inspect.go.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from docker_magics.engine.client import Engine
from docker_magics.results.listing import text_listing

if TYPE_CHECKING:
    from docker_magics.engine.buildkit.control import GcRule

#: Architecture of `docker info` -> that of platforms.
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm/v7"}


@dataclass(frozen=True)
class Builder:
    """A builder; the attributes are texts for people.

    Attributes:
        endpoint: the engine's address.
        buildkit: `docker VERSION` for the engine's BuildKit, or `none (classic builder)`.
        platforms: the platforms that it builds for.
        labels: properties that BuildKit names.
        gc_rules: when BuildKit removes its cache.
    """

    name: str
    driver: str
    endpoint: str
    status: str
    buildkit: str
    platforms: str
    labels: Mapping[str, str]
    gc_rules: Sequence[GcRule] = ()


def builder_of(engine: Engine) -> Builder:
    """Return the builder of an engine; BuildKit says itself for which platforms it builds.

    source: Engine API, SystemInfo; moby/buildkit, control.proto: ListWorkers.
    """
    info = engine.get("/info")
    machine = str(info.get("Architecture", ""))
    platforms = [f"{info.get('OSType', 'linux')}/{_ARCHITECTURES.get(machine, machine)}"]
    buildkit = "none (classic builder)"
    labels: Mapping[str, str] = {}
    gc_rules: Sequence[GcRule] = ()
    if engine.has_buildkit:
        from docker_magics.engine.buildkit import control
        from docker_magics.engine.buildkit.grpc import CallError

        buildkit = f"docker {info.get('ServerVersion', '')}"
        with contextlib.suppress(CallError):
            worker = control.workers(engine)[0]
            platforms, labels = list(worker.platforms) or platforms, worker.labels
            gc_rules = worker.gc_rules
    shown = ", ".join(platforms)
    host = engine.address.host
    return Builder("default", "docker", host, "running", buildkit, shown, labels, gc_rules)


def _field(name: str) -> Any:
    return lambda builder: asdict(builder)[name.lower()]


_NAMES = ("Name", "Driver", "Endpoint", "Status", "BuildKit", "Platforms")
BUILDERS = text_listing({name: _field(name) for name in _NAMES}, identity="Name")
