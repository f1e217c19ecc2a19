"""The flags that swarm commands share, and the spec that they modify.

Missing flags are None: the swarm keeps its settings.

source: docker/cli, cli/command/swarm/opts.go.
"""

from __future__ import annotations

from typing import Any

from docker_magics.cli.command import Command, flag
from docker_magics.errors import UsageError

AVAILABILITY = 'Availability of the node ("active", "pause", "drain") (default "active")'
ADVERTISE = 'Advertised address (format: "<ip|interface>[:port]")'
DATA_PATH = 'Address or interface to use for data path traffic (format: "<ip|interface>")'
LISTEN = 'Listen address (format: "<ip|interface>[:port]") (default 0.0.0.0:2377)'
LISTEN_DEFAULT = "0.0.0.0:2377"


class CertificateFlags(Command):
    """The flags of the swarm's certificates."""

    cert_expiry: int | None = flag(
        "--cert-expiry duration",
        "Validity period for node certificates (ns|us|ms|s|m|h) (default 2160h0m0s)",
        default=None,
    )
    external_ca: list[dict[str, Any]] = flag(
        "--external-ca external-ca", "Specifications of one or more certificate signing endpoints"
    )

    def change_certificates(self, spec: dict[str, Any], root: str | None) -> None:
        """Apply the flags to a swarm's spec; `root` is the certificate of external CAs."""
        if self.cert_expiry is not None:
            _put(spec, "CAConfig", "NodeCertExpiry", self.cert_expiry)
        if self.external_ca:
            certificate = {} if root is None else {"CACert": root}
            _put(
                spec,
                "CAConfig",
                "ExternalCAs",
                [certificate | external_ca for external_ca in self.external_ca],
            )


class SwarmFlags(CertificateFlags):
    """The flags of the swarm's settings."""

    dispatcher_heartbeat: int | None = flag(
        "--dispatcher-heartbeat duration",
        "Dispatcher heartbeat period (ns|us|ms|s|m|h) (default 5s)",
        default=None,
    )
    max_snapshots: int | None = flag(
        "--max-snapshots uint", "Number of additional Raft snapshots to retain", default=None
    )
    snapshot_interval: int | None = flag(
        "--snapshot-interval uint",
        "Number of log entries between Raft snapshots (default 10000)",
        default=None,
    )
    task_history_limit: int | None = flag(
        "--task-history-limit int", "Task history retention limit (default 5)", default=None
    )

    def change(self, spec: dict[str, Any], autolock: bool | None, root: str | None) -> None:  # noqa: FBT001 - a flag's value
        """Apply the flags to a swarm's spec."""
        settings = (
            ("Orchestration", "TaskHistoryRetentionLimit", self.task_history_limit),
            ("Dispatcher", "HeartbeatPeriod", self.dispatcher_heartbeat),
            ("Raft", "KeepOldSnapshots", self.max_snapshots),
            ("Raft", "SnapshotInterval", self.snapshot_interval),
            ("EncryptionConfig", "AutoLockManagers", autolock),
        )
        for section, key, value in settings:
            if value is not None:
                _put(spec, section, key, value)
        self.change_certificates(spec, root)


def _put(spec: dict[str, Any], section: str, key: str, value: Any) -> None:
    spec[section] = {**(spec.get(section) or {}), key: value}


def availability(value: str | None) -> str:
    """Return a node's initial availability in lower case, "" for None.

    Raises:
        UsageError: the availability is unknown.
    """
    if value is None:
        return ""
    if value.lower() not in {"active", "pause", "drain"}:
        raise UsageError(
            f'invalid availability "{value}", only active, pause and drain are supported'
        )
    return value.lower()
