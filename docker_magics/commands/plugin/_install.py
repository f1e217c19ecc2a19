"""Pulling a plugin: privileges, permission, download.

source: docker/cli, cli/command/plugin/install.go, upgrade.go.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from docker_magics.cli.terminal import Terminal
from docker_magics.engine import auth
from docker_magics.engine.client import Engine
from docker_magics.engine.error_hints import hint
from docker_magics.engine.streamed import StreamedResponse
from docker_magics.errors import UsageError
from docker_magics.results.layers import LayersProgress
from docker_magics.results.text import Text
from docker_magics.wire.reference import Reference

GRANT = "Grant all permissions necessary to run the plugin"


def fetch(
    engine: Engine,
    terminal: Terminal,
    target: str,
    remote: Reference,
    *,
    name: str,
    granted: bool,
    finish: Callable[[], Text],
) -> LayersProgress:
    """Ask the user to grant the plugin's privileges, and return the progress of the pull.

    Args:
        engine: the engine.
        terminal: asks the user unless `granted`.
        target: the API path: `/plugins/pull`, or the upgrade's.
        remote: the plugin.
        name: the local name, "" for the remote one.
        granted: whether all privileges are granted.
        finish: completes the installation and returns the result.
    """
    headers = auth.header_for(remote.domain)
    query = {"remote": str(remote)}
    privileges = engine.request("GET", "/plugins/privileges", query=query, headers=headers).json()
    if privileges and not granted:
        _ask(terminal, remote.familiar, privileges)

    def send() -> StreamedResponse:
        response = engine.request(
            "POST",
            target,
            query=query | {"name": name},
            headers=headers,
            body=privileges,
            stream=True,
        )
        return StreamedResponse(response)

    return LayersProgress(
        f"Pulling plugin {remote.familiar}",
        send,
        lambda _lines: finish(),
        interrupted="The pull was cancelled.",
        hint=hint,
    )


def _ask(terminal: Terminal, name: str, privileges: list[dict[str, Any]]) -> None:
    listing = "\n".join(f" - {privilege['Name']}: {privilege['Value']}" for privilege in privileges)
    request = f'Plugin "{name}" is requesting the following privileges:\n{listing}\n'
    if not terminal.confirm(f"{request}Do you grant the above permissions? [y/N] "):
        raise UsageError("permission denied while installing plugin")
