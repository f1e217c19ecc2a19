"""Environment variables that hand an engine over to another program."""

from __future__ import annotations

from pathlib import Path

import pytest

from docker_magics.engine.address import Address, Tls
from docker_magics.engine.handover import environment_for
from docker_magics.errors import UsageError


def test_the_engine_replaces_what_selected_one() -> None:
    before = {"DOCKER_CONTEXT": "c", "DOCKER_HOST": "tcp://x", "DOCKER_TLS": "1", "PATH": "/bin"}
    assert environment_for(Address("unix:///x.sock"), before) == {
        "DOCKER_HOST": "unix:///x.sock",
        "PATH": "/bin",
    }


def test_tls_keys_are_handed_over() -> None:
    keys = [Path("/keys") / name for name in ("ca.pem", "cert.pem", "key.pem")]
    variables = environment_for(Address("tcp://h:2376", tls=Tls(*keys)), {})
    assert variables["DOCKER_CERT_PATH"] == "/keys"
    assert variables["DOCKER_TLS_VERIFY"] == "1"
    unverified = environment_for(Address("tcp://h:2376", tls=Tls(verify=False)), {})
    assert (unverified["DOCKER_TLS"], unverified["DOCKER_TLS_VERIFY"]) == ("1", "")
    elsewhere = Tls(keys[0], Path("/others/cert.pem"), keys[2])
    with pytest.raises(UsageError, match="not in one folder"):
        environment_for(Address("tcp://h:2376", tls=elsewhere), {})
