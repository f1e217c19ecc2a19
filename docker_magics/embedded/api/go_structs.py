"""The Go structs of requests and image configurations: their fields by type, as moby declares them.

source: moby v28, api/types: container/config.go, container/hostconfig.go, network/network.go,
network/endpoint.go, mount/mount.go, volume/create_options.go, registry/authconfig.go;
image/image.go, image/tarexport/tarexport.go; profiles/seccomp/seccomp.go.
"""

from __future__ import annotations

_CONFIG = {
    "bool": (
        "ArgsEscaped AttachStderr AttachStdin AttachStdout NetworkDisabled OpenStdin StdinOnce Tty"
    ),
    "string": "Domainname Hostname Image MacAddress StopSignal User WorkingDir",
    "[]string": "Env OnBuild",
    "strslice.StrSlice": "Cmd Entrypoint Shell",
    "map[string]string": "Labels",
    "map[string]struct {}": "Volumes",
    "nat.PortSet": "ExposedPorts",
    "container.HealthConfig": "Healthcheck",
    "int": "StopTimeout",
}
_RESOURCES = {
    "string": "CgroupParent CpusetCpus CpusetMems",
    "bool": "OomKillDisable",
    "uint16": "BlkioWeight",
    "int64": (
        "CpuCount CpuPercent CpuPeriod CpuQuota CpuRealtimePeriod CpuRealtimeRuntime CpuShares"
        " KernelMemory KernelMemoryTCP Memory MemoryReservation MemorySwap MemorySwappiness"
        " NanoCpus PidsLimit"
    ),
    "uint64": "IOMaximumBandwidth IOMaximumIOps",
    "[]string": "DeviceCgroupRules",
    "[]*blkiodev.WeightDevice": "BlkioWeightDevice",
    "[]*blkiodev.ThrottleDevice": (
        "BlkioDeviceReadBps BlkioDeviceReadIOps BlkioDeviceWriteBps BlkioDeviceWriteIOps"
    ),
    "[]container.DeviceMapping": "Devices",
    "[]container.DeviceRequest": "DeviceRequests",
    "[]*units.Ulimit": "Ulimits",
    "container.RestartPolicy": "RestartPolicy",
}

