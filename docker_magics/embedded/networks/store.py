"""The networks of one engine: created, looked up, removed.

source: Engine API, "Network"; moby daemon/network.go.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ...wire.filters import Filters
from .. import clock
from ..errors import ApiError, BadParameter, Forbidden, NotFound
from ..filtering import has_labels, matches, parse_bool, passes_prune, refuse_unknown
from ..ports import ContainerLookup, EventSink
from ..records.container import Container
from ..records.endpoint import EndpointSettings
from ..state import read_json, write_json
from . import creation
from .helper import NetworkHelper
from .network import PREDEFINED, Network


class NetworkStore:
    """All networks.

    Args:
        folder: holds ID.json of each network.
        events: receives create, connect, disconnect, destroy and prune.
        containers: may be on networks.
        helper: has the bridges; None where containers use the host's network.
    """

    def __init__(
        self,
        folder: Path,
        events: EventSink,
        containers: ContainerLookup,
        helper: NetworkHelper | None,
    ) -> None:
        self._folder = folder
        self._events = events
        self._containers = containers
        self._helper = helper
        self._lock = threading.RLock()
        self._networks: dict[str, Network] = {}
        for path in folder.glob("*.json"):
            network = Network(read_json(path))
            self._networks[network.id] = network
        for name in sorted(PREDEFINED - {network.name for network in self.all()}):
            self._save(creation.predefined(name))

    def _save(self, network: Network) -> None:
        write_json(self._folder / f"{network.id}.json", network.record)
        self._networks[network.id] = network

    # --- look-up

    def all(self) -> list[Network]:
        """Return every network, the newest first."""
        networks = self._networks.copy().values()  # a copy, as other threads create and remove
        return sorted(networks, key=lambda network: network.record["Created"], reverse=True)

    def get(self, text: str) -> Network:
        """Return the network of an ID, a name or an ID's prefix.

        Raises:
            NotFound: no such network.
            BadParameter: the prefix is ambiguous.
        """
        networks = self.all()
        exact = [n for n in networks if n.id == text] + [n for n in networks if n.name == text]
        if exact:
            return exact[0]
        candidates = [network for network in networks if text and network.id.startswith(text)]
        if len(candidates) > 1:
            raise BadParameter(f"network {text} is ambiguous ({len(candidates)} matches found based on ID prefix)")  # fmt: skip  # noqa: E501
        if not candidates:
            raise NotFound(f"network {text} not found")
        return candidates[0]

    def by_name(self, name: str) -> Network | None:
        """Return the network of a name; None without one."""
        return next((network for network in self.all() if network.name == name), None)

    def find(self, filters: Filters) -> list[Network]:
        """Return the networks that pass a listing's filters, the newest first.

        Raises:
            BadParameter: an unknown filter, or a value that it does not take.
        """
        refuse_unknown(filters, {"dangling", "driver", "id", "label", "name", "scope", "type"})
        tests: dict[str, Callable[[Network, list[str]], bool]] = {
            "driver": lambda network, values: network.driver in values,
            "id": lambda network, values: matches(network.id, values),
            "label": lambda network, values: has_labels(network.labels, values),
            "name": lambda network, values: matches(network.name, values),
            "scope": lambda _network, values: "local" in values,
            "type": lambda network, values: _type(network) in values,
            "dangling": lambda network, values: self._is_dangling(network) == _dangling(values),
        }
        for value in filters.get("type") or []:
            if value not in {"builtin", "custom"}:
                raise BadParameter(f"invalid filter: 'type'='{value}'")
        return [
            network
            for network in self.all()
            if all(tests[name](network, values) for name, values in filters.items())
        ]

    def _is_dangling(self, network: Network) -> bool:
        return not network.is_predefined and not self.members(network)

    def members(self, network: Network) -> list[Container]:
        """Return the running containers on a network."""
        return [
            container
            for container in self._containers.all()
            if container.process is not None and network.name in container.networks
        ]

    def is_internal(self, container: Container) -> bool:
        """Whether all networks of a container are internal; it has at least one."""
        names = container.endpoints().keys()
        networks = [network for network in self.all() if network.name in names]
        return bool(networks) and all(network.is_internal for network in networks)

    def outward(self, container: Container) -> list[EndpointSettings]:
        """Return the endpoints through which a container reaches the outside, the best first.

        They are sorted by GwPriority, and those of equal priority by network; internal networks
        lead nowhere.

        source: moby libnetwork/sandbox.go: Endpoint.Less.
        """
        internal = {network.id for network in self.all() if network.is_internal}
        connected = [settings for _, settings in sorted(container.endpoints().items())]
        return sorted(
            (settings for settings in connected if settings["NetworkID"] not in internal),
            key=lambda settings: -settings.get("GwPriority", 0),
        )

    # --- changes

    def create(self, body: Mapping[str, Any]) -> Network:
        """Create a network.

        Args:
            body: the request's NetworkCreateRequest.

        Raises:
            ApiError: as `creation.planned`.
        """
        with self._lock:
            network = creation.planned(body, self.all())
            self._save(network)
        self.publish("create", network)
        return network

    def remove(self, network: Network) -> None:
        """Remove a network and its bridge.

        Raises:
            NotFound: it is removed already.
            Forbidden: it is predefined, containers are on it, or other networks take their
                configuration from it.
        """
        if network.is_predefined:
            raise Forbidden(f"{network.name} is a pre-defined network and cannot be removed")
        prefix = "error while removing network: "
        if any(n.record["ConfigFrom"]["Network"] == network.name for n in self.all()):
            raise Forbidden(f'{prefix}configuration network "{network.name}" is in use')
        if members := self.members(network):
            ids = {c.name: c.networks[network.name]["EndpointID"][:12] for c in members}
            endpoints = ", ".join(f'name:"{name}" id:"{ids[name]}"' for name in ids)
            raise Forbidden(f"{prefix}network {network.name} has active endpoints ({endpoints})")
        with self._lock:
            if self._networks.pop(network.id, None) is None:
                raise NotFound(f"network {network.id} not found")
            (self._folder / f"{network.id}.json").unlink(missing_ok=True)
        if self._helper is not None and self._helper.pid:
            with contextlib.suppress(ApiError):
                self._helper.remove_interface(network.bridge)
        self.publish("destroy", network)

    def prune(self, filters: Filters) -> dict[str, Any]:
        """Remove the networks without running containers; return the API's NetworkPruneResponse.

        Args:
            filters: label, label!, until.
        """
        refuse_unknown(filters, {"label", "label!", "until"})
        removed = []
        for network in self.all():
            created = clock.parse(network.record["Created"])
            if network.is_predefined or network.record["ConfigOnly"] or self.members(network):
                continue
            if passes_prune(network.labels, created, filters):
                self.remove(network)
                removed.append(network.name)
        self._events.publish("network", "prune", "", {"reclaimed": "0"})
        return {"NetworksDeleted": removed or None}

    def publish(self, action: str, network: Network, container: Container | None = None) -> None:
        """Publish an event of a network: create, connect, disconnect, destroy."""
        attributes = {"name": network.name, "type": network.driver}
        if container is not None:
            attributes["container"] = container.id
        self._events.publish("network", action, network.id, attributes)


def _type(network: Network) -> str:
    return "builtin" if network.is_predefined else "custom"


def _dangling(values: list[str]) -> bool:
    try:
        return parse_bool("dangling", values)
    except BadParameter:
        raise BadParameter('invalid value for filter \'dangling\', must be "true" (or "1"), or "false" (or "0")') from None  # fmt: skip  # noqa: E501
