"""docker swarm join: join a swarm as a node."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag, operand
from docker_magics.engine.client import Engine
from docker_magics.results.text import Text

from . import _flags


class SwarmJoin(Command):
    """Join a swarm as a node and/or manager"""

    usage = "[OPTIONS] HOST:PORT"

    advertise_addr: str = flag("--advertise-addr string", _flags.ADVERTISE)
    availability: str | None = flag("--availability string", _flags.AVAILABILITY, default=None)
    data_path_addr: str = flag("--data-path-addr string", _flags.DATA_PATH)
    listen_addr: str = flag("--listen-addr node-addr", _flags.LISTEN, default=_flags.LISTEN_DEFAULT)
    token: str = flag("--token string", "Token for entry into the swarm")
    remote: str = operand()

    def run(self, engine: Engine) -> Text:
        """Return the message with the node's role.

        source: Engine API, SwarmJoin.
        """
        body = {
            "JoinToken": self.token,
            "ListenAddr": self.listen_addr,
            "AdvertiseAddr": self.advertise_addr,
            "DataPathAddr": self.data_path_addr,
            "RemoteAddrs": [self.remote],
            "Availability": _flags.availability(self.availability),
        }
        engine.post("/swarm/join", body=body)
        is_manager = (engine.get("/info").get("Swarm") or {}).get("ControlAvailable")
        return Text(f"This node joined a swarm as a {'manager' if is_manager else 'worker'}.")
