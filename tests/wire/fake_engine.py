"""A fake engine, which records requests and sends canned responses.

To see the requests of the real docker CLI, run `python fake_engine.py /tmp/fake.sock`, then
`DOCKER_HOST=unix:///tmp/fake.sock docker run busybox`.
"""

from __future__ import annotations

import base64
import json
import re
import socketserver
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

CONTAINER = "c0ffee".ljust(64, "0")
NETWORK = "n" * 64
DIGEST = "sha256:" + "d" * 64
_TIME = "2024-01-02T03:04:05Z"


@dataclass
class Request:
    """A request; its path has no API version."""

    method: str
    path: str
    query: dict[str, list[str]]
    body: Any

    def as_json(self) -> dict[str, Any]:
        """Return the request as in recorded cases."""
        return vars(self)


@dataclass
class Answer:
    """A response of the engine.

    Attributes:
        hijack: whether to upgrade the connection, send `raw` and close it.
    """

    status: int = 200
    json: Any = None
    raw: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    hijack: bool = False


def container(name: str) -> dict[str, Any]:
    """Return the inspect response of a running container."""
    return {
        "Id": CONTAINER,
        "Name": f"/{name}",
        "Created": _TIME,
        "Image": DIGEST,
        "State": {"Status": "running", "Running": True, "Paused": False, "Restarting": False},
        "Config": {"Image": "busybox", "Tty": False, "OpenStdin": False, "Labels": {}},
        "HostConfig": {"AutoRemove": False, "NetworkMode": "default"},
        "NetworkSettings": {"Ports": {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}]}},
        "ExecIDs": None,
        "Mounts": [],
    }


def service(name: str) -> dict[str, Any]:
    """Return the inspect response of a service."""
    return {
        "ID": "svc1",
        "Version": {"Index": 1},
        "Spec": {
            "Name": name,
            "TaskTemplate": {"ContainerSpec": {"Image": "busybox:latest"}},
            "Mode": {"Replicated": {"Replicas": 1}},
        },
        "PreviousSpec": {"Name": name},
    }


def node(name: str) -> dict[str, Any]:
    """Return the inspect response of a swarm node."""
    return {
        "ID": name,
        "Version": {"Index": 1},
        "Spec": {"Role": "worker", "Availability": "active"},
        "Description": {"Hostname": name},
        "Status": {"State": "ready"},
        "ManagerStatus": {"Leader": True, "Reachability": "reachable", "Addr": "10.0.0.1:2377"},
    }


_STAT = base64.b64encode(
    json.dumps(
        {"name": "hosts", "size": 0, "mode": 0o644, "mtime": _TIME, "linkTarget": ""}
    ).encode()
).decode()


def _archive() -> Answer:
    """Return a file's stat with a truncated archive."""
    return Answer(raw=b"{}", headers={"X-Docker-Container-Path-Stat": _STAT})


_SWARM = {
    "ID": "swarm1",
    "Version": {"Index": 1},
    "Spec": {},
    "JoinTokens": {"Worker": "SWMTKN-w", "Manager": "SWMTKN-m"},
}
_VOLUME = {"Name": "data", "Driver": "local", "Mountpoint": "/data", "Scope": "local"}
_SWARM_INFO = {"NodeID": "n1", "LocalNodeState": "active", "ControlAvailable": True, "Managers": 1}
_DF = {"Images": [], "Containers": [], "Volumes": [], "BuildCache": [], "LayersSize": 0}
_IMAGE = {"Id": DIGEST, "RepoTags": ["busybox:latest"], "Created": _TIME, "Config": {}}
_VERSION = {"Version": "28.2.2", "ApiVersion": "1.50", "MinAPIVersion": "1.24", "Os": "linux"}

