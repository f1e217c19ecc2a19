"""The docker endpoint of a context, as `--docker host=...,ca=...` describes it.

source: docker/cli, cli/command/context/options.go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from docker_magics.cli.command import flag
from docker_magics.cli.kinds import Kind
from docker_magics.cli.kinds.scalars import boolean
from docker_magics.cli.kinds.texts import csv_values
from docker_magics.engine.context import ContextStore
from docker_magics.errors import UsageError

_KEYS = {
    "from": "Copy named context's Docker endpoint configuration",
    "host": "Docker endpoint on which to connect",
    "ca": "Trust certs signed only by this CA",
    "cert": "Path to TLS certificate file",
    "key": "Path to TLS key file",
    "skip-tls-verify": "Skip TLS certificate validation",
}


def endpoint_help(verb: str) -> str:
    """What the help says of --docker."""
    table = "\n".join(f"{key:<20}{text}" for key, text in {"NAME": "DESCRIPTION", **_KEYS}.items())
    endpoint = "host=tcp://myserver:2376,ca=~/ca-file,cert=~/cert-file,key=~/key-file"
    options = f'--description "some description" --docker "{endpoint}"'
    example = f"$ docker context {verb} my-context {options}"
    return f"Docker endpoint config:\n\n{table}\n\nExample:\n\n{example}"


def endpoint_flag() -> Any:
    """--docker, a list of `key=value`."""
    pairs = Kind(_pairs, many=True, split=True)
    help_text = "set the docker endpoint (default [])"
    return flag("--docker stringToString", help_text, kind=pairs)


def _pairs(text: str) -> list[str]:
    pairs = csv_values(text) or [""]
    for pair in pairs:
        if "=" not in pair:
            raise ValueError(f"{pair} must be formatted as key=value")
    return pairs


def description_flag() -> Any:
    """--description."""
    return flag("--description string", "Description of the context")


def endpoint(store: ContextStore, pairs: Sequence[str]) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The endpoint's metadata, and its keys by file name.

    Raises:
        UsageError: a key that there is not, a file that cannot be read, a wrong address.
    """
    try:
        return _endpoint(store, dict(pair.partition("=")[::2] for pair in pairs))
    except ValueError as error:
        raise UsageError(f"unable to create docker endpoint config: {error}") from error


def _endpoint(
    store: ContextStore, values: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, bytes]]:
    if unknown := sorted(values.keys() - _KEYS.keys()):
        raise ValueError(f"unrecognized config key: {unknown[0]}")
    if source := values.get("from"):
        found: dict[str, Any] = store.metadata(source)["Endpoints"]["docker"]
        return found, store.tls_files(source)
    files = {name: values[name] for name in ("ca", "cert", "key") if values.get(name)}
    keys = {f"{name}.pem": _content(file) for name, file in files.items()}
    host = _host(values.get("host", ""))
    return {"Host": host, "SkipTLSVerify": _skip(values.get("skip-tls-verify", "false"))}, keys


def _host(text: str) -> str:
    """The address as it was written; it is read where the context is used."""
    if text and not text.partition("://")[2]:
        fault = f"unable to parse docker host `{text}`"
        raise ValueError(f"unable to apply docker endpoint options: {fault}")
    return text


def _content(name: str) -> bytes:
    try:
        return Path(name).expanduser().read_bytes()
    except OSError as error:
        raise ValueError(f"open {name}: {str(error.strerror).lower()}") from error


def _skip(text: str) -> bool:
    try:
        return boolean(text)
    except ValueError as error:
        raise ValueError(
            f"skip-tls-verify: {str(error).removeprefix('strconv.ParseBool: ')}"
        ) from error
