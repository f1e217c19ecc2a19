"""Kinds of flag values: how the docker CLI reads each, by the name that `--help` prints.

A kind turns one text into one value; `many` says that a repeated flag adds to a list. Kinds whose
printed name (`list`) does not say enough stand here under names of their own.
"""

from __future__ import annotations

from .base import Kind as Kind
from .mounts import mount
from .networks import dns_search, extra_host, ip_address, link, network
from .resources import (
    cgroup_rule,
    device_bytes,
    device_operations,
    gpus,
    sysctl,
    ulimit,
    weight_device,
)
from .scalars import boolean, duration, integer, nano_cpus, size, size_or_unlimited
from .swarm import (
    command,
    credential_spec,
    external_ca,
    generic_resource,
    node_address,
    pem_file,
    placement_preference,
    ratio,
    reference_to,
    service_ports,
    subnets,
)
from .texts import csv_values, environment, filter_pair, label, stream

STRING = Kind(str, zero="")
LIST = Kind(str, many=True)
SIZE_OR_UNLIMITED = Kind(size_or_unlimited, zero=0)
ENVIRONMENT = Kind(environment, many=True)
LABELS = Kind(label, many=True)
SYSCTLS = Kind(sysctl, many=True)
EXTRA_HOSTS = Kind(extra_host, many=True)
DNS_SERVERS = Kind(ip_address, many=True)
DNS_DOMAINS = Kind(dns_search, many=True)
LINKS = Kind(link, many=True)
STREAMS = Kind(stream, many=True)
CGROUP_RULES = Kind(cgroup_rule, many=True)
DEVICE_WEIGHTS = Kind(weight_device, many=True)
DEVICE_BYTES = Kind(device_bytes, many=True)
DEVICE_OPERATIONS = Kind(device_operations, many=True)
GENERIC_RESOURCES = Kind(generic_resource, many=True)

#: By the name that `docker X --help` prints behind the flag; "" is a boolean.
KINDS: dict[str, Kind] = {
    "": Kind(boolean, bare="true", zero=False),
    "string": STRING,
    "list": LIST,
    "strings": Kind(csv_values, many=True, split=True),
    "stringArray": LIST,
    "map": LIST,
    "int": Kind(integer(), zero=0),
    "int64": Kind(integer(), zero=0),
    "uint": Kind(integer(signed=False), zero=0),
    "uint16": Kind(integer(16, signed=False), zero=0),
    "uint32": Kind(integer(32, signed=False), zero=0),
    "uint64": Kind(integer(signed=False), zero=0),
    "bytes": Kind(size, zero=0),
    "duration": Kind(duration, zero=0),
    "decimal": Kind(nano_cpus, zero=0),
    "filter": Kind(filter_pair, many=True, split=True),
    "mount": Kind(mount, many=True),
    "network": Kind(network, many=True),
    "ulimit": Kind(ulimit, many=True),
    "gpu-request": Kind(gpus, many=True),
    "command": Kind(command),
    "config": Kind(reference_to("Config"), many=True),
    "credential-spec": Kind(credential_spec),
    "external-ca": Kind(external_ca, many=True),
    "float": Kind(ratio),
    "ipNetSlice": Kind(subnets, many=True, split=True),
    "node-addr": Kind(node_address),
    "pem-file": Kind(pem_file, zero=""),
    "port": Kind(service_ports, many=True, split=True),
    "pref": Kind(placement_preference, many=True),
    "secret": Kind(reference_to("Secret"), many=True),
}
