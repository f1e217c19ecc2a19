"""Docker's global options: the flags between `docker` and the command."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from docker_magics.engine.cli_config import DEFAULT_CONTEXT, CliConfig
from docker_magics.errors import FlagError, UsageError

from .command import Flag, usage_in_errors
from .flag_types import FLAG_TYPES
from .pflag import FlagSet, ParsedLine

if TYPE_CHECKING:
    from docker_magics.engine.address import Address, Tls


class GlobalOptions(NamedTuple):
    """The global options of a line; they select the engine.

    Attributes:
        host: -H, an address.
        context: -c, a context's name.
        config: the CLI's configuration folder.
        tlsverify, tlscacert, tlscert, tlskey: TLS options of `host`.
        environment: the environment variables that select the engine by default.
        current: the CLI's current context, used if neither options nor environment name one.
    """

    host: str = ""
    context: str = ""
    config: str = ""
    tls: bool = False
    tlsverify: bool = False
    tlscacert: str = ""
    tlscert: str = ""
    tlskey: str = ""
    debug: bool = False
    log_level: str = ""
    version: bool = False
    help: bool = False
    environment: tuple[tuple[str, str], ...] = ()
    current: str = DEFAULT_CONTEXT

    def address(self, *, start: bool = True) -> Address:
        """Return the engine's address.

        Args:
            start: whether to start the embedded engine if it is selected and not running.

        Raises:
            NoEngine: no engine was found.
            UsageError: the options exclude each other, or the context does not exist.
        """
        if self.host and self.context:
            raise UsageError("conflicting options: cannot specify both --host and --context")
        try:
            return self._selected(start=start)
        except UsageError as error:
            reason = error.cli_text or error.message
            error.cli_text = f"Failed to initialize: unable to resolve docker endpoint: {reason}"
            raise

    def _selected(self, *, start: bool) -> Address:
        from docker_magics.engine.address import Address, parse_host
        from docker_magics.engine.discover import find

        env = dict(os.environ)
        if self.config:
            env["DOCKER_CONFIG"] = self.config
        if self.host:
            tls = self._tls() if self.tls or self.tlsverify else None
            return Address(parse_host(self.host, tls=tls is not None), "--host", tls)
        if self.context and self.context != DEFAULT_CONTEXT:
            from docker_magics.engine.context import ContextStore

            return ContextStore(env).address(self.context)
        if self.context:
            env.pop("DOCKER_CONTEXT", None)
        return find(env, start=start)

    def config_problem(self) -> str | None:
        """Return why the CLI's configuration cannot be read, or None."""
        env = {**os.environ, **({"DOCKER_CONFIG": self.config} if self.config else {})}
        return CliConfig(env).problem()

    def _tls(self) -> Tls:
        from pathlib import Path

        from docker_magics.engine.address import Tls

        files = (self.tlscacert, self.tlscert, self.tlskey)
        ca, cert, key = (Path(name) if name else None for name in files)
        return Tls(ca, cert, key, verify=self.tlsverify)


_ENVIRONMENT = (
    "DOCKER_MAGICS_ENGINE",
    "DOCKER_HOST",
    "DOCKER_CONTEXT",
    "DOCKER_CONFIG",
    "DOCKER_TLS",
    "DOCKER_TLS_VERIFY",
    "DOCKER_CERT_PATH",
)
_SPECS = {
    "config": (None, "string", "Location of client config files"),
    "context": ("c", "string", "Name of the context to use to connect to the daemon"),
    "debug": ("D", "", "Enable debug mode"),
    "help": ("h", "", ""),
    "host": ("H", "string", "Daemon socket to connect to"),
    "log-level": ("l", "string", "Set the logging level"),
    "tls": (None, "", "Use TLS; implied by --tlsverify"),
    "tlscacert": (None, "string", "Trust certs signed only by this CA"),
    "tlscert": (None, "string", "Path to TLS certificate file"),
    "tlskey": (None, "string", "Path to TLS key file"),
    "tlsverify": (None, "", "Use TLS and verify the remote"),
    "version": ("v", "", "Print version information and quit"),
}
_LOG_LEVELS = {"trace", "debug", "info", "warn", "warning", "error", "fatal", "panic"}
_FLAGS = [
    Flag(
        long.replace("-", "_"),
        long,
        short,
        type_name,
        FLAG_TYPES[type_name],
        text,
        hidden=False,
        default=None,
    )
    for long, (short, type_name, text) in _SPECS.items()
]


def flags() -> list[Flag]:
    """Return the global options, in the order of the help."""
    return [flag for flag in _FLAGS if flag.help]


def flag_set() -> FlagSet:
    """Return the parser of the words before the command."""
    return FlagSet(_FLAGS, interspersed=False, command="")


def parse(args: Sequence[str]) -> tuple[GlobalOptions, list[str]]:
    """Return the global options of a line, and the arguments from the command on.

    Raises:
        FlagError: a flag is unknown, or -H is given twice.
        UsageError: the logging level is invalid.
    """
    with usage_in_errors("docker", "[OPTIONS] COMMAND [ARG...]"):
        parsed = flag_set().parse(args[1:] if args[:1] == ["docker"] else args)
        _check_hosts(parsed)
    values = {
        flag_value.flag.field: flag_value.flag.read(flag_value.value)
        for flag_value in parsed.flag_values
    }
    level = str(values.get("log_level", "info"))
    if level.lower() not in _LOG_LEVELS:
        raise UsageError(f"Unable to parse logging level: {level}")
    environment = tuple((name, os.environ.get(name, "")) for name in _ENVIRONMENT)
    current = CliConfig().current_context()
    options = GlobalOptions(environment=environment, current=current, **values)
    return options, parsed.operands


def _check_hosts(parsed: ParsedLine) -> None:
    hosts = [given.value for given in parsed.flag_values if given.flag.field == "host"]
    if len(hosts) > 1:
        quoted = json.dumps(hosts[1], ensure_ascii=False)
        raise FlagError(f'invalid argument {quoted} for "-H, --host" flag: specify only one -H')