#: (pattern of method and path, function that returns the response); the pattern's groups are the
#: function's arguments.
ROUTES: list[tuple[str, Callable[..., Any]]] = [
    (r"POST /containers/create", lambda: {"Id": CONTAINER, "Warnings": []}),
    (r"POST /containers/.+/wait", lambda: {"StatusCode": 0}),
    (r"POST /containers/.+/attach", lambda: Answer(hijack=True)),
    (r"POST /containers/.+/exec", lambda: {"Id": "e1"}),
    (r"POST /containers/.+/update", lambda: {"Warnings": []}),
    (r"GET /containers/.+/checkpoints", list),
    (r"POST /containers/prune", lambda: {"ContainersDeleted": None, "SpaceReclaimed": 0}),
    (r"POST /containers/.+", lambda: Answer(204)),
    (r"POST /exec/e1/start", lambda: Answer(hijack=True)),
    (r"GET /exec/e1/json", lambda: {"ID": "e1", "Running": False, "ExitCode": 0, "Pid": 1}),
    (r"GET /containers/json", list),
    (r"GET /containers/(.+)/json", container),
    (r"GET /containers/.+/top", lambda: {"Titles": ["PID", "CMD"], "Processes": [["1", "sh"]]}),
    (r"GET /containers/.+/changes", list),
    (r"GET /containers/.+/stats", dict),
    (r"(?:GET|HEAD) /containers/.+/archive", _archive),
    (r"PUT /containers/.+/archive", Answer),
    (r"DELETE /containers/.+", lambda: Answer(204)),
    (r"POST /commit", lambda: {"Id": DIGEST}),
    (r"GET /images/json|GET /images/search|GET /images/.+/history|DELETE /images/.+", list),
    (r"GET /images/.+/json", lambda: _IMAGE),
    (r"POST /images/.+/tag", lambda: Answer(201)),
    (r"POST /images/prune", lambda: {"ImagesDeleted": None, "SpaceReclaimed": 0}),
    (r"POST /networks/create", lambda: {"Id": NETWORK}),
    (r"POST /networks/prune", lambda: {"NetworksDeleted": None}),
    (r"DELETE /networks/.+", lambda: Answer(204)),
    (r"GET /networks", list),
    (r"GET /networks/(.+)", lambda name: {"Name": name, "Id": NETWORK, "Scope": "swarm"}),
    (r"GET /volumes", lambda: {"Volumes": [], "Warnings": None}),
    (r"POST /volumes/create|GET /volumes/.+", lambda: _VOLUME),
    (r"POST /volumes/prune", lambda: {"VolumesDeleted": None, "SpaceReclaimed": 0}),
    (r"DELETE /volumes/.+|DELETE /secrets/.+|DELETE /configs/.+", lambda: Answer(204)),
    (r"GET /system/df", lambda: _DF),
    (r"GET /info", lambda: {"ID": "fake", "OSType": "linux", "Swarm": _SWARM_INFO}),
    (r"GET /version", lambda: _VERSION),
    (r"POST /build", lambda: Answer(raw=json.dumps({"aux": {"ID": DIGEST}}).encode())),
    (r"POST /build/prune", lambda: {"CachesDeleted": None, "SpaceReclaimed": 0}),
    (r"POST /auth", lambda: {"Status": "Login Succeeded", "IdentityToken": ""}),
    (
        r"GET /distribution/.+/json",
        lambda: {"Descriptor": {"digest": DIGEST, "size": 1}, "Platforms": []},
    ),
    (r"GET /swarm", lambda: _SWARM),
    (r"POST /swarm/init", lambda: "n1"),
    (r"GET /swarm/unlockkey", lambda: {"UnlockKey": "SWMKEY-1"}),
    (r"GET /nodes", list),
    (r"GET /nodes/(.+)", node),
    (r"POST /services/create", lambda: {"ID": "svc1"}),
    (r"POST /services/.+/update", lambda: {"Warnings": None}),
    (r"GET /services/[^/]+/logs", Answer),
    (r"GET /services/([^/]+)", service),
    (r"GET /services|GET /tasks|GET /secrets|GET /configs|GET /plugins", list),
    (r"POST /(?:secrets|configs)/create", lambda: {"ID": "s1"}),
    (
        r"GET /(?:secrets|configs)/(.+)",
        lambda name: {"ID": "s1", "Version": {"Index": 1}, "Spec": {"Name": name}},
    ),
    (r"GET /plugins/.+/json", lambda: {"Id": "p1", "Name": "p", "Enabled": True}),
    (r"GET /plugins/privileges", list),
]

#: Further routes for the lines of stacks.json: the objects that the services of stack.yaml refer
#: to, and a stack `old` that exists already.
STACK_ROUTES: list[tuple[str, Callable[..., Any]]] = [
    (
        r"GET /(?:secrets|configs)",
        lambda: [
            {"ID": f"id-{name}", "Version": {"Index": 1}, "Spec": {"Name": name}}
            for name in ("sec", "own-secret", *(f"{stack}_cfg" for stack in ("demo", "old")))
        ],
    ),
    (
        r"GET /(?:secrets|configs)/(.+)",
        lambda name: Answer(404, {"message": f"{name} not found"}),
    ),
    (r"GET /services", lambda: [_old_service("db"), _old_service("gone")]),
    (
        r"GET /networks",
        lambda: [{"Name": "old_default", "Id": NETWORK, "Scope": "swarm", "Labels": {}}],
    ),
]


def _old_service(key: str) -> dict[str, Any]:
    name = f"old_{key}"
    image = f"redis@{DIGEST}"
    labels = {"com.docker.stack.namespace": "old", "com.docker.stack.image": image}
    spec = {
        "Name": name,
        "Labels": labels,
        "TaskTemplate": {"ContainerSpec": {"Image": f"redis:7@{DIGEST}"}, "ForceUpdate": 4},
    }
    return {"ID": f"id-{name}", "Version": {"Index": 9}, "Spec": spec}


def relevant(requests: list[Request]) -> list[Request]:
    """Return the requests that a recorded case contains: writes, or if there are none, reads."""
    candidates = [request for request in requests if request.path not in {"/_ping", "/version"}]
    writes = [request for request in candidates if request.method not in {"GET", "HEAD"}]
    return writes or [request for request in candidates if request.method == "GET"]


