"""docker version: the versions of this package and of the engine."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from docker_magics.cli.command import Command
from docker_magics.commands import _flags
from docker_magics.engine.client import NEWEST_API, Engine
from docker_magics.errors import DockerMagicsError, EngineUnreachable
from docker_magics.results.text import BLANK_LINE, Text, blank_line_after_errors
from docker_magics.version import __version__

if TYPE_CHECKING:
    from docker_magics.results.gotemplate import Struct

_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


class Version(Command):
    """Show the Docker version information"""

    usage = "[OPTIONS]"

    format: str = _flags.format_of_object()

    def run(self, engine: Engine) -> Text:
        """Return the versions as the CLI prints them.

        source: Engine API, SystemVersion; docker/cli, cli/command/system/version.go.
        """
        try:
            versions = {"Client": _client(engine), "Server": engine.get("/version")}
        except EngineUnreachable as error:
            error.result = self._without_server()
            raise
        if not self.format:
            return Text("\n".join(_lines(versions)) + "\n")
        with blank_line_after_errors():
            return Text(_formatted(versions, self.format) + "\n")

    def _without_server(self) -> Text:
        client = _client(None)
        if not self.format:
            return Text("\n".join(_client_lines(client)) + "\n")
        try:
            return Text(_formatted({"Client": client}, self.format) + "\n")
        except DockerMagicsError:
            return BLANK_LINE


def _formatted(versions: Mapping[str, Any], form: str) -> str:
    from docker_magics.results.gotemplate import Template, to_json

    if form == "json":
        return to_json(versions)
    return Template(form, name="version").render(_structs(versions))


def _structs(versions: Mapping[str, Any]) -> Struct:
    """Return the versions as templates access them."""
    from docker_magics.results.gotemplate import Struct

    parts = {name: Struct(_FIELDS, version, _TYPES[name]) for name, version in versions.items()}
    return Struct({name: (name, {}) for name in parts}, parts, "system.versionInfo")


_TYPES = {"Client": "system.clientVersion", "Server": "*types.Version"}
#: The fields of client and server, which are nearly the same.
_FIELDS = {
    **{name: (name, "") for name in ("Version", "DefaultAPIVersion", "MinAPIVersion", "Context")},
    **{name: (name, "") for name in ("GitCommit", "GoVersion", "Os", "Arch", "BuildTime")},
    "APIVersion": ("ApiVersion", ""),
    "Components": ("Components", []),
    "Experimental": ("Experimental", False),
    "KernelVersion": ("KernelVersion", ""),
    "Platform": ("Platform", {"Name": ""}),
}


def _client(engine: Engine | None) -> dict[str, str]:
    """Return the client's versions; without an engine, its newest API."""
    machine = platform.machine()
    return {
        "Version": __version__,
        "ApiVersion": engine.api_version if engine else NEWEST_API,
        "DefaultAPIVersion": NEWEST_API,
        "Os": platform.system().lower(),
        "Arch": _MACHINES.get(machine, machine),
        "Context": engine.address.context if engine else "default",
    }


def _lines(versions: Mapping[str, Any]) -> Iterator[str]:
    server = versions["Server"]
    yield from _client_lines(versions["Client"])
    yield ""
    name = (server.get("Platform") or {}).get("Name") or ""
    yield f"Server: {name}".rstrip()
    for component in server.get("Components") or [_engine_component(server)]:
        yield f" {component['Name']}:"
        yield from _aligned("  ", _component(component))


def _client_lines(client: Mapping[str, str]) -> Iterator[str]:
    newest = client["DefaultAPIVersion"]
    older = f" (downgraded from {newest})" if client["ApiVersion"] != newest else ""
    yield "Client: docker_magics"
    yield from _aligned(
        " ",
        {
            "Version": client["Version"],
            "API version": client["ApiVersion"] + older,
            "OS/Arch": f"{client['Os']}/{client['Arch']}",
            "Context": client["Context"],
        },
    )


def _engine_component(server: Mapping[str, Any]) -> dict[str, Any]:
    """Return the component of an engine that lists none."""
    return {"Name": "Engine", "Version": server.get("Version", ""), "Details": server}


def _component(component: Mapping[str, Any]) -> dict[str, str]:
    details = component.get("Details") or {}
    if component["Name"] != "Engine":
        return {"Version": component["Version"], **dict(sorted(details.items()))}
    oldest = details.get("MinAPIVersion", "")
    return {
        "Version": component["Version"],
        "API version": f"{details.get('ApiVersion', '')} (minimum version {oldest})",
        "Go version": details.get("GoVersion", ""),
        "Git commit": details.get("GitCommit", ""),
        "Built": _ansi_time(details.get("BuildTime", "")),
        "OS/Arch": f"{details.get('Os', '')}/{details.get('Arch', '')}",
        "Experimental": str(details.get("Experimental", "false")).lower(),
    }


def _ansi_time(text: str) -> str:
    """Format a time as Go's time.ANSIC: `Thu May  7 21:09:36 2026`."""
    from datetime import datetime

    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return text
    return f"{time:%a %b} {time.day:2} {time:%H:%M:%S %Y}"


def _aligned(indent: str, values: Mapping[str, str]) -> Iterator[str]:
    for name, value in values.items():
        yield f"{indent}{name}:".ljust(20) + value
