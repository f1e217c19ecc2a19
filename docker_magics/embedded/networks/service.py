"""The networks of one engine, and containers on them.

source: Engine API, "Network"; moby daemon/network.go, daemon/container_operations.go.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .. import clock
from ..errors import NO_SWARM, ApiError, BadParameter, Conflict, Forbidden, NotFound
from ..filtering import has_labels, matches, passes_prune, refuse_unknown, truth
from ..state import read_json, write_json
from . import endpoints, files, ipam, links, options
from .holder import Holder
from .naming import Naming
from .network import Network
from .outbound import NAME_SERVER, Outbound
from .publishing import Publishing

if TYPE_CHECKING:
    from ...wire.filters import Filters
    from ..engine import Engine
    from ..records.container import Container

_NOT_THE_HOSTS = "container cannot be disconnected from host network or connected to host network"
_DEFAULT_BRIDGE = {
    "com.docker.network.bridge.default_bridge": "true",
    "com.docker.network.bridge.enable_icc": "true",
    "com.docker.network.bridge.enable_ip_masquerade": "true",
    "com.docker.network.bridge.host_binding_ipv4": "0.0.0.0",  # noqa: S104 - dockerd's
    "com.docker.network.bridge.name": "docker0",
    "com.docker.network.driver.mtu": "1500",
}


class Networks:
    """All networks."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._folder = engine.state.folder("networks")
        self._lock = threading.RLock()
        self._networks: dict[str, Network] = {}
        self._holder = Holder(engine.state.root)
        self.naming = Naming(engine, self._holder)
        self._publishing = Publishing(engine, self._holder)
        self._outbound = Outbound()
        for path in self._folder.glob("*.json"):
            network = Network(read_json(path))
            self._networks[network.id] = network
        self._make_predefined()

    @property
    def isolated(self) -> bool:
        """Whether containers have networks of their own here."""
        return self._engine.supervisor.driver.isolates_network

    def _make_predefined(self) -> None:
        known = {each.name for each in self._networks.copy().values()}
        config = [{"Subnet": "172.17.0.0/16", "Gateway": "172.17.0.1"}]
        for name, driver in (("bridge", "bridge"), ("host", "host"), ("none", "null")):
            if name in known:
                continue
            is_bridge = name == "bridge"
            record = _record(name, driver)
            record["IPAM"] = {"Driver": "default", "Options": None, "Config": config if is_bridge else []}  # fmt: skip  # noqa: E501
            record["Options"] = dict(_DEFAULT_BRIDGE) if is_bridge else {}
            self._keep(Network(record))

    def _keep(self, network: Network) -> None:
        write_json(self._folder / f"{network.id}.json", network.record)
        self._networks[network.id] = network

    # --- looking up

    def all(self) -> list[Network]:
        """Every network, the newest first."""
        return sorted(
            self._networks.copy().values(),
            key=lambda each: str(each.record["Created"]),
            reverse=True,
        )

    def get(self, text: str) -> Network:
        """The network of an ID, a name or the beginning of an ID.

        Raises:
            NotFound: there is none.
        """
        found = self._networks.get(text)
        by_name = [each for each in self._networks.copy().values() if each.name == text]
        if found is None and by_name:
            found = by_name[0]
        if found is None and text:
            matching = [each for each in self._networks.copy().values() if each.id.startswith(text)]
            if len(matching) > 1:
                raise BadParameter(f"network {text} is ambiguous ({len(matching)} matches found based on ID prefix)")  # fmt: skip  # noqa: E501
            found = matching[0] if matching else None
        if found is None:
            raise NotFound(f"network {text} not found")
        return found

    def find(self, filters: Filters) -> list[Network]:
        """The networks that pass a listing's filters.

        Raises:
            BadParameter: a filter that there is not.
        """
        refuse_unknown(filters, {"dangling", "driver", "id", "label", "name", "scope", "type"})
        found = self.all()
        tests: dict[str, Callable[[Network, list[str]], bool]] = {
            "driver": lambda n, values: n.driver in values,
            "id": lambda n, values: matches(n.id, values),
            "label": lambda n, values: has_labels(n.labels, values),
            "name": lambda n, values: matches(n.name, values),
            "scope": lambda _n, values: "local" in values,
            "type": lambda n, values: ("builtin" if n.is_predefined else "custom") in values,
            "dangling": lambda n, values: self._is_dangling(n) == _dangling(values),
        }
        for value in filters.get("type") or []:
            if value not in {"builtin", "custom"}:
                raise BadParameter(f"invalid filter: 'type'='{value}'")
        return [n for n in found if all(tests[key](n, values) for key, values in filters.items())]

    def _real(self) -> list[Network]:
        """Those that are more than configuration for others."""
        return [each for each in self._networks.copy().values() if not each.record["ConfigOnly"]]

    def _is_dangling(self, network: Network) -> bool:
        return not network.is_predefined and not self.members(network)

    def members(self, network: Network) -> list[Container]:
        """The running containers on a network."""
        return [
            each
            for each in self._engine.containers.all()
            if each.process is not None and _endpoint(each, network) is not None
        ]

    # --- making and removing

    def create(self, body: dict[str, Any]) -> Network:
        """Make a network.

        Raises:
            Conflict: the name is taken.
            BadParameter: something that cannot be.
            Forbidden: its addresses are another's.
            NotFound: there is no such driver.
        """
        name, driver = body.get("Name") or "", body.get("Driver") or "bridge"
        if not name.strip():
            raise BadParameter("invalid network name: name is empty")
        if name in {"bridge", "host", "none", "default"}:
            raise Forbidden(f"operation is not permitted on predefined {name} network")
        with self._lock:
            if any(each.name == name for each in self._networks.copy().values()):
                raise Conflict(f"network with name {name} already exists")
            if driver in {"host", "null"}:
                raise Forbidden(f'only one instance of "{driver}" network is allowed')
            if driver == "overlay":
                raise ApiError(NO_SWARM)
            _check_drivers(driver, (body.get("IPAM") or {}).get("Driver") or "default")
            self._check_scope(body)
            network = Network(self._record_of(name, driver, body))
            self._check_bridge(network)
            self._keep(network)
        self._log("create", network)
        return network

    def _check_scope(self, body: dict[str, Any]) -> None:
        if body.get("Scope") == "swarm":
            raise Forbidden("cannot create a swarm scoped network when swarm is not active")
        if body.get("Ingress"):
            raise Forbidden("Ingress network can only be global scope network")
        if body.get("Scope") not in {None, "", "local"}:
            raise ApiError(NO_SWARM)

    def _configured(self, body: dict[str, Any]) -> dict[str, Any]:
        """A request with what it takes from a configuration network.

        Raises:
            NotFound: there is no such network.
            Forbidden: it says something of its own as well.
        """
        given = (body.get("ConfigFrom") or {}).get("Network")
        if not given:
            return body
        named = [each for each in self.all() if each.name == given and each.record["ConfigOnly"]]
        if not named:
            raise NotFound(f'configuration network "{given}" does not exist')
        own = (body.get("IPAM") or {}).get("Config"), body.get("Labels"), body.get("Options")
        if any(own) or body.get("EnableIPv6"):
            raise Forbidden("user specified configurations are not supported if the network depends on a configuration network")  # fmt: skip  # noqa: E501
        return body | {key: named[0].record[key] for key in ("EnableIPv6", "IPAM", "Labels", "Options")}  # fmt: skip  # noqa: E501

    def _check_bridge(self, network: Network) -> None:
        options.check(network.options)
        for other in self._networks.copy().values():
            if other.bridge == network.bridge and other.driver == "bridge":
                raise Forbidden(f"cannot create network {network.id} ({network.bridge}): conflicts with network {other.id} ({other.bridge}): networks have same bridge name")  # fmt: skip  # noqa: E501

    def _record_of(self, name: str, driver: str, body: dict[str, Any]) -> dict[str, Any]:
        body = self._configured(body)
        record = _record(name, "null" if body.get("ConfigOnly") else driver)
        asked = body.get("IPAM") or {}
        record |= {
            "Internal": bool(body.get("Internal")),
            "Attachable": bool(body.get("Attachable")),
            "Ingress": bool(body.get("Ingress")),
            "ConfigOnly": bool(body.get("ConfigOnly")),
            "ConfigFrom": body.get("ConfigFrom") or {"Network": ""},
            "EnableIPv6": bool(body.get("EnableIPv6")),
            "Options": body.get("Options") or {},
            "Labels": body.get("Labels") or {},
        }
        configs = [dict(each) for each in asked.get("Config") or []]
        record["OwnSubnet"] = any(each.get("Subnet") for each in configs)
        if sum(":" not in each.get("Subnet", ":") for each in configs) > 1:
            raise Forbidden("bridge driver doesn't support multiple subnets")
        others = [] if body.get("ConfigOnly") else self._real()
        taken = [each.subnet for each in others if each.subnet is not None]
        taken6 = [each.subnet6 for each in others if each.subnet6 is not None]
        for config in configs:
            if ":" in config.get("Subnet", ""):
                taken6.append(ipam.checked6(config, taken6))
            elif config.get("Subnet"):
                taken.append(ipam.checked(config, taken))
        if record["EnableIPv6"] and not any(":" in c.get("Subnet", "") for c in configs):
            raise ApiError(
                "could not find an available, non-overlapping IPv6 address pool among the defaults"
                " to assign to the network"
            )
        if not record["ConfigOnly"] and not any(":" not in c.get("Subnet", ":") for c in configs):
            pool = ipam.free_pool(taken)
            configs.insert(0, {"Subnet": str(pool), "Gateway": str(pool[1])})
        configs = sorted(filter(None, configs), key=lambda each: ":" in each.get("Subnet", ""))
        record["IPAM"] = {
            "Driver": asked.get("Driver") or "default",
            "Options": asked.get("Options"),
            "Config": configs,
        }
        return record

    def remove(self, network: Network) -> None:
        """Take a network away.

        Raises:
            Forbidden: it is predefined, or containers are on it.
        """
        if network.is_predefined:
            raise Forbidden(f"{network.name} is a pre-defined network and cannot be removed")
        removing = "error while removing network: "
        if any(e.record["ConfigFrom"]["Network"] == network.name for e in self.all()):
            raise Forbidden(f'{removing}configuration network "{network.name}" is in use')
        if self.members(network):
            raise Forbidden(f"{removing}network {network.name} id {network.id} has active endpoints")  # fmt: skip  # noqa: E501
        with self._lock:
            del self._networks[network.id]
            (self._folder / f"{network.id}.json").unlink(missing_ok=True)
        if self.isolated and self._holder.pid:
            with contextlib.suppress(ApiError):
                self._holder.ask("remove", name=network.bridge)
        self._log("destroy", network)

    def prune(self, filters: Filters) -> dict[str, Any]:
        """Remove the networks that no running container is on."""
        refuse_unknown(filters, {"label", "label!", "until"})
        gone = []
        for network in self.all():
            created = clock.parse(network.record["Created"])
            if network.is_predefined or network.record["ConfigOnly"] or self.members(network):
                continue
            if passes_prune(network.labels, created, filters):
                self.remove(network)
                gone.append(network.name)
        self._engine.events.publish("network", "prune", "", {"reclaimed": "0"})
        return {"NetworksDeleted": gone or None}

    # --- a container's life

    def prepare(self, container: Container, config: dict[str, Any]) -> None:
        """Put the networks into a new container's record, as they were asked for.

        Raises:
            BadParameter: modes that contradict each other.
            NotFound: it shares the network of a container that there is not.
        """
        mode = container.host_config["NetworkMode"]
        asked = {
            name: settings or {} for name, settings in (config.get("EndpointsConfig") or {}).items()
        }
        if mode.startswith("container:"):
            other = self._engine.containers.get(mode.removeprefix("container:"))
            container.host_config["NetworkMode"] = f"container:{other.id}"
            return
        name = "bridge" if mode == "default" else mode
        if asked and mode in {"default", "bridge"} and len(asked) == 1 and "default" not in asked:
            name = next(iter(asked))
        asked = {("bridge" if key == "default" else key): value for key, value in asked.items()}
        wanted = [name, *(each for each in asked if each != name)]
        for each in wanted:
            settings = endpoints.asked(asked.get(each, {}))
            if each == name and container.config.get("MacAddress"):
                settings["MacAddress"] = settings["MacAddress"] or container.config["MacAddress"]
                settings["AskedMac"] = settings["MacAddress"]
            container.networks[self._name_of(each)] = settings
        endpoints.check_links(container, self._engine)

    def _name_of(self, text: str) -> str:
        with contextlib.suppress(NotFound):
            return self.get(text).name
        return text

    def share_names(self, container: Container) -> None:
        """Give it the host name of the container whose network it shares."""
        mode = container.host_config["NetworkMode"]
        if mode.startswith("container:"):
            other = self._engine.containers.get(mode.removeprefix("container:"))
            config = container.config
            config |= {key: other.config[key] for key in ("Hostname", "Domainname")}

    def namespace(self, container: Container) -> Any:
        """Where the container's network namespace comes from: `host`, `new`, or a PID."""
        from ..containers.spec import namespace_of

        mode = container.host_config["NetworkMode"]
        if mode == "host" or not self.isolated:
            return "host"
        refusal = "cannot join network of a non running container: {}"
        return namespace_of(mode, self._engine, refusal)

    def attach(self, container: Container, pid: int) -> None:
        """Connect a container that is about to start.

        Raises:
            NotFound: one of its networks is gone.
            ApiError: no address, no port is free.
        """
        mode = container.host_config["NetworkMode"]
        if mode.startswith("container:"):
            return
        if mode != "host" and self.isolated:
            self._ready()
            self._holder.ask("loopback", pid=pid)
        container.record["Interfaces"] = 0
        for name in list(container.networks):
            self._join(container, self.get(name), pid)
        self._route(container, pid)
        self._publishing.publish(container, pid)
        self.naming.serve(container, pid)
        if not self.isolated:
            for neighbour, _, _ in self.naming.neighbours(container):
                self.write_files(neighbour)

    def _ready(self) -> None:
        """The holder is there, and the way out where there is one."""
        if not self._holder.pid:
            raise ApiError("the networks' holder is gone: restart the engine")
        self._outbound.connect(self._holder)

    def _join(self, container: Container, network: Network, pid: int) -> None:
        if network.record["ConfigOnly"]:
            raise Forbidden("cannot create endpoint on configuration-only network")
        settings = container.networks[network.name]
        settings["NetworkID"] = network.id
        settings["EndpointID"] = secrets.token_hex(32)
        if network.driver == "bridge":
            self._give_address(container, network, settings)
            if self.isolated:
                self._plug(container, network, settings, pid)
        self._log("connect", network, container)

    def _give_address(
        self, container: Container, network: Network, settings: dict[str, Any]
    ) -> None:
        if not self.isolated:
            # what it listens on is the machine's; other addresses would lead nowhere
            settings |= {"IPAddress": "127.0.0.1", "IPPrefixLen": 8, "Aliases": settings.get("AskedAliases")}  # fmt: skip  # noqa: E501
            return
        subnet = network.subnet
        if subnet is None:
            return
        wanted = (settings.get("IPAMConfig") or {}).get("IPv4Address")
        endpoints.check_address(network, settings)
        with self._lock:
            taken_by = network.used.get(wanted, container.id) if wanted else container.id
            if wanted in ipam.reserved(network.config, subnet) or taken_by != container.id:
                raise ApiError("Address already in use")
            address = wanted or ipam.pick(network.config, subnet, network.used)
            network.used[address] = container.id
        aliases = settings.get("AskedAliases")
        if not network.is_predefined:
            own = (container.id[:12], container.config["Hostname"])
            more = (each for each in own if each and each != container.name)
            settings["Aliases"] = list(dict.fromkeys([*(aliases or []), *more]))
        settings |= {
            "IPAddress": address,
            "IPPrefixLen": subnet.prefixlen,
            "Gateway": network.gateway,
            "MacAddress": settings.get("AskedMac") or ipam.mac_of(address),
        }
        self._give_address6(container, network, settings)

    def _give_address6(
        self, container: Container, network: Network, settings: dict[str, Any]
    ) -> None:
        subnet = network.subnet6
        if subnet is None:
            return
        wanted = (settings.get("IPAMConfig") or {}).get("IPv6Address")
        with self._lock:
            if wanted and network.used.get(wanted, container.id) != container.id:
                raise ApiError("Address already in use")
            address = wanted or ipam.pick(network.config6, subnet, network.used)
            network.used[address] = container.id
        settings |= {
            "GlobalIPv6Address": address,
            "GlobalIPv6PrefixLen": subnet.prefixlen,
            "IPv6Gateway": network.gateway6,
        }

    def _plug(
        self, container: Container, network: Network, settings: dict[str, Any], pid: int
    ) -> None:
        subnet = network.subnet
        others = [
            str(each.subnet)
            for each in self._networks.copy().values()
            if each is not network and each.subnet is not None
        ]
        gateways = [f"{network.gateway}/{subnet.prefixlen if subnet else 16}"]
        if network.subnet6:
            gateways.append(f"{network.gateway6}/{network.subnet6.prefixlen}")
        self._holder.ask(
            "bridge",
            name=network.bridge,
            gateways=gateways,
            subnet=str(subnet),
            others=others,
            internal=network.record["Internal"],
        )
        addresses = [f"{settings['IPAddress']}/{settings['IPPrefixLen']}"]
        if settings["GlobalIPv6Address"]:
            addresses.append(f"{settings['GlobalIPv6Address']}/{settings['GlobalIPv6PrefixLen']}")
        local = (settings.get("IPAMConfig") or {}).get("LinkLocalIPs") or []
        # A number is not given twice, or one that a program still knows would become another's.
        number = container.record["Interfaces"]
        container.record["Interfaces"] = number + 1
        settings["Interface"] = f"eth{number}"
        self._holder.ask(
            "plug",
            bridge=network.bridge,
            name=_veth(settings),
            pid=pid,
            inside=settings["Interface"],
            addresses=[*addresses, *local],
            mac=settings["MacAddress"],
            mtu=options.mtu(network.options),
            isolated=options.isolates(network.options),
        )

    def _route(self, container: Container, pid: int) -> None:
        """Let the way out be by the first network, in the order of names, that has one."""
        if not self.isolated:
            return
        plugged = [s for _, s in sorted(container.networks.items()) if s.get("Interface")]
        plugged.sort(key=lambda settings: self._is_closed(settings["NetworkID"]))
        gateways = [
            next((s[key] for s in plugged if s[key]), "") for key in ("Gateway", "IPv6Gateway")
        ]
        self._holder.ask("route", pid=pid, gateways=[each for each in gateways if each])

    def _is_closed(self, identity: str) -> bool:
        network = self._networks.get(identity)
        return network is not None and bool(network.record["Internal"])

    def detach(self, container: Container) -> None:
        """Let go of addresses and ports of a container that has ended."""
        self.naming.leave(container)
        self._publishing.withdraw(container)
        for name, settings in container.networks.items():
            was_connected = bool(settings.get("EndpointID"))
            network = next((n for n in self._networks.copy().values() if n.name == name), None)
            self._leave(container, network, settings)
            if network is not None and was_connected:
                self._log("disconnect", network, container)

    def _leave(
        self, container: Container, network: Network | None, settings: dict[str, Any]
    ) -> None:
        if network is not None:
            with self._lock:
                for address in endpoints.addresses(settings):
                    if network.used.get(address) == container.id:
                        del network.used[address]
        settings.pop("Interface", None)
        endpoints.clear(settings)

    def reattach(self, container: Container) -> None:
        """Go on serving a container that an earlier engine had connected."""
        process = container.process
        if process is None:
            return
        for name, settings in container.networks.items():
            for address in endpoints.addresses(settings):
                with contextlib.suppress(NotFound):
                    self.get(name).used[address] = container.id
        bindings = container.record.get("Ports") or {}
        container.record["Published"] = []
        if self.isolated:
            self._ready()
        self._publishing.publish(container, process.pid, known=bindings)
        self.naming.serve(container, process.pid)

    def is_internal(self, container: Container) -> bool:
        """Whether nobody outside reaches it: all of its networks are internal."""
        names = container.endpoints().keys()
        known = [network for network in self.all() if network.name in names]
        return bool(known) and all(each.record["Internal"] for each in known)

    # --- while it runs

    def connect(self, network: Network, container: Container, config: dict[str, Any]) -> None:
        """Connect a container to one more network.

        Raises:
            Forbidden: it is on it already, or the network takes none.
            Conflict: it is being removed.
        """
        with container.lock:
            if container.state["Removing"] or container.removed:
                raise Conflict(f"Container {container.id} is marked for removal and cannot be connected or disconnected to the network")  # fmt: skip  # noqa: E501
            self._check_may_join(network, container)
            settings = endpoints.asked(config)
            endpoints.check_address(network, settings)
            if network.name in container.networks and (
                container.process is None or container.networks[network.name].get("EndpointID")
            ):
                raise Forbidden(
                    f"endpoint with name {container.name} already exists in network {network.name}"
                )
            container.networks[network.name] = settings
            if container.process is not None:
                try:
                    self._join(container, network, container.process.pid)
                except BaseException:
                    self._leave(container, network, settings)
                    del container.networks[network.name]
                    raise
                self._route(container, container.process.pid)
                self.naming.leave(container)
                self.naming.serve(container, container.process.pid)
                self.write_files(container)
            else:
                container.networks[network.name]["NetworkID"] = network.id
            container.save()

    def _check_may_join(self, network: Network, container: Container) -> None:
        mode = container.host_config["NetworkMode"]
        if network.driver == "host" and mode != "host":
            raise Forbidden(_NOT_THE_HOSTS)
        if mode == "host" or mode.startswith("container:"):
            raise Forbidden("container sharing network namespace with another container or host cannot be connected to any other network")  # fmt: skip  # noqa: E501
        others = container.networks.keys() - {network.name}
        if others and "none" in {network.name, *others}:
            raise Forbidden("container cannot be connected to multiple networks with one of the networks in private (none) mode")  # fmt: skip  # noqa: E501

    def disconnect(self, network: Network, container: Container) -> None:
        """Take a container off a network.

        Raises:
            Forbidden: it is not on it, or cannot be.
        """
        with container.lock:
            if network.driver == "host" and container.host_config["NetworkMode"] == "host":
                raise Forbidden(_NOT_THE_HOSTS)
            settings = container.networks.get(network.name)
            if settings is None:
                article = "" if container.running else "the "
                raise Forbidden(f"container {container.id} is not connected to {article}network {network.name}")  # fmt: skip  # noqa: E501
            if container.process is not None and self.isolated and settings.get("Interface"):
                self._holder.ask("unplug", name=_veth(settings))
            self._leave(container, network, settings)
            del container.networks[network.name]
            if container.process is not None:
                self._route(container, container.process.pid)
            self.write_files(container)
            container.save()
        # dockerd tells it twice of one that runs
        for _ in range(1 + (container.process is not None)):
            self._log("disconnect", network, container)

    def remove_link(self, container: Container, name: str) -> None:
        """Take the link `parent/alias` away from the container that has it.

        Raises:
            NotFound: there is no such link.
        """
        alias = name.rpartition("/")[2]
        known = container.host_config["Links"] or []
        kept = [each for each in known if links.parts(each)[1] != alias]
        if len(kept) == len(known):
            raise NotFound(f"No such container: {name}")
        container.host_config["Links"] = kept or None
        self.write_files(container)
        container.save()

    # --- showing

    def link_names(self) -> dict[str, list[str]]:
        """The names under which others have links to a container, by its name or ID: `/web/db`."""
        found: dict[str, list[str]] = {}
        for other in self._engine.containers.all():
            for link in other.host_config["Links"] or []:
                target = link.partition(":")[0].lstrip("/")
                found.setdefault(target, []).append(f"/{other.name}/{links.parts(link)[1]}")
        return found

    def as_json(self, network: Network, *, verbose: bool = False) -> dict[str, Any]:
        """The API's NetworkInspect; a listing has no containers."""
        order = ("Name", "Id", "Created", "Scope", "Driver", "EnableIPv6", "IPAM", "Internal",
                 "Attachable", "Ingress", "ConfigFrom", "ConfigOnly")  # fmt: skip
        found = {key: network.record[key] for key in order}
        found["Containers"] = {}
        if verbose:
            for container in self.members(network):
                settings = _endpoint(container, network) or {}
                found["Containers"][container.id] = {
                    "Name": container.name,
                    "EndpointID": settings.get("EndpointID", ""),
                    "MacAddress": settings.get("MacAddress", ""),
                    "IPv4Address": _with_prefix(settings, "IPAddress", "IPPrefixLen"),
                    "IPv6Address": _with_prefix(
                        settings, "GlobalIPv6Address", "GlobalIPv6PrefixLen"
                    ),
                }
        return found | {"Options": network.record["Options"], "Labels": network.record["Labels"]}

    # --- files

    def write_files(self, container: Container) -> None:
        """Write hosts, resolv.conf and hostname into the container's folder."""
        own = self.naming.serves(container)
        server = NAME_SERVER if self.isolated and self._outbound.works(self._holder) else None
        files.write(container, self._engine, own_names=own, name_server=server)

    def close(self) -> None:
        """The engine ends; what runs keeps its network."""
        if not any(each.process for each in self._engine.containers.all()):
            self._holder.quit()

    def _log(self, action: str, network: Network, container: Container | None = None) -> None:
        attributes = {"name": network.name, "type": network.driver}
        if container is not None:
            attributes["container"] = container.id
        self._engine.events.publish("network", action, network.id, attributes)


