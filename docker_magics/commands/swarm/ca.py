"""docker swarm ca: show or rotate the swarm's root certificate."""

from __future__ import annotations

import time
from typing import Any

from docker_magics.cli.command import flag
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError
from docker_magics.results.text import Text

from ._flags import CertificateFlags
from ._texts import change

_POLL_INTERVAL_S = 0.5


class SwarmCa(CertificateFlags):
    """Display and rotate the root CA"""

    ca_cert: str = flag(
        "--ca-cert pem-file",
        "Path to the PEM-formatted root CA certificate to use for the new cluster",
    )
    ca_key: str = flag(
        "--ca-key pem-file", "Path to the PEM-formatted root CA key to use for the new cluster"
    )
    detach: bool = flag(
        "-d, --detach", "Exit immediately instead of waiting for the root rotation to converge"
    )
    quiet: bool = flag("-q, --quiet", "Suppress progress output")
    rotate: bool = flag(
        "--rotate",
        "Rotate the swarm CA - if no certificate or key are provided, new ones will be generated",
    )

    def run(self, engine: Engine) -> Text:
        """Return the root certificate in PEM format; "" with --detach, or with --rotate --quiet.

        source: Engine API, SwarmInspect, SwarmUpdate.
        """
        swarm = engine.get("/swarm")
        if not self.rotate:
            self._check_unrotated()
            return _root(swarm)
        self._check_rotated()
        self._change(swarm["Spec"])
        change(engine, swarm)
        if self.detach:
            return Text("")
        while (swarm := engine.get("/swarm")).get("RootRotationInProgress"):
            time.sleep(_POLL_INTERVAL_S)
        return Text("") if self.quiet else _root(swarm)

    def _check_unrotated(self) -> None:
        values = {
            "ca-cert": self.ca_cert,
            "ca-key": self.ca_key,
            "cert-expiry": self.cert_expiry,
            "external-ca": self.external_ca,
        }
        for name, value in values.items():
            if value:
                raise UsageError(f"`--{name}` flag requires the `--rotate` flag to update the CA")

    def _check_rotated(self) -> None:
        if self.external_ca and not self.ca_cert:
            raise UsageError(
                "rotating to an external CA requires the `--ca-cert` flag to specify the external"
                " CA's cert - to add an external CA with the current root CA certificate, use the"
                " `update` command instead"
            )
        if self.ca_cert and not self.external_ca and not self.ca_key:
            raise UsageError(
                "the --ca-cert flag requires that a --ca-key flag and/or --external-ca flag be"
                " provided as well"
            )

    def _change(self, spec: dict[str, Any]) -> None:
        self.change_certificates(spec, self.ca_cert)
        config = spec["CAConfig"] = dict(spec.get("CAConfig") or {})
        config |= {"SigningCACert": self.ca_cert, "SigningCAKey": self.ca_key}
        if not self.ca_cert and not self.ca_key:
            config["ForceRotate"] = config.get("ForceRotate", 0) + 1


def _root(swarm: dict[str, Any]) -> Text:
    root = (swarm.get("TLSInfo") or {}).get("TrustRoot", "")
    if not root:
        raise UsageError("no CA information available")
    return Text(root.strip())
