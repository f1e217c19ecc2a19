"""The docker endpoint of a context, as `--docker host=...,ca=...` describes it.

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
from docker_magics.engine.client import Engine
from docker_magics.engine.context import DEFAULT, ContextStore, write_private
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
    """What the help says of --docker."""
    table = "\n".join(f"{key:<20}{text}" for key, text in {"NAME": "DESCRIPTION", **_KEYS}.items())
    endpoint = "host=tcp://myserver:2376,ca=~/ca-file,cert=~/cert-file,key=~/key-file"
    options = f'--description "some description" --docker "{endpoint}"'
    example = f"$ docker context {verb} my-context {options}"
    return f"Docker endpoint config:\n\n{table}\n\nExample:\n\n{example}"


def endpoint_flag() -> Any:
    """--docker, a list of `key=value`."""
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
    """--description."""
    return flag("--description string", "Description of the context")


def endpoint(
    store: ContextStore, pairs: Sequence[str], engine: Engine
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The endpoint's metadata, and its keys by file name.

    Args:
        store: where other contexts are.
        pairs: `key=value`.
        engine: the one that the context `default` is.

    Raises:
        UsageError: a key that there is not, a file that cannot be read, a wrong address.
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
    """The metadata and the keys of a context; `default` has no file."""
    if name == DEFAULT:
        found = {"Host": engine.address.host, "SkipTLSVerify": False}
        details = {"Description": "Current DOCKER_HOST based configuration"}
        return {"Metadata": details, "Endpoints": {"docker": found}}, {}
    return store.metadata(name), store.tls_files(name)


def _check(keys: Mapping[str, bytes]) -> None:
    """Refuse files that are no certificates or keys.

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
            # No password: an encrypted key is refused, and nobody is asked.
            context.load_cert_chain(certificate, key, password="")
        except (ssl.SSLError, ValueError) as error:
            raise ValueError(f"{fault}: {error}") from None


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
        return go.parse_bool(text)
    except ValueError as error:
        raise ValueError(
            f"skip-tls-verify: {str(error).removeprefix('strconv.ParseBool: ')}"
        ) from error