#: Struct -> type -> names of its fields in JSON.
_FIELDS: dict[str, dict[str, str]] = {
    "container.CreateRequest": {
        **_CONFIG,
        "container.HostConfig": "HostConfig",
        "network.NetworkingConfig": "NetworkingConfig",
    },
    "container.Config": _CONFIG,
    "container.HealthConfig": {
        "[]string": "Test",
        "int": "Retries",
        "time.Duration": "Interval StartInterval StartPeriod Timeout",
    },
    "container.UpdateConfig": _RESOURCES,
    "container.HostConfig": {
        **_RESOURCES,
        "string": f"{_RESOURCES['string']} ContainerIDFile Runtime VolumeDriver",
        "bool": (f"{_RESOURCES['bool']} AutoRemove Init Privileged PublishAllPorts ReadonlyRootfs"),
        "int": "OomScoreAdj",
        "int64": f"{_RESOURCES['int64']} ShmSize",
        "[]string": (
            f"{_RESOURCES['[]string']} Binds Dns DnsOptions DnsSearch ExtraHosts GroupAdd Links"
            " MaskedPaths ReadonlyPaths SecurityOpt VolumesFrom"
        ),
        "strslice.StrSlice": "CapAdd CapDrop",
        "[2]uint": "ConsoleSize",
        "map[string]string": "Annotations StorageOpt Sysctls Tmpfs",
        "nat.PortMap": "PortBindings",
        "[]mount.Mount": "Mounts",
        "container.LogConfig": "LogConfig",
        "container.NetworkMode": "NetworkMode",
        "container.CgroupnsMode": "CgroupnsMode",
        "container.CgroupSpec": "Cgroup",
        "container.IpcMode": "IpcMode",
        "container.PidMode": "PidMode",
        "container.UTSMode": "UTSMode",
        "container.UsernsMode": "UsernsMode",
        "container.Isolation": "Isolation",
    },
    "container.DeviceMapping": {"string": "CgroupPermissions PathInContainer PathOnHost"},
    "container.DeviceRequest": {
        "string": "Driver",
        "int": "Count",
        "[]string": "DeviceIDs",
        "[][]string": "Capabilities",
        "map[string]string": "Options",
    },
    "container.LogConfig": {"string": "Type", "map[string]string": "Config"},
    "container.RestartPolicy": {
        "container.RestartPolicyMode": "Name",
        "int": "MaximumRetryCount",
    },
    "container.ExecOptions": {
        "string": "DetachKeys User WorkingDir",
        "bool": "AttachStderr AttachStdin AttachStdout Detach Privileged Tty",
        "[]string": "Cmd Env",
        "[2]uint": "ConsoleSize",
    },
    "container.ExecStartOptions": {"bool": "Detach Tty", "[2]uint": "ConsoleSize"},
    "blkiodev.WeightDevice": {"string": "Path", "uint16": "Weight"},
    "blkiodev.ThrottleDevice": {"string": "Path", "uint64": "Rate"},
    "units.Ulimit": {"string": "Name", "int64": "Hard Soft"},
    "nat.PortBinding": {"string": "HostIp HostPort"},
    "mount.Mount": {
        "mount.Type": "Type",
        "string": "Source Target",
        "bool": "ReadOnly",
        "mount.Consistency": "Consistency",
        "mount.BindOptions": "BindOptions",
        "mount.VolumeOptions": "VolumeOptions",
        "mount.TmpfsOptions": "TmpfsOptions",
        "mount.ImageOptions": "ImageOptions",
    },
    "mount.BindOptions": {
        "mount.Propagation": "Propagation",
        "bool": "CreateMountpoint NonRecursive ReadOnlyForceRecursive ReadOnlyNonRecursive",
    },
    "mount.VolumeOptions": {
        "bool": "NoCopy",
        "string": "Subpath",
        "map[string]string": "Labels",
        "mount.Driver": "DriverConfig",
    },
    "mount.Driver": {"string": "Name", "map[string]string": "Options"},
    "mount.TmpfsOptions": {
        "int64": "SizeBytes",
        "fs.FileMode": "Mode",
        "[][]string": "Options",
    },
    "mount.ImageOptions": {"string": "Subpath"},
    "network.NetworkingConfig": {"map[string]*network.EndpointSettings": "EndpointsConfig"},
    "network.EndpointSettings": {
        "network.EndpointIPAMConfig": "IPAMConfig",
        "string": (
            "EndpointID Gateway GlobalIPv6Address IPAddress IPv6Gateway MacAddress NetworkID"
        ),
        "int": "GlobalIPv6PrefixLen GwPriority IPPrefixLen",
        "[]string": "Aliases DNSNames Links",
        "map[string]string": "DriverOpts",
    },
    "network.EndpointIPAMConfig": {
        "string": "IPv4Address IPv6Address",
        "[]string": "LinkLocalIPs",
    },
    "network.CreateRequest": {
        "string": "Driver Name Scope",
        "bool": "Attachable CheckDuplicate ConfigOnly EnableIPv4 EnableIPv6 Ingress Internal",
        "map[string]string": "Labels Options",
        "network.IPAM": "IPAM",
        "network.ConfigReference": "ConfigFrom",
    },
    "network.ConfigReference": {"string": "Network"},
    "network.IPAM": {
        "string": "Driver",
        "map[string]string": "Options",
        "[]network.IPAMConfig": "Config",
    },
    "network.IPAMConfig": {
        "string": "Gateway IPRange Subnet",
        "map[string]string": "AuxiliaryAddresses",
    },
    "network.ConnectOptions": {
        "string": "Container",
        "network.EndpointSettings": "EndpointConfig",
    },
    "network.DisconnectOptions": {"string": "Container", "bool": "Force"},
    "volume.CreateOptions": {
        "string": "Driver Name",
        "map[string]string": "DriverOpts Labels",
        "volume.ClusterVolumeSpec": "ClusterVolumeSpec",
    },
    "volume.ClusterVolumeSpec": {"string": "Group"},
    "registry.AuthConfig": {
        "string": "auth email identitytoken password registrytoken serveraddress username"
    },
    "image.Image": {
        "string": ("architecture author comment container docker_version os os.version variant"),
        "container.Config": "config container_config",
        "time.Time": "created",
        "[]image.History": "history",
        "[]string": "os.features",
        "image.RootFS": "rootfs",
    },
    "image.History": {
        "string": "author comment created_by",
        "time.Time": "created",
        "bool": "empty_layer",
    },
    "ocispec.Platform": {
        "string": "architecture os os.version variant",
        "[]string": "os.features",
    },
    "image.RootFS": {"string": "type", "[]layer.DiffID": "diff_ids"},
    "tarexport.manifestItem": {"string": "Config Parent", "[]string": "RepoTags Layers"},
    "seccomp.Seccomp": {
        "[]specs.Arch": "architectures",
        "[]seccomp.Architecture": "archMap",
        "specs.LinuxSeccompAction": "defaultAction",
        "uint": "defaultErrnoRet",
        "[]specs.LinuxSeccompFlag": "flags",
        "[]*seccomp.Syscall": "syscalls",
    },
    "seccomp.Architecture": {
        "specs.Arch": "architecture",
        "[]specs.Arch": "subArchitectures",
    },
    "seccomp.Syscall": {
        "specs.LinuxSeccompAction": "action",
        "[]specs.LinuxSeccompArg": "args",
        "string": "comment name",
        "uint": "errnoRet",
        "seccomp.Filter": "excludes includes",
        "[]string": "names",
    },
    "specs.LinuxSeccompArg": {
        "uint": "index",
        "specs.LinuxSeccompOperator": "op",
        "uint64": "value valueTwo",
    },
    "seccomp.Filter": {"[]string": "arches caps", "string": "minKernel"},
    "struct {}": {},
}

#: Struct -> field -> type.
STRUCTS: dict[str, dict[str, str]] = {
    struct: {name: type_ for type_, names in fields.items() for name in names.split()}
    for struct, fields in _FIELDS.items()
}

#: Named types, and what they are.
NAMED = {
    "nat.PortMap": "map[nat.Port][]nat.PortBinding",
    "nat.PortSet": "map[nat.Port]struct {}",
    "fs.FileMode": "uint32",
    "time.Duration": "int64",
    **dict.fromkeys(
        (
            "container.CgroupSpec", "container.CgroupnsMode", "container.IpcMode",
            "container.Isolation", "container.NetworkMode", "container.PidMode",
            "container.RestartPolicyMode", "container.UTSMode", "container.UsernsMode",
            "layer.DiffID", "mount.Consistency", "mount.Propagation", "mount.Type",
            "specs.Arch", "specs.LinuxSeccompAction", "specs.LinuxSeccompFlag",
            "specs.LinuxSeccompOperator",
        ),
        "string",
    ),
}  # fmt: skip
