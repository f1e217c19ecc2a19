"""Engine discovery: the address that the environment names, else the first that answers.

Order: DOCKER_MAGICS_ENGINE, DOCKER_HOST, DOCKER_CONTEXT or the CLI's current context, the default
socket, then rootless Docker's, Docker Desktop's, Colima's and Podman's, then the embedded engine.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from docker_magics.errors import NoEngine, UsageError

from . import embedded
from .address import DEFAULT_HOST, Address, parse_host
from .cli_config import DEFAULT_CONTEXT, CliConfig, home

if TYPE_CHECKING:
    from .address import Tls

CHOICES = ("auto", "docker", "podman", "embedded")
SYSTEM_PODMAN = "/run/podman/podman.sock"
_PROBE_TIMEOUT_S = 2.0


def find(environ: Mapping[str, str] | None = None, *, start: bool = True) -> Address:
    """Return the engine's address, by the environment and the sockets of this machine.

    Args:
        environ: the environment, this process's by default.
        start: whether to start the embedded engine if it is selected and not running.

    Raises:
        NoEngine: no engine was found; the hint says what to do.
        UsageError: the environment names an invalid address.
    """
    env = os.environ if environ is None else environ
    choice = env.get("DOCKER_MAGICS_ENGINE", "") or "auto"
    if choice not in CHOICES:
        raise UsageError(f"DOCKER_MAGICS_ENGINE={choice}: expected one of {', '.join(CHOICES)}")
    configured = None if choice in {"podman", "embedded"} else _named(env)
    address = configured or _first_responding(choice, env)
    if start and address.host == embedded.address(env).host:
        embedded.ensure_running(env)
    return address


def answers(address: Address) -> bool:
    """Whether something listens at a unix socket; other addresses are not tried."""
    socket_path = address.host.removeprefix("unix://")
    return socket_path == address.host or _probe(socket_path) is None


def _named(env: Mapping[str, str]) -> Address | None:
    if host := env.get("DOCKER_HOST"):
        tls = env_tls(env)
        return Address(parse_host(host, tls=tls is not None), "DOCKER_HOST", tls)
    name = env.get("DOCKER_CONTEXT") or CliConfig(env).current_context()
    if name == DEFAULT_CONTEXT:
        return None
    from .context import ContextStore

    return ContextStore(env).address(name)


def env_tls(env: Mapping[str, str]) -> Tls | None:
    """Return the TLS options of DOCKER_TLS_VERIFY and DOCKER_CERT_PATH, as the CLI reads them."""
    verify, folder = env.get("DOCKER_TLS_VERIFY"), env.get("DOCKER_CERT_PATH")
    if not verify and not env.get("DOCKER_TLS"):
        return None
    from pathlib import Path

    from .address import Tls

    base = Path(folder or CliConfig(env).folder)
    return Tls(base / "ca.pem", base / "cert.pem", base / "key.pem", verify=bool(verify))


def _first_responding(choice: str, env: Mapping[str, str]) -> Address:
    failures: dict[str, OSError] = {}
    for source, path in _sockets(choice, env):
        if (error := _probe(path)) is None:
            return Address(f"unix://{path}", source)
        failures[path] = error
    if choice in {"auto", "embedded"}:
        return embedded.address(env)
    raise _no_engine(choice, failures)


def _no_engine(choice: str, failures: Mapping[str, OSError]) -> NoEngine:
    for path, error in failures.items():
        if isinstance(error, PermissionError):
            hint = "Join its group (sudo usermod -aG docker $USER, then log in again)."
            return NoEngine(f"no {choice} engine: permission denied on {path}", hint=hint)
    tried = ", ".join(failures) or "no socket"
    hint = f"Start Docker or Podman, or set DOCKER_HOST. Tried: {tried}"
    return NoEngine(f"no {choice} engine answers on this machine", hint=hint)


def _sockets(choice: str, env: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    user = home(env)
    runtime = env.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
    if choice in {"auto", "docker"}:
        yield "default socket", DEFAULT_HOST.removeprefix("unix://")
        yield "rootless Docker", f"{runtime}/docker.sock"
        yield "Docker Desktop", f"{user}/.docker/desktop/docker.sock"
        yield "Docker Desktop", f"{user}/.docker/run/docker.sock"
        yield "Colima", f"{user}/.colima/default/docker.sock"
        yield "Colima", f"{user}/.config/colima/default/docker.sock"
    if choice in {"auto", "podman"}:
        yield "Podman", f"{runtime}/podman/podman.sock"
        yield "Podman", SYSTEM_PODMAN
        yield "Podman machine", f"{user}/.local/share/containers/podman/machine/podman.sock"


def _probe(path: str) -> OSError | None:
    """Return why nothing answers at a socket, or None if an engine does."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(_PROBE_TIMEOUT_S)
        try:
            probe.connect(path)
        except OSError as error:
            return error
    return None
