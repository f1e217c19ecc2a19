"""Every response of every operation is what the Engine API's description says.

Other tests' responses are checked when their engines end (see `embedded.shared.running`); here,
every operation is called.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conformance import deviations, recorder
from conformance.document import document, operation_of, problems
from embedded.image_samples import Sample, docker_archive, tar
from embedded.shared import connection, load_busybox, running

#: Objects of swarms and plugins, which the engine refuses.
REFUSED = ("/swarm", "/nodes", "/services", "/tasks", "/secrets", "/configs", "/plugins")


def archive() -> bytes:
    """Return a build context."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as context:
        content = b"FROM busybox\nRUN echo a > /a\nHEALTHCHECK --interval=1h CMD true\n"
        info = tarfile.TarInfo("Dockerfile")
        info.size = len(content)
        context.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


class Api:
    """Sends raw requests to the engine in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Return the response: the JSON of its last line, if it is JSON, or its bytes."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        if data is not None and not isinstance(body, bytes):
            headers["Content-Type"] = "application/json"
        with connection(self.folder) as engine:
            engine.request(method, path, data, headers)
            response = engine.getresponse()
            content = b"" if response.status == 101 else response.read()
        try:
            return json.loads(content.splitlines()[-1])
        except (ValueError, IndexError):
            return content

    def create(self, name: str, *command: str, **fields: Any) -> None:
        """Create a container."""
        body = {"Image": "busybox", "Cmd": command, **fields}
        created = self("POST", f"/containers/create?name={name}", body)
        assert "Id" in created, created


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory, registry: str) -> list[dict[str, Any]]:
    """The responses to a request of each operation."""
    folder = tmp_path_factory.mktemp("engine")
    with running(folder):
        load_busybox(folder)
        api = Api(folder)
        _images(api, registry)
        _networks_and_volumes(api)
        _containers(api)
        _execs_and_streams(api)
        _system(api, registry)
        _refusals(api)
    lines = recorder.responses(folder).read_text().splitlines()
    return [json.loads(line) for line in lines]


def _images(api: Api, registry: str) -> None:
    saved = api("GET", "/images/busybox/get")
    assert saved[:100] == api("GET", "/images/get?names=busybox")[:100]
    api("POST", "/images/load", saved)
    api("POST", "/build?t=built", archive())
    api("POST", "/build/prune")
    api("GET", "/images/json?all=1&shared-size=1&manifests=1")
    for name, config in (("bare", None), ("entrypoint", {"Entrypoint": ["/x"]})):
        api("POST", "/images/load", docker_archive(Sample((tar(),), {"config": config}), name))
    for name in ("bare", "entrypoint", "busybox", "built"):
        api("GET", f"/images/{name}/json")
        api("GET", f"/images/{name}/json?manifests=1")
        api("GET", f"/images/{name}/history")
    api("POST", f"/images/busybox/tag?repo={registry}/busybox&tag=latest")
    api("POST", f"/images/{registry}/busybox/push", **{"X-Registry-Auth": "e30="})
    api("GET", f"/distribution/{registry}/busybox/json")
    api("DELETE", f"/images/{registry}/busybox:latest")
    api("POST", f"/images/create?fromImage={registry}/busybox&tag=latest")
    api("POST", "/images/prune")
    for path in ("/images/none/json", "/images/none/history", "/distribution/-/json"):
        api("GET", path)
    api("POST", "/images/none/push")
    api("POST", "/images/none/tag?repo=x")
    api("DELETE", "/images/none")


def _networks_and_volumes(api: Api) -> None:
    subnet = {"Subnet": "10.98.0.0/24", "Gateway": "10.98.0.1", "IPRange": "10.98.0.128/25"}
    subnet6 = {"Subnet": "fd98::/64"}
    body = {"Name": "net", "EnableIPv6": True, "IPAM": {"Config": [subnet, subnet6]}}
    api("POST", "/networks/create", body | {"Labels": {"a": "b"}})
    api("POST", "/networks/create", body)
    api("GET", "/networks/none")
    api("DELETE", "/networks/bridge")
    options = {"type": "tmpfs", "device": "tmpfs", "o": "size=1m"}
    api("POST", "/volumes/create", {"Name": "vol", "Labels": {"a": "b"}, "DriverOpts": options})
    api("POST", "/volumes/create", {"Name": "plain"})
    api("GET", "/volumes")
    api("GET", "/volumes/vol")
    api("PUT", "/volumes/vol", {})
    api("GET", "/volumes/none")
    api("DELETE", "/volumes/none")


def _containers(api: Api) -> None:
    mounts = [
        {"Type": "volume", "Source": "plain", "Target": "/v"},
        {"Type": "bind", "Source": "/tmp", "Target": "/b", "ReadOnly": True},
        {"Type": "tmpfs", "Target": "/t", "TmpfsOptions": {"SizeBytes": 1 << 20}},
        {"Type": "image", "Source": "busybox", "Target": "/i", "ImageOptions": {"Subpath": "bin"}},
    ]
    host = {
        "Mounts": mounts,
        "Memory": 64 << 20,
        "PortBindings": {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": ""}], "81/udp": None},
        "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 2},
        "Ulimits": [{"Name": "nofile", "Soft": 100, "Hard": 200}],
        "CapAdd": ["NET_ADMIN"],
        "Annotations": {"a": "b"},
        "Sysctls": {"net.ipv4.ip_forward": "1"},
    }
    check = {"Test": ["CMD", "true"], "Interval": 50_000_000, "Retries": 3, "StartPeriod": None}
    fields = {"HostConfig": host, "Healthcheck": check, "Labels": {"a": "b"}, "Env": ["A=b"]}
    api.create("web", "sleep", "1d", ExposedPorts={"80/tcp": {}}, **fields)
    api.create("plain", "true")
    api.create("privileged", "true", HostConfig={"Privileged": True})
    api("GET", "/containers/privileged/json")
    api("DELETE", "/containers/privileged")
    for path in ("start", "start", "pause", "unpause", "restart?t=0", "kill?signal=USR1"):
        api("POST", f"/containers/web/{path}")
    api("POST", "/networks/net/connect", {"Container": "web"})
    api("GET", "/networks")
    api("GET", "/networks/net")
    api("GET", "/containers/json?all=1&size=1")
    for name in ("web", "plain"):
        api("GET", f"/containers/{name}/json?size=1")
    for path in ("top", "stats?stream=0", "changes", "export", "archive?path=/etc/passwd"):
        api("GET", f"/containers/web/{path}")
    api("HEAD", "/containers/web/archive?path=/etc/passwd")
    api("PUT", "/containers/web/archive?path=/etc", archive())
    api("POST", "/containers/web/update", {"Memory": 80 << 20, "MemorySwap": 160 << 20})
    api("POST", "/commit?container=web&repo=committed")
    api("POST", "/containers/plain/rename?name=renamed")
    api("POST", "/containers/renamed/start")
    api("POST", "/containers/renamed/wait")
    api("GET", "/containers/renamed/json")
    api("POST", "/containers/renamed/stop")
    for verb in ("start", "stop", "kill", "wait", "pause", "rename?name=x", "resize?h=1&w=1"):
        api("POST", f"/containers/none/{verb}")
    for path in ("json", "top", "logs?stdout=1", "stats", "changes", "archive?path=/"):
        api("GET", f"/containers/none/{path}")
    api("DELETE", "/containers/web")


def _execs_and_streams(api: Api) -> None:
    body = {"Cmd": ["cat"], "Tty": True, "AttachStdin": True}
    exec_id = api("POST", "/containers/web/exec", body)["Id"]
    api("GET", f"/exec/{exec_id}/json")
    api("POST", f"/exec/{exec_id}/start", {"Detach": True, "Tty": True})
    api("POST", f"/exec/{exec_id}/resize?h=20&w=20")
    api("GET", f"/exec/{exec_id}/json")
    exec_id = api("POST", "/containers/web/exec", {"Cmd": ["true"], "AttachStdout": True})["Id"]
    api("POST", f"/exec/{exec_id}/start", {}, Upgrade="tcp", Connection="Upgrade")
    api("POST", "/containers/web/attach?logs=1&stdout=1")
    api("POST", "/containers/web/attach?stream=1", Upgrade="tcp", Connection="Upgrade")
    websocket = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
    }
    api("GET", "/containers/web/attach/ws?stream=1", **websocket)
    api("GET", "/containers/web/logs?stdout=1")
    api.create("tty", "cat", Tty=True, OpenStdin=True)
    api("POST", "/containers/tty/start")
    api("POST", "/containers/tty/resize?h=20&w=20")
    api("POST", "/containers/tty/stop?t=0")
    api("POST", "/networks/net/disconnect", {"Container": "web"})
    api("DELETE", "/networks/net")
    for path in ("/containers/web?force=1", "/volumes/vol"):
        api("DELETE", path)


def _system(api: Api, registry: str) -> None:
    for method in ("GET", "HEAD"):
        api(method, "/_ping")
    for path in ("/version", "/info", "/system/df", "/events?since=1&until=0s", "/images/search"):
        api("GET", path)
    api("POST", "/auth", {"serveraddress": registry, "username": "me", "password": "x"})
    api("POST", "/session")
    for kind in ("containers", "networks", "volumes"):
        api("POST", f"/{kind}/prune")
        api("POST", f"/{kind}/prune")


def _refusals(api: Api) -> None:
    for operation in document()["operations"]:
        method, _, path = operation.partition(" ")
        if path.startswith(REFUSED):
            api(method, path.replace("{id}", "x").replace("{name}", "x"))


def test_all_responses_conform(recorded: list[dict[str, Any]]) -> None:
    differences = {text for response in recorded for text in problems(**response)}
    assert sorted(differences) == []


def test_every_operation_and_success_is_seen(recorded: list[dict[str, Any]]) -> None:
    """Except what `deviations.UNSEEN` explains; each such exception is needed."""
    seen = {f"{operation_of(r['method'], r['path'])} {r['status']}" for r in recorded}
    expected = {
        f"{operation} {status}"
        for operation, description in document()["operations"].items()
        for status in description["responses"]
        if status < "400" and not operation.partition(" ")[2].startswith(REFUSED)
    }
    assert sorted(expected - seen) == sorted(deviations.UNSEEN)
    assert sorted(deviations.STATUSES) == sorted(deviations.STATUSES.keys() & seen)
    operations = {name.rpartition(" ")[0] for name in seen}
    assert sorted(document()["operations"].keys() - operations) == []


def test_every_deviation_is_needed(recorded: list[dict[str, Any]]) -> None:
    nulls: set[str] = set()
    fields: set[str] = set()
    for response in recorded:
        for name, value in _fields(response["body"]):
            fields.add(name)
            if value is None:
                nulls.add(name)
    assert sorted(deviations.NULL_FIELDS - nulls) == []
    assert sorted(deviations.EXTRA_FIELDS.keys() - fields) == []


def _fields(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        for item in value:
            yield from _fields(item)
    if isinstance(value, dict):
        for name, item in value.items():
            yield name, item
            yield from _fields(item)
