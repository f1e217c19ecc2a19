"""docker swarm init: create a swarm with this engine as its first manager."""

from __future__ import annotations

from typing import Any

from docker_magics.cli.command import flag
from docker_magics.engine.client import Engine
from docker_magics.errors import ApiError
from docker_magics.results.text import Text

from . import _flags
from ._texts import join_command, unlock_command, unlock_key

_NO_ADDRESS = (
    "could not choose an IP address to advertise",
    "could not find the system's IP address",
)
_MORE_MANAGERS = (
    "To add a manager to this swarm, run 'docker swarm join-token manager' and follow the"
    " instructions."
)


class SwarmInit(_flags.SwarmFlags):
    """Initialize a swarm"""

    advertise_addr: str = flag("--advertise-addr string", _flags.ADVERTISE)
    autolock: bool | None = flag(
        "--autolock",
        "Enable manager autolocking (requiring an unlock key to start a stopped manager)",
        default=None,
    )
    availability: str | None = flag("--availability string", _flags.AVAILABILITY, default=None)
    data_path_addr: str = flag("--data-path-addr string", _flags.DATA_PATH)
    data_path_port: int = flag(
        "--data-path-port uint32",
        "Port number to use for data path traffic (1024 - 49151). If no value is set or is set to"
        " 0, the default port (4789) is used.",
    )
    default_addr_pool: list[str] = flag(
        "--default-addr-pool ipNetSlice", "default address pool in CIDR format (default [])"
    )
    default_addr_pool_mask_length: int = flag(
        "--default-addr-pool-mask-length uint32",
        "default address pool subnet mask length",
        default=24,
    )
    force_new_cluster: bool = flag(
        "--force-new-cluster", "Force create a new cluster from current state"
    )
    listen_addr: str = flag("--listen-addr node-addr", _flags.LISTEN, default=_flags.LISTEN_DEFAULT)

    def run(self, engine: Engine) -> Text:
        """Return the instructions to join the swarm.

        source: Engine API, SwarmInit.
        """
        spec: dict[str, Any] = {}
        self.change(spec, self.autolock, None)
        body = {
            "ListenAddr": self.listen_addr,
            "AdvertiseAddr": self.advertise_addr,
            "DataPathAddr": self.data_path_addr,
            "DataPathPort": self.data_path_port,
            "DefaultAddrPool": self.default_addr_pool,
            "ForceNewCluster": self.force_new_cluster,
            "Spec": spec,
            "AutoLockManagers": bool(self.autolock),
            "Availability": _flags.availability(self.availability),
            "SubnetSize": self.default_addr_pool_mask_length,
        }
        try:
            node = engine.post("/swarm/init", body=body)
        except ApiError as error:
            if any(text in error.message for text in _NO_ADDRESS):
                error.hint = "Specify one with --advertise-addr."
            raise
        parts = [
            f"Swarm initialized: current node ({node}) is now a manager.\n",
            join_command(engine, node, "worker"),
            _MORE_MANAGERS,
        ]
        if self.autolock:
            parts.append(unlock_command(unlock_key(engine)))
        return Text("\n".join(parts))
