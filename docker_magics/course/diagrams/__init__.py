"""Diagrams of the current state of the engine; names, numbers and times are measured."""

from __future__ import annotations

from .client import client_and_daemon
from .image import three_steps
from .image_layers import layers
from .isolation import cgroups, namespaces
from .life import life_cycle
from .machines import machine_and_container
from .mount_ends import mounts
from .network_names import networks
from .published_ports import ports
from .reused_steps import build_cache

__all__ = [
    "build_cache",
    "cgroups",
    "client_and_daemon",
    "layers",
    "life_cycle",
    "machine_and_container",
    "mounts",
    "namespaces",
    "networks",
    "ports",
    "three_steps",
]
