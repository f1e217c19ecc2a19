"""--secret: files and variables that RUN instructions may read, and no layer keeps."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from docker_magics.cli.flag_types import FlagType
from docker_magics.errors import UsageError

_LARGEST = 500 * 1024


@dataclass(frozen=True)
class Secret:
    """One secret: where its value comes from, a file or a variable."""

    identity: str
    file: str = ""
    variable: str = ""


def _secret(text: str) -> Secret:
    """`id=mysecret[,src=/local/secret][,env=VARIABLE][,type=file|env]`.

    source: docker/buildx, util/buildflags/secrets.go.
    """
    given: dict[str, str] = {}
    for field in next(csv.reader([text])):
        key, equals, value = field.partition("=")
        if not equals:
            raise ValueError(f"invalid field '{field}' must be a key=value pair")
        key = {"source": "src"}.get(key.lower(), key.lower())
        if key not in {"type", "id", "src", "env"}:
            raise ValueError(f"unexpected key '{key}' in '{field}'")
        given[key] = value
    if given.get("type", "file") not in {"file", "env"}:
        raise ValueError(f'unsupported secret type "{given["type"]}"')
    if not given.get("id"):
        raise ValueError("secret missing ID")
    return _completed(given)


def _completed(given: dict[str, str]) -> Secret:
    """The source where none was named: a variable or a file that is called as the secret is."""
    identity, file, variable = given["id"], given.get("src", ""), given.get("env", "")
    if given.get("type") == "env" and not variable:
        file, variable = "", file
    if not file and not variable:
        file, variable = ("", identity) if identity in os.environ else (identity, "")
    return Secret(identity, file, variable)


SECRETS = FlagType(_secret, many=True)


def readers(known: Iterable[Secret]) -> dict[str, Callable[[], bytes]]:
    """What reads each secret, by ID.

    Raises:
        UsageError: a file that is not there or too large.
    """
    return {secret.identity: _reader(secret) for secret in known}


def _reader(secret: Secret) -> Callable[[], bytes]:
    if secret.variable:
        return lambda: os.environ.get(secret.variable, "").encode()
    file = Path(secret.file).expanduser()
    if not file.is_file():
        raise UsageError(
            f"failed to stat {secret.file}: no such file", hint="--secret id=NAME,src=FILE"
        )
    if file.stat().st_size > _LARGEST:
        raise UsageError(f"secret {secret.identity} too big. max size 500KB")
    return file.read_bytes
