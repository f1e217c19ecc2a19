"""The types of flags, by the name that `--help` prints.

Types whose printed name (`list`) is ambiguous are constants, passed as `flag(..., flag_type=...)`.
"""

from __future__ import annotations

from functools import partial

from docker_magics.wire import go

from .base import FlagType as FlagType
from .mounts import mount
from .networks import (
    checked_ip,
    dns_search,
    extra_host,
    flag_ip,
    flag_ipv4,
    ip_address,
    ip_list,
    link,
    network,
)
from .resources import (
    cgroup_rule,
    device_bytes,
    device_operations,
    gpus,
    sysctl,
    ulimit,
    weight_device,
)
from .scalars import nano_cpus, size_or_unlimited
from .swarm import (
    command,
    credential_spec,
    external_ca,
    generic_resource,
    node_address,
    pem_file,
    placement_preference,
    reference_to,
    service_ports,
    subnets,
)
from .texts import csv_values, environment, filter_pair, label, stream

STRING = FlagType(str, zero="")
LIST = FlagType(str, many=True)
SIZE_OR_UNLIMITED = FlagType(size_or_unlimited, zero=0)
ENVIRONMENT = FlagType(environment, many=True)
LABELS = FlagType(label, many=True)
SYSCTLS = FlagType(sysctl, many=True)
EXTRA_HOSTS = FlagType(extra_host, many=True)
IPV4 = FlagType(flag_ipv4, zero="")
IPV6 = FlagType(flag_ip, zero="")
LINK_LOCAL = FlagType(checked_ip, many=True)
DNS_SERVERS = FlagType(ip_address, many=True)
DNS_DOMAINS = FlagType(dns_search, many=True)
LINKS = FlagType(link, many=True)
STREAMS = FlagType(stream, many=True)
CGROUP_RULES = FlagType(cgroup_rule, many=True)
DEVICE_WEIGHTS = FlagType(weight_device, many=True)
DEVICE_BYTES = FlagType(device_bytes, many=True)
DEVICE_OPERATIONS = FlagType(device_operations, many=True)
GENERIC_RESOURCES = FlagType(generic_resource, many=True)

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
    "mount": FlagType(mount, many=True),
    "network": FlagType(network, many=True),
    "ulimit": FlagType(ulimit, many=True),
    "gpu-request": FlagType(gpus, many=True),
    "command": FlagType(command),
    "config": FlagType(reference_to("Config"), many=True),
    "credential-spec": FlagType(credential_spec),
    "external-ca": FlagType(external_ca, many=True),
    "float": FlagType(go.parse_float),
    "ip": IPV6,
    "ipSlice": FlagType(ip_list, many=True, split=True),
    "ipNetSlice": FlagType(subnets, many=True, split=True),
    "node-addr": FlagType(node_address),
    "pem-file": FlagType(pem_file, zero=""),
    "port": FlagType(service_ports, many=True, split=True),
    "pref": FlagType(placement_preference, many=True),
    "secret": FlagType(reference_to("Secret"), many=True),
}
