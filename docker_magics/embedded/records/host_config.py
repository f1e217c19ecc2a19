"""How a container runs on this host. source: Engine API, HostConfig."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

from ..runtime.spec import Ulimit


class RestartPolicy(TypedDict):
    """When a container is started again.

    Attributes:
        Name: empty, no, always, unless-stopped or on-failure.
        MaximumRetryCount: of on-failure; 0 for no limit.
    """

    Name: str
    MaximumRetryCount: int


class LogConfig(TypedDict):
    """A log driver and its options."""

    Type: str
    Config: dict[str, str]


class PortBinding(TypedDict, total=False):
    """The host address of a published port; an empty HostPort means any."""

    HostIp: str
    HostPort: str


class HostConfig(TypedDict):
    """The settings that concern this host. Bytes and nanoseconds; 0 means no limit."""

    Binds: list[str] | None
    ContainerIDFile: str
    LogConfig: LogConfig
    NetworkMode: str
    PortBindings: dict[str, list[PortBinding] | None] | None
    RestartPolicy: RestartPolicy
    AutoRemove: bool
    VolumeDriver: str
    VolumesFrom: list[str] | None
    CapAdd: list[str] | None
    CapDrop: list[str] | None
    CgroupnsMode: str
    Dns: list[str] | None
    DnsOptions: list[str] | None
    DnsSearch: list[str] | None
    ExtraHosts: list[str] | None
    GroupAdd: list[str] | None
    IpcMode: str
    Cgroup: str
    Links: list[str] | None
    OomScoreAdj: int
    PidMode: str
    Privileged: bool
    PublishAllPorts: bool
    ReadonlyRootfs: bool
    SecurityOpt: list[str] | None
    UTSMode: str
    UsernsMode: str
    ShmSize: int
    Runtime: str
    ConsoleSize: list[int] | None
    Isolation: str
    CpuShares: int
    Memory: int
    NanoCpus: int
    CgroupParent: str
    BlkioWeight: int
    BlkioWeightDevice: list[dict[str, Any]] | None
    BlkioDeviceReadBps: list[dict[str, Any]] | None
    BlkioDeviceWriteBps: list[dict[str, Any]] | None
    BlkioDeviceReadIOps: list[dict[str, Any]] | None
    BlkioDeviceWriteIOps: list[dict[str, Any]] | None
    CpuPeriod: int
    CpuQuota: int
    CpuRealtimePeriod: int
    CpuRealtimeRuntime: int
    CpusetCpus: str
    CpusetMems: str
    Devices: list[dict[str, str]] | None
    DeviceCgroupRules: list[str] | None
    DeviceRequests: list[dict[str, Any]] | None
    MemoryReservation: int
    MemorySwap: int
    MemorySwappiness: int | None
    OomKillDisable: bool | None
    PidsLimit: int | None
    Ulimits: list[Ulimit] | None
    CpuCount: int
    CpuPercent: int
    IOMaximumIOps: int
    IOMaximumBandwidth: int
    MaskedPaths: list[str] | None
    ReadonlyPaths: list[str] | None
    Annotations: NotRequired[dict[str, str]]
    StorageOpt: NotRequired[dict[str, str]]
    Tmpfs: NotRequired[dict[str, str]]
    Sysctls: NotRequired[dict[str, str]]
    Mounts: NotRequired[list[dict[str, Any]]]
    Init: NotRequired[bool]
