"""The name servers of this machine. source: resolv.conf(5)."""

from __future__ import annotations

from pathlib import Path

_PATH = Path("/etc/resolv.conf")


def name_servers() -> list[str]:
    """Return the addresses of /etc/resolv.conf, in its order; none if it cannot be read."""
    try:
        lines = _PATH.read_text().splitlines()
    except OSError:
        return []
    pairs = (line.split()[:2] for line in lines if line.startswith("nameserver "))
    return [pair[1] for pair in pairs if len(pair) == 2]