#: Fields with keys chosen by the user, which are compared even if their values are empty.
USERS_KEYS = frozenset({"Annotations", "DriverOpts", "ExposedPorts", "Labels", "Options"}) | {
    *("PortBindings", "StorageOpt", "Sysctls", "Tmpfs", "Volumes")
}


def essential(value: Any, whole: frozenset[str]) -> Any:
    """Return JSON without null, "", [], {}, false and 0, which docker treats as absent.

    Args:
        value: JSON.
        whole: fields that are copied unchanged, unless they are empty themselves.
    """
    if isinstance(value, dict):
        kept = {
            key: field if key in whole else essential(field, whole) for key, field in value.items()
        }
        return {key: field for key, field in kept.items() if field}
    if isinstance(value, list):
        return [kept for kept in (essential(item, whole) for item in value) if kept]
    return value


def same(request: dict[str, Any], *, whole: frozenset[str] = USERS_KEYS) -> dict[str, Any]:
    """Return a request in a normal form for comparison.

    Lists that Go creates from maps are sorted. In a query, "0" and "false" are absent too.
    """
    query = {key: values for key, values in request["query"].items() if values not in _ABSENT}
    body = essential(request["body"], whole)
    if isinstance(body, dict):
        for part, name in ((body, "Env"), (body.get("HostConfig", {}), "Binds")):
            if name in part:
                part[name].sort()
    return request | {"query": query, "body": body or None}


_ABSENT = ([""], ["0"], ["false"])


class FakeEngine(socketserver.ThreadingUnixStreamServer):
    """A fake engine on a Unix socket, served by a thread.

    Args:
        socket: the path of the socket to create.
        api_version: the API version to announce.

    Attributes:
        requests: the received requests, in order.
        answers: further routes, which take precedence.
        is_experimental: whether to announce experimental features.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, socket: Path | str, api_version: str = "1.50") -> None:
        super().__init__(str(socket), _Handler)
        self.host = f"unix://{socket}"
        self.api_version = api_version
        self.requests: list[Request] = []
        self.answers: list[tuple[str, Callable[..., Any]]] = []
        self.is_experimental = False
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)

    def start(self) -> FakeEngine:
        """Start serving."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop serving and remove the socket."""
        self.shutdown()
        self.server_close()
        Path(str(self.server_address)).unlink(missing_ok=True)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that disconnect."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def answer(self, request: Request) -> Answer:
        """Return the response of the first matching route, or 200 without a body."""
        line = f"{request.method} {request.path}"
        for pattern, make in [*self.answers, *ROUTES]:
            if match := re.fullmatch(pattern, line):
                content = make(*[group for group in match.groups() if group is not None])
                return content if isinstance(content, Answer) else Answer(json=content)
        return Answer()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FakeEngine

    def _handle(self) -> None:
        parts = urlsplit(self.path)
        path = unquote(re.sub(r"^/v1\.\d+", "", parts.path))
        query = parse_qs(parts.query, keep_blank_values=True)
        request = Request(self.command, path, query, self._body())
        self.server.requests.append(request)
        if path == "/_ping":
            self._send(Answer(raw=b"OK"))
        else:
            self._send(self.server.answer(request))

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _handle  # noqa: N815 - http.server's

    def _body(self) -> Any:
        if self.headers.get("Transfer-Encoding") == "chunked":
            data = b"".join(iter(self._chunk, b""))
        else:
            data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            return json.loads(data) if data else None
        except ValueError:
            return "<no JSON>"

    def _chunk(self) -> bytes:
        data = self.rfile.read(int(self.rfile.readline(), 16))
        self.rfile.readline()
        return data

    def _send(self, answer: Answer) -> None:
        upgrade = answer.hijack and self.headers.get("Upgrade")
        content = answer.raw if answer.json is None else json.dumps(answer.json).encode()
        self.send_response(101 if upgrade else answer.status)
        headers = {
            "Api-Version": self.server.api_version,
            "Docker-Experimental": str(self.server.is_experimental).lower(),
            "Ostype": "linux",
            "Server": "Docker/28.2.2 (linux)",
            **answer.headers,
        }
        if upgrade:
            headers |= {"Connection": "Upgrade", "Upgrade": "tcp"}
        elif answer.status != 204:
            headers |= {"Content-Length": str(len(content))}
        if answer.json is not None:
            headers["Content-Type"] = "application/json"
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
        self.close_connection |= answer.hijack

    def log_message(self, *_: Any) -> None:
        """Write no log."""


def main() -> None:
    """Serve at the given path, and print each request as a line of JSON."""
    engine = FakeEngine(sys.argv[1], *sys.argv[2:3])
    original = engine.answer

    def answer(request: Request) -> Answer:
        print(json.dumps(request.as_json()), flush=True)  # noqa: T201
        return original(request)

    engine.answer = answer  # type: ignore[method-assign]
    engine.serve_forever()


if __name__ == "__main__":
    main()
