"""Engine addresses: a host as in DOCKER_HOST, and TLS keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from docker_magics.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

_SCHEMES = {"unix", "tcp", "http", "https", "ssh", "npipe", "fd"}
DEFAULT_HOST = "unix:///var/run/docker.sock"


class Tls(NamedTuple):
    """TLS options: PEM files, and whether to verify the engine's certificate."""

    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    verify: bool = True


class Address(NamedTuple):
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

    @property
    def scheme(self) -> str:
        """The scheme of the host: unix, tcp, ssh."""
        return self.host.partition("://")[0].lower()


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
    scheme, _, rest = text.partition("://")
    if scheme.lower() not in _SCHEMES:
        raise UsageError(
            f"unable to parse docker host `{text}`", cli_text=f"invalid bind address format: {text}"
        )
    if scheme.lower() == "unix" and not rest:
        return DEFAULT_HOST
    return _complete(text, tls=tls) if scheme.lower() == "tcp" else text


def _complete(text: str, *, tls: bool) -> str:
    """Return an address of TCP with its host and port."""
    from urllib.parse import urlsplit

    split = urlsplit(text)
    port = split.port or (2376 if tls else 2375)
    name = split.hostname or "localhost"
    return f"tcp://{f'[{name}]' if ':' in name else name}:{port}{split.path}"
