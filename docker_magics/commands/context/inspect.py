"""docker context inspect: details of contexts."""

from __future__ import annotations

from typing import Any

from docker_magics.cli.command import Command, operands
from docker_magics.commands import _flags
from docker_magics.commands._inspect import inspect
from docker_magics.engine.cli_config import DEFAULT_CONTEXT
from docker_magics.engine.client import Engine
from docker_magics.engine.context import ContextStore
from docker_magics.results.inspect import InspectList
from docker_magics.results.text import Text

from .show import current_name


class ContextInspect(Command):
    """Display detailed information on one or more contexts"""

    usage = "[OPTIONS] [CONTEXT] [CONTEXT...]"

    format: str = _flags.format_of_object()
    contexts: list[str] = operands()

    def run(self, engine: Engine) -> InspectList | Text:
        """Return a dict for each context, by default the current one.

        source: docker/cli, cli/command/context/inspect.go.
        """
        store = ContextStore()

        def look_up(name: str) -> dict[str, Any]:
            if name == DEFAULT_CONTEXT:
                endpoint = {"Host": engine.address.host, "SkipTLSVerify": False}
                keys: dict[str, bytes] = {}
                metadata: dict[str, Any] = {"Name": name, "Metadata": {}}
                metadata["Endpoints"] = {"docker": endpoint}
            else:
                metadata, keys = store.metadata(name), store.tls_files(name)
            return {**metadata, "TLSMaterial": {"docker": sorted(keys)} if keys else {}}

        return inspect(self.contexts or [current_name()], self.format, look_up)
