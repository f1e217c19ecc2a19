"""/etc/hosts, /etc/resolv.conf and /etc/hostname of a container.

source: moby libnetwork/etchosts, libnetwork/resolvconf.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from ..resolv_conf import name_servers
from . import links
from .dns import ADDRESS

if TYPE_CHECKING:
    from ..engine import Engine
    from ..records.container import Container

_LOCAL = """127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::0\tip6-localnet
ff00::0\tip6-mcastprefix
ff02::1\tip6-allnodes
ff02::2\tip6-allrouters
"""
_LOOPBACK = re.compile(r"127\.|::1$")
_PUBLIC = ("8.8.8.8", "8.8.4.4")


def write(
    container: Container, engine: Engine, *, own_names: bool, name_server: str | None
) -> None:
    """Write the three files.

    Args:
        container: the container.
        engine: its engine.
        own_names: whether it asks the engine's own name server.
        name_server: the one of the way out; None for the machine's.
    """
    mode = container.host_config["NetworkMode"]
    folder = container.folder
    if mode.startswith("container:"):
        other = engine.containers.get(mode.removeprefix("container:"))
        for name in ("hosts", "hostname", "resolv.conf"):
            (folder / name).write_text((other.folder / name).read_text())
        return
    config = container.config
    (folder / "hostname").write_text(f"{config['Hostname']}\n")
    (folder / "hosts").write_text(_hosts(container, engine))
    host = container.host_config
    if mode == "host" and not (host["Dns"] or host["DnsSearch"] or host["DnsOptions"]):
        (folder / "resolv.conf").write_text(_machines())
        return
    servers = [ADDRESS] if own_names else [name_server] if name_server else _usable()
    (folder / "resolv.conf").write_text(_resolv_conf(container, servers, own_names=own_names))


def _machines() -> str:
    try:
        return Path("/etc/resolv.conf").read_text()
    except OSError:
        return ""


def _usable() -> list[str]:
    found = [each for each in name_servers() if not _LOOPBACK.match(each)]
    return found or list(_PUBLIC)


def _resolv_conf(container: Container, servers: list[str], *, own_names: bool) -> str:
    host = container.host_config
    given = host["Dns"] or []
    chosen = servers if own_names else given or servers
    lines = [f"nameserver {each}" for each in chosen]
    search = [each for each in host["DnsSearch"] or [] if each != "."]
    if search:
        lines.insert(0, f"search {' '.join(search)}")
    options = list(host["DnsOptions"] or [])
    if own_names and not any(each.startswith("ndots") for each in options):
        options.append("ndots:0")
    if options:
        lines.append(f"options {' '.join(options)}")
    return "\n".join(lines) + "\n"


def _hosts(container: Container, engine: Engine) -> str:
    if container.host_config["NetworkMode"] == "host":
        try:
            text = Path("/etc/hosts").read_text()
        except OSError:
            text = _LOCAL
    else:
        text = _LOCAL
    lines = []
    for extra in container.host_config["ExtraHosts"] or []:
        name, _, address = extra.partition(":")
        lines.append(f"{address.strip('[]')}\t{name}")
    lines += _links(container, engine)
    if not engine.networks.isolated:
        lines += engine.networks.naming.hosts(container)
    names = _own_names(container.config["Hostname"], container.config["Domainname"])
    for settings in container.endpoints().values():
        for key in ("IPAddress", "GlobalIPv6Address"):
            if settings.get(key):
                lines.append(f"{settings[key]}\t{names}")
    return text + "".join(f"{line}\n" for line in lines)


def _own_names(host: str, domain: str) -> str:
    """A container's whole name, and its first part where it has several."""
    whole = f"{host}.{domain}" if domain else host
    first, dot, _ = whole.partition(".")
    return f"{whole} {first}" if dot else whole


def _links(container: Container, engine: Engine) -> list[str]:
    """Links of the default bridge: `--link db:database`."""
    lines = []
    for _, alias, other in links.of(container, engine):
        address = other and (other.endpoints().get("bridge") or {}).get("IPAddress")
        if other and address:
            words = dict.fromkeys([alias, other.config["Hostname"], other.name])
            lines.append(f"{address}\t{' '.join(words)}")
    return lines
