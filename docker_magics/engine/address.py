"""Engine addresses: a host as in DOCKER_HOST, and TLS keys."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from docker_magics.errors import UsageError

_SCHEMES = {"unix", "tcp", "http", "https", "ssh", "npipe", "fd"}
DEFAULT_HOST = "unix:///var/run/docker.sock"


@dataclass(frozen=True)
class Tls:
    """TLS options: PEM files, and whether to verify the engine's certificate."""

    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    verify: bool = True


@dataclass(frozen=True)
class Address:
    """An engine's address.

    Attributes:
        host: `unix:///var/run/docker.sock`, `tcp://host:2376`, `ssh://user@host`.
        source: the origin of the address for messages: `DOCKER_HOST`, `context desktop-linux`.
        tls: the TLS options, or None.
        context: the name of the CLI context, else `default`.
    """

    host: str
    source: str = "given"
    tls: Tls | None = None
    context: str = "default"


def parse_host(text: str, *, tls: bool = False) -> str:
    """Normalize a host as given after -H: `tcp://h`, `h:2375`, `unix://PATH`, `:2375`.

    Raises:
        UsageError: the scheme is unknown.
    """
    text = text.strip()
    if not text:
        return DEFAULT_HOST
    if "://" not in text:
        text = f"tcp://{text}"
    split = urlsplit(text)
    if split.scheme not in _SCHEMES:
        raise UsageError(f"unable to parse docker host `{text}`")
    if split.scheme == "unix" and not (split.netloc + split.path):
        return DEFAULT_HOST
    if split.scheme == "tcp":
        port = split.port or (2376 if tls else 2375)
        name = split.hostname or "localhost"
        return f"tcp://{f'[{name}]' if ':' in name else name}:{port}{split.path}"
    return text
