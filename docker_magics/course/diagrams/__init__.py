"""Diagrams of the current state of the engine; names, numbers and times are measured."""

from __future__ import annotations

from .client import client_and_daemon
from .image import three_steps
from .isolation import cgroups, namespaces
from .life import life_cycle
from .machines import machine_and_container

__all__ = [
    "cgroups",
    "client_and_daemon",
    "life_cycle",
    "machine_and_container",
    "namespaces",
    "three_steps",
]
