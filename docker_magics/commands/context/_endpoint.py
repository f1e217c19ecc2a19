"""The docker endpoint of a context, given as `--docker host=...,ca=...`.

source: docker/cli, cli/command/context/options.go.
"""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from docker_magics.cli.command import flag
from docker_magics.cli.flag_types import FlagType
from docker_magics.cli.flag_types.texts import csv_values
from docker_magics.engine.cli_config import DEFAULT_CONTEXT, write_private
from docker_magics.engine.client import Engine
from docker_magics.engine.context import ContextStore
from docker_magics.errors import UsageError
from docker_magics.wire import go

_KEYS = {
    "from": "Copy named context's Docker endpoint configuration",
    "host": "Docker endpoint on which to connect",
    "ca": "Trust certs signed only by this CA",
    "cert": "Path to TLS certificate file",
    "key": "Path to TLS key file",
    "skip-tls-verify": "Skip TLS certificate validation",
}


def endpoint_help(verb: str) -> str:
    """Return the help text about --docker."""
    table = "\n".join(f"{key:<20}{text}" for key, text in {"NAME": "DESCRIPTION", **_KEYS}.items())
    endpoint = "host=tcp://myserver:2376,ca=~/ca-file,cert=~/cert-file,key=~/key-file"
    options = f'--description "some description" --docker "{endpoint}"'
    example = f"$ docker context {verb} my-context {options}"
    return f"Docker endpoint config:\n\n{table}\n\nExample:\n\n{example}"


def endpoint_flag() -> Any:
    """Declare --docker, a list of `key=value`."""
    pairs = FlagType(_pairs, many=True, split=True)
    help_text = "set the docker endpoint (default [])"
    return flag("--docker stringToString", help_text, flag_type=pairs)


def _pairs(text: str) -> list[str]:
    pairs = csv_values(text) or [""]
    for pair in pairs:
        if "=" not in pair:
            raise ValueError(f"{pair} must be formatted as key=value")
    return pairs


def description_flag() -> Any:
    """Declare --description."""
    return flag("--description string", "Description of the context")


def endpoint(
    store: ContextStore, pairs: Sequence[str], engine: Engine
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return an endpoint's metadata, and its TLS files by name.

    Args:
        store: the other contexts.
        pairs: `key=value` texts.
        engine: the engine of the context `default`.

    Raises:
        UsageError: a key is unknown, a file cannot be read, or the address is invalid.
    """
    try:
        return _endpoint(store, dict(pair.partition("=")[::2] for pair in pairs), engine)
    except ValueError as error:
        raise UsageError(f"unable to create docker endpoint config: {error}") from error


def _endpoint(
    store: ContextStore, values: Mapping[str, str], engine: Engine
) -> tuple[dict[str, Any], dict[str, bytes]]:
    if unknown := sorted(values.keys() - _KEYS.keys()):
        raise ValueError(f"unrecognized config key: {unknown[0]}")
    if source := values.get("from"):
        metadata, keys = existing(store, source, engine)
        return metadata["Endpoints"]["docker"], keys
    files = {name: values[name] for name in ("ca", "cert", "key") if values.get(name)}
    keys = {f"{name}.pem": _content(file) for name, file in files.items()}
    host = _host(values.get("host", ""))
    if host:
        _check(keys)
    return {"Host": host, "SkipTLSVerify": _skip(values.get("skip-tls-verify", "false"))}, keys


def existing(
    store: ContextStore, name: str, engine: Engine
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return the metadata and the TLS files of a context; `default` has no file."""
    if name == DEFAULT_CONTEXT:
        endpoint = {"Host": engine.address.host, "SkipTLSVerify": False}
        details = {"Description": "Current DOCKER_HOST based configuration"}
        return {"Metadata": details, "Endpoints": {"docker": endpoint}}, {}
    return store.metadata(name), store.tls_files(name)


def _check(keys: Mapping[str, bytes]) -> None:
    """Check that the files are certificates and keys.

    source: docker/cli, cli/context/docker/load.go: tlsConfig.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    fault = "invalid docker endpoint options: failed to retrieve context tls info"
    if "ca.pem" in keys:
        try:
            context.load_verify_locations(cadata=keys["ca.pem"].decode("ascii", "replace"))
        except (ssl.SSLError, ValueError):
            raise ValueError(f"{fault}: ca.pem seems invalid") from None
    if not {"cert.pem", "key.pem"} <= keys.keys():
        return
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = (Path(folder, name) for name in ("cert.pem", "key.pem"))
        for file in (certificate, key):
            write_private(file, keys[file.name])
        try:
            # With an empty password OpenSSL rejects encrypted keys instead of prompting.
            context.load_cert_chain(certificate, key, password="")
        except (ssl.SSLError, ValueError) as error:
            raise ValueError(f"{fault}: {error}") from None


def _host(text: str) -> str:
    """Return the address unchanged; it is parsed when the context is used."""
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
        return go.parse_bool(text)
    except ValueError as error:
        raise ValueError(
            f"skip-tls-verify: {str(error).removeprefix('strconv.ParseBool: ')}"
        ) from error
