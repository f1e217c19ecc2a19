"""--use-api-socket: the engine's socket, and the caller's credentials, in a container."""

from __future__ import annotations

import io
import json
import tarfile

import pytest
from unit.commands.stub_engine import StubEngine

from docker_magics.commands.container._api_socket import put_credentials, share_engine
from docker_magics.engine import auth
from docker_magics.errors import UsageError


def test_the_socket_is_mounted_and_credentials_are_returned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    logins = {"registry.example": {"username": "me", "password": "pw"}}
    monkeypatch.setattr(auth, "all_credentials", lambda: logins)
    body: dict = {"HostConfig": {"Mounts": []}, "Env": []}
    assert share_engine(body, StubEngine(host="unix:///run/x.sock")) == logins
    assert body["HostConfig"]["Mounts"][0]["Source"] == "/run/x.sock"
    assert body["Env"] == ["DOCKER_CONFIG=/run/secrets/docker"]
    body["Env"] = ["DOCKER_CONFIG=/mine"]
    assert share_engine(body, StubEngine()) == {}


def test_other_addresses_are_errors() -> None:
    with pytest.raises(UsageError, match="can only be used with unix sockets"):
        share_engine({}, StubEngine(host="tcp://localhost:2375"))


def test_credentials_are_stored_in_a_private_file() -> None:
    engine = StubEngine({"PUT /containers/web/archive": b""})
    login = {"username": "me", "password": "pw", "identitytoken": "t"}
    put_credentials(engine, "web", {"registry.example": login})
    with tarfile.open(fileobj=io.BytesIO(engine.sent("PUT /containers/web/archive"))) as tar:
        [member] = tar.getmembers()
        file = tar.extractfile(member)
        assert file is not None
        entry = {"auth": "bWU6cHc=", "identitytoken": "t"}
        assert json.load(file) == {"auths": {"registry.example": entry}}
    assert member.mode == 0o600
