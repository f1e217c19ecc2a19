"""--secret: files and variables that RUN instructions may read and no layer contains."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from docker_magics.cli.flag_types import FlagType
from docker_magics.errors import UsageError

_MAX_SIZE = 500 * 1024


@dataclass(frozen=True)
class Secret:
    """A secret, read from a file or an environment variable."""

    identity: str
    file: str = ""
    variable: str = ""


def _secret(text: str) -> Secret:
    """`id=mysecret[,src=/local/secret][,env=VARIABLE][,type=file|env]`.

    source: docker/buildx, util/buildflags/secrets.go.
    """
    fields: dict[str, str] = {}
    for field in next(csv.reader([text])):
        key, equals, value = field.partition("=")
        if not equals:
            raise ValueError(f"invalid field '{field}' must be a key=value pair")
        key = {"source": "src"}.get(key.lower(), key.lower())
        if key not in {"type", "id", "src", "env"}:
            raise ValueError(f"unexpected key '{key}' in '{field}'")
        fields[key] = value
    if fields.get("type", "file") not in {"file", "env"}:
        raise ValueError(f'unsupported secret type "{fields["type"]}"')
    if not fields.get("id"):
        raise ValueError("secret missing ID")
    return _with_source(fields)


def _with_source(fields: dict[str, str]) -> Secret:
    """Return the secret; the default source is the variable, else the file, named as the ID."""
    identity, file, variable = fields["id"], fields.get("src", ""), fields.get("env", "")
    if fields.get("type") == "env" and not variable:
        file, variable = "", file
    if not file and not variable:
        file, variable = ("", identity) if identity in os.environ else (identity, "")
    return Secret(identity, file, variable)


SECRETS = FlagType(_secret, many=True)


def readers(secrets: Iterable[Secret]) -> dict[str, Callable[[], bytes]]:
    """Return the functions that read the secrets, by ID.

    Raises:
        UsageError: a file does not exist, or is too large.
    """
    return {secret.identity: _reader(secret) for secret in secrets}


def _reader(secret: Secret) -> Callable[[], bytes]:
    if secret.variable:
        return lambda: os.environ.get(secret.variable, "").encode()
    file = Path(secret.file).expanduser()
    if not file.is_file():
        raise UsageError(
            f"failed to stat {secret.file}: no such file", hint="--secret id=NAME,src=FILE"
        )
    if file.stat().st_size > _MAX_SIZE:
        raise UsageError(f"secret {secret.identity} too big. max size 500KB")
    return file.read_bytes
