"""/etc/hosts, /etc/resolv.conf and /etc/hostname of a container.

source: moby libnetwork/etchosts, libnetwork/resolvconf.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..ports import ContainerLookup
from ..records.container import Container
from ..resolv_conf import name_servers
from . import links
from .endpoints import addresses, mapped_addresses
from .naming import ADDRESS

_LOCAL_HOSTS = """127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::0\tip6-localnet
ff00::0\tip6-mcastprefix
ff02::1\tip6-allnodes
ff02::2\tip6-allrouters
"""
_LOOPBACK = re.compile(r"127\.|::1$")
_HOST_GATEWAY = "host-gateway"
_PUBLIC_SERVERS = ("8.8.8.8", "8.8.4.4")
#: The bytes of a file that are copied from the container whose network is shared.
_MAX_COPIED = 1 << 20


def write(
    container: Container,
    containers: ContainerLookup,
    *,
    engine_dns: bool,
    upstream: str | None,
    host_gateway: str,
    neighbours: Iterable[str] = (),
) -> None:
    """Write the three files into the container's folder.

    Args:
        container: the container.
        containers: has its links, and the container whose network it shares.
        engine_dns: whether it uses the engine's name server at 127.0.0.11.
        upstream: the name server of the outbound connectivity; None for the host's.
        host_gateway: the address that `--add-host NAME:host-gateway` means.
        neighbours: lines of the hosts file for containers on its networks.
    """
    mode = container.host_config["NetworkMode"]
    folder = container.folder
    if mode.startswith("container:"):
        donor = containers.get(mode.removeprefix("container:"))
        for name in ("hosts", "hostname", "resolv.conf"):
            with (donor.folder / name).open("rb") as file:  # the donor may write anything to it
                (folder / name).write_bytes(file.read(_MAX_COPIED))
        return
    (folder / "hostname").write_text(f"{container.config['Hostname']}\n")
    (folder / "hosts").write_text(hosts(container, containers, host_gateway, neighbours))
    host = container.host_config
    if mode == "host" and not (host["Dns"] or host["DnsSearch"] or host["DnsOptions"]):
        text = _read(Path("/etc/resolv.conf"), "")
    else:
        servers = [ADDRESS] if engine_dns else [upstream] if upstream else _host_servers()
        text = resolv_conf(container, servers, engine_dns=engine_dns)
    (folder / "resolv.conf").write_text(text)


def _read(path: Path, default: str) -> str:
    try:
        return path.read_text()
    except OSError:
        return default


def _host_servers() -> Sequence[str]:
    """Return the host's name servers that a container can reach, or else public ones."""
    servers = [server for server in name_servers() if not _LOOPBACK.match(server)]
    return servers or _PUBLIC_SERVERS


def resolv_conf(container: Container, servers: Sequence[str], *, engine_dns: bool) -> str:
    """Return the text of resolv.conf.

    Args:
        container: may name other servers (`--dns`), search domains and options.
        servers: the name servers to use.
        engine_dns: whether `servers` is the engine's, which asks the container's other servers.
    """
    host = container.host_config
    if not engine_dns:
        servers = host["Dns"] or servers
    lines = [f"nameserver {server}" for server in servers]
    search = [domain for domain in host["DnsSearch"] or [] if domain != "."]
    if search:
        lines.append(f"search {' '.join(search)}")
    options = list(host["DnsOptions"] or [])
    if engine_dns and not any(option.startswith("ndots") for option in options):
        options.append("ndots:0")
    if options:
        lines.append(f"options {' '.join(options)}")
    return _text(lines)


def hosts(
    container: Container,
    containers: ContainerLookup,
    host_gateway: str,
    neighbours: Iterable[str],
) -> str:
    """Return the text of the hosts file; for the arguments see `write`."""
    uses_host = container.host_config["NetworkMode"] == "host"
    text = _read(Path("/etc/hosts"), _LOCAL_HOSTS) if uses_host else _LOCAL_HOSTS
    names = _own_names(container.config["Hostname"], container.config["Domainname"])
    lines = [
        *_extra_hosts(container, host_gateway),
        *_linked_hosts(container, containers),
        *neighbours,
        *(
            "\t".join([address, names, *mapped_addresses(settings)])
            for settings in container.endpoints().values()
            for address in addresses(settings)
        ),
    ]
    return text + _text(lines)


def _text(lines: Iterable[str]) -> str:
    """Return the text of a file, without lines that a name with control characters would divide.

    Names come from strangers: an alias with a line break would add a line to the hosts files of
    other containers.
    """
    return "".join(f"{line}\n" for line in lines if line.replace("\t", " ").isprintable())


def _extra_hosts(container: Container, host_gateway: str) -> Iterable[str]:
    """Yield the lines of `--add-host NAME:ADDRESS`."""
    for extra in container.host_config["ExtraHosts"] or []:
        name, _, address = extra.partition(":")
        if address == _HOST_GATEWAY:
            address = host_gateway
        yield f"{address.strip('[]')}\t{name}"


def _linked_hosts(container: Container, containers: ContainerLookup) -> Iterable[str]:
    """Yield the lines of links on the default bridge: `--link db:database`."""
    for _, alias, target in links.of(container, containers):
        on_bridge = target and target.endpoints().get("bridge")
        if target and on_bridge and on_bridge["IPAddress"]:
            names = dict.fromkeys([alias, target.config["Hostname"], target.name])
            yield f"{on_bridge['IPAddress']}\t{' '.join(names)}"


def _own_names(host: str, domain: str) -> str:
    """Return the full host name, followed by its first label if it has several."""
    name = f"{host}.{domain}" if domain else host
    first, dot, _ = name.partition(".")
    return f"{name} {first}" if dot else name
