"""The types of flags, by the name that `--help` prints.

Types whose printed name (`list`) is ambiguous are constants, passed as `flag(..., flag_type=...)`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

from docker_magics.wire import go

from .base import FlagType as FlagType
from .scalars import nano_cpus, size_or_unlimited
from .texts import csv_values, environment, filter_pair, label, stream


def _late(module: str, name: str) -> Callable[[str], Any]:
    """Return a parser whose module is imported on first use, as few lines need it."""

    def parse(text: str) -> Any:
        return getattr(import_module(f".{module}", __package__), name)(text)

    return parse


STRING = FlagType(str, zero="")
LIST = FlagType(str, many=True)
SIZE_OR_UNLIMITED = FlagType(size_or_unlimited, zero=0)
ENVIRONMENT = FlagType(environment, many=True)
LABELS = FlagType(label, many=True)
SYSCTLS = FlagType(_late("resources", "sysctl"), many=True)
EXTRA_HOSTS = FlagType(_late("networks", "extra_host"), many=True)
IPV4 = FlagType(_late("networks", "flag_ipv4"), zero="")
IPV6 = FlagType(_late("networks", "flag_ip"), zero="")
LINK_LOCAL = FlagType(_late("networks", "checked_ip"), many=True)
DNS_SERVERS = FlagType(_late("networks", "ip_address"), many=True)
DNS_DOMAINS = FlagType(_late("networks", "dns_search"), many=True)
LINKS = FlagType(_late("networks", "link"), many=True)
STREAMS = FlagType(stream, many=True)
CGROUP_RULES = FlagType(_late("resources", "cgroup_rule"), many=True)
DEVICE_WEIGHTS = FlagType(_late("resources", "weight_device"), many=True)
DEVICE_BYTES = FlagType(_late("resources", "device_bytes"), many=True)
DEVICE_OPERATIONS = FlagType(_late("resources", "device_operations"), many=True)
GENERIC_RESOURCES = FlagType(_late("swarm", "generic_resource"), many=True)

#: Go's flags take the base from a number's prefix.
_INT = partial(go.parse_int, base=0)
_UINT = partial(go.parse_uint, base=0)

#: Flag types by the name that `docker X --help` prints after the flag; "" is a boolean.
FLAG_TYPES: dict[str, FlagType] = {
    "": FlagType(go.parse_bool, bare="true", zero=False),
    "string": STRING,
    "list": LIST,
    "strings": FlagType(csv_values, many=True, split=True),
    "stringArray": LIST,
    "map": LIST,
    "int": FlagType(_INT, zero=0),
    "int64": FlagType(_INT, zero=0),
    "uint": FlagType(_UINT, zero=0),
    "uint16": FlagType(partial(_UINT, bits=16), zero=0),
    "uint32": FlagType(partial(_UINT, bits=32), zero=0),
    "uint64": FlagType(_UINT, zero=0),
    "bytes": FlagType(go.ram_in_bytes, zero=0),
    "duration": FlagType(go.parse_duration, zero=0),
    "decimal": FlagType(nano_cpus, zero=0),
    "filter": FlagType(filter_pair, many=True, split=True),
    "mount": FlagType(_late("mounts", "mount"), many=True),
    "network": FlagType(_late("networks", "network"), many=True),
    "ulimit": FlagType(_late("resources", "ulimit"), many=True),
    "gpu-request": FlagType(_late("resources", "gpus"), many=True),
    "command": FlagType(_late("swarm", "command")),
    "config": FlagType(_late("swarm", "config_reference"), many=True),
    "credential-spec": FlagType(_late("swarm", "credential_spec")),
    "external-ca": FlagType(_late("swarm", "external_ca"), many=True),
    "float": FlagType(go.parse_float),
    "ip": IPV6,
    "ipSlice": FlagType(_late("networks", "ip_list"), many=True, split=True),
    "ipNetSlice": FlagType(_late("swarm", "subnets"), many=True, split=True),
    "node-addr": FlagType(_late("swarm", "node_address")),
    "pem-file": FlagType(_late("swarm", "pem_file"), zero=""),
    "port": FlagType(_late("swarm", "service_ports"), many=True, split=True),
    "pref": FlagType(_late("swarm", "placement_preference"), many=True),
    "secret": FlagType(_late("swarm", "secret_reference"), many=True),
}