def _dangling(values: list[str]) -> bool:
    try:
        return truth("dangling", values)
    except BadParameter:
        raise BadParameter('invalid value for filter \'dangling\', must be "true" (or "1"), or "false" (or "0")') from None  # fmt: skip  # noqa: E501


def _check_drivers(*names: str) -> None:
    for name in names:
        if name not in {"bridge", "default", "null"}:
            raise NotFound(f'plugin "{name}" not found')


def _record(name: str, driver: str) -> dict[str, Any]:
    return {
        "Name": name,
        "Id": secrets.token_hex(32),
        "Created": clock.stamp(),
        "Scope": "local",
        "Driver": driver,
        "EnableIPv6": False,
        "IPAM": {"Driver": "default", "Options": None, "Config": []},
        "Internal": False,
        "Attachable": False,
        "Ingress": False,
        "ConfigFrom": {"Network": ""},
        "ConfigOnly": False,
        "Options": {},
        "Labels": {},
    }


def _veth(settings: dict[str, Any]) -> str:
    return f"veth{settings['EndpointID'][:7]}"


def _with_prefix(settings: dict[str, Any], address: str, prefix: str) -> str:
    return f"{settings[address]}/{settings[prefix]}" if settings.get(address) else ""


def _endpoint(container: Container, network: Network) -> dict[str, Any] | None:
    found: dict[str, Any] | None = container.networks.get(network.name)
    return found
