"""Requests and results of commands on a stub engine."""

from __future__ import annotations

import io
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from unit.commands.stub_engine import Notes, StubEngine, run

from docker_magics.cli.line import parse_command
from docker_magics.cli.terminal import Terminal
from docker_magics.engine.http_response import Response
from docker_magics.errors import DockerMagicsError, EngineUnreachable, FlagError, UsageError
from docker_magics.results.show import Silent, consume

_ID = "c" * 64


def node(name: str, role: str = "worker") -> dict[str, Any]:
    """Return a node of the swarm."""
    return {
        "ID": name,
        "Version": {"Index": 3},
        "Spec": {"Role": role, "Availability": "active", "Labels": {"a": "b"}},
        "Description": {"Hostname": f"host-{name}", "Engine": {"EngineVersion": "28"}},
        "Status": {"State": "ready"},
        "ManagerStatus": {"Leader": role == "manager", "Addr": "10.0.0.1:2377"},
    }


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("create x", "POST /containers/create"),
        ("run -d x", "POST /containers/create"),
        ("pull x", "POST /images/create"),
        ("import -", "POST /images/create"),
        ("build --builder classic -", "POST /build"),
    ],
)
def test_the_default_platform_comes_from_the_environment(
    line: str, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_DEFAULT_PLATFORM", "linux/arm64")

    def platform(line: str) -> Any:
        engine = StubEngine(dict.fromkeys(("POST /images/create", "POST /build"), b"{}"))
        with suppress(DockerMagicsError):
            consume(run(line, engine, Terminal(io.BytesIO(b"FROM x"), has_input=True)), Silent())
        return engine.query(key)["platform"]

    assert platform(line) == "linux/arm64"
    verb, rest = line.split(" ", 1)
    assert platform(f"{verb} --platform linux/386 {rest}") == "linux/386"


def test_quiet_ignores_a_format_with_a_warning() -> None:
    notes: list[str] = []
    terminal = Terminal()
    terminal.notify = notes.append  # type: ignore[method-assign]
    engine = StubEngine({"GET /containers/json": [{"Id": _ID, "Names": ["/web"]}]})
    assert run("ps -q --format {{.Names}}", engine, terminal) == [_ID[:12]]
    assert notes == ["WARNING: Ignoring custom format, because both --format and --quiet are set."]


@pytest.mark.parametrize("line", ["ps -h", "volume -h", "volume ls -h", "exec -h", "images -qh"])
def test_h_is_short_for_help(line: str) -> None:
    assert str(parse_command(line.split())).startswith("Usage:  docker ")


def test_attaching_to_a_state_without_details() -> None:
    config = {"OpenStdin": False, "Tty": False}
    engine = StubEngine(
        {"GET /containers/web/json": {"State": {"Running": True}, "Config": config}}
    )
    assert run("attach --no-stdin web", engine)


def test_create_sends_the_flags() -> None:
    engine = StubEngine({"POST /containers/create": {"Id": _ID, "Warnings": []}})
    line = (
        "create --name web -p 127.0.0.1:8080:80 --expose 90 -v data:/d -v /anon -e A=1 -l k=v"
        " --network name=net,alias=x --ip 10.0.0.2 --cap-add net_admin --device /dev/null"
        " --tmpfs /t:size=1m --health-cmd true --restart on-failure:3 --ulimit nofile=1:2"
        " --security-opt systempaths=unconfined --cpus 1.5 -m 1g --storage-opt size=1g nginx x"
    )
    assert run(line, engine) == _ID
    body = engine.sent("POST /containers/create")
    host = body["HostConfig"]
    assert engine.query("POST /containers/create")["name"] == "web"
    assert set(body["ExposedPorts"]) == {"80/tcp", "90/tcp"}
    assert (body["Cmd"], body["Env"], body["Labels"]) == (["x"], ["A=1"], {"k": "v"})
    assert body["Volumes"] == {"/anon": {}}
    assert body["Healthcheck"]["Test"] == ["CMD-SHELL", "true"]
    assert host["Binds"] == ["data:/d"]
    assert host["PortBindings"] == {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}]}
    assert host["RestartPolicy"] == {"Name": "on-failure", "MaximumRetryCount": 3}
    assert (host["NanoCpus"], host["Memory"]) == (1_500_000_000, 1024**3)
    assert (host["CapAdd"], host["Tmpfs"]) == (["CAP_NET_ADMIN"], {"/t": "size=1m"})
    assert host["MaskedPaths"] == []
    assert body["NetworkingConfig"]["EndpointsConfig"] == {
        "net": {"IPAMConfig": {"IPv4Address": "10.0.0.2"}, "Aliases": ["x"]}
    }


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ("--restart always --rm", "cannot specify both --restart and --rm"),
        ("--no-healthcheck --health-cmd x", "conflicts with --health"),
        ("--memory-swappiness 200", "Valid memory swappiness range is 0-100"),
        ("--security-opt nope", "invalid --security-opt"),
        ("--storage-opt x", "invalid storage option"),
        ("--log-driver none --log-opt a=b", "invalid logging opts for driver none"),
        ("--network a --network a", "is specified multiple times"),
        ("--pull nope", "invalid pull option"),
    ],
)
def test_create_rejects(flags: str, message: str) -> None:
    with pytest.raises(FlagError, match=message):
        run(f"create {flags} nginx", StubEngine())


def test_images() -> None:
    image = {
        "Id": "sha256:" + "a" * 64,
        "RepoTags": ["nginx:1", "nginx:2"],
        "RepoDigests": ["nginx@sha256:" + "b" * 64],
        "Created": 1_700_000_000,
        "Size": 2000,
        "Manifests": [],
    }
    engine = StubEngine({"GET /images/json": [image]})
    table = run("images", engine)
    assert list(table["TAG"]) == ["1", "2"]
    assert list(table["SIZE"]) == [2000, 2000]
    assert list(run("images --digests", engine)["DIGEST"]) == ["sha256:" + "b" * 64] * 2
    assert list(run("images --tree", engine)["IMAGE"]) == ["nginx:1, nginx:2"]
    with pytest.raises(UsageError, match="--quiet is not yet supported with --tree"):
        run("images --tree -q", engine)


def test_info_and_version() -> None:
    info: dict[str, Any] = {
        "Containers": 3,
        "ServerVersion": "28",
        "Plugins": {"Volume": ["local"]},
        "SecurityOptions": ["name=seccomp,profile=builtin"],
        "RegistryConfig": {"Mirrors": ["http://mirror"]},
        "Labels": ["a=b"],
        "Warnings": ["WARNING: no swap"],
    }
    info["FirewallBackend"] = {"Driver": "nftables", "Info": [["EnableUserlandProxy", "true"]]}
    notes = Notes()
    lines = str(run("info", StubEngine({"GET /info": info}), notes)).splitlines()
    for line in (" Containers: 3", "   Profile: builtin", "  http://mirror", " Debug Mode: false"):
        assert line in lines
    assert lines[-2:] == [" Firewall Backend: nftables", "  EnableUserlandProxy: true"]
    assert notes.messages == ["WARNING: no swap"]
    version = {"Version": "28", "ApiVersion": "1.50", "BuildTime": "2026-05-07T21:09:36Z"}
    text = str(run("version", StubEngine({"GET /version": version}, api="1.45")))
    assert "(downgraded from 1.55)" in text
    assert "Thu May  7 21:09:36 2026" in text


def test_version_without_an_engine() -> None:
    """The client's version is shown nevertheless."""

    class Unreachable(StubEngine):
        """Does not answer."""

        def request(self, method: str, path: str, **options: Any) -> Response:  # noqa: ARG002
            raise EngineUnreachable("no answer")

    with pytest.raises(EngineUnreachable, match="no answer") as caught:
        run("version", Unreachable())
    assert " API version:       1.55" in str(caught.value.result)


@pytest.mark.parametrize(
    ("line", "notice"),
    [
        ("stop --time 3 web", "Flag --time has been deprecated, use --timeout instead"),
        (
            "create --kernel-memory 64m busybox",
            "Flag --kernel-memory has been deprecated, and no longer supported by the kernel",
        ),
        (
            "pull --disable-content-trust busybox",
            (
                "Flag --disable-content-trust has been deprecated,"
                " support for docker content trust was removed"
            ),
        ),
        (
            "commit -p=false web",
            (
                "Flag --pause has been deprecated, and enabled by default."
                " Use --no-pause to disable pausing during commit."
            ),
        ),
    ],
)
def test_a_deprecated_flag_is_accepted_with_a_notice(line: str, notice: str) -> None:
    notes = Notes()
    assert parse_command(line.split(), terminal=notes)
    assert notes.messages == [notice]


def test_commit_without_a_pause() -> None:
    engine = StubEngine({"POST /commit": {"Id": _ID}})
    for line in ("commit --no-pause web", "commit -p=false web"):
        assert run(line, engine) == _ID
        assert engine.query("POST /commit")["pause"] == "0"
    run("commit --no-pause=false web", engine)
    assert engine.query("POST /commit")["pause"] == ""


def test_the_password_on_stdin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    engine = StubEngine({"POST /auth": {"Status": "Login Succeeded"}})
    terminal = Terminal(io.BytesIO(b"secret\n"), has_input=True)
    run("login -u me -p - registry.example:5000", engine, terminal)
    assert engine.sent("POST /auth")["password"] == "secret"  # noqa: S105 - not a real one
    with pytest.raises(UsageError, match="password is empty"):
        run("login -u me -p - registry.example:5000", engine, Terminal(io.BytesIO(b"\n")))


def test_swap_of_services_needs_a_new_engine() -> None:
    with pytest.raises(UsageError, match=r'"--memory-swap" requires API version 1\.52'):
        run("service create --memory-swap 1g busybox", StubEngine())


def test_platforms_of_an_archive() -> None:
    engine = StubEngine({"GET /images/get": b""})
    terminal = Terminal(stdout=io.BytesIO())
    run("save --platform linux/amd64,linux/arm64,linux/amd64 busybox", engine, terminal)
    assert engine.query("GET /images/get")["platform"] == [
        '{"architecture":"amd64","os":"linux"}',
        '{"architecture":"arm64","os":"linux"}',
    ]


def test_an_image_descriptor_in_a_template() -> None:
    descriptor = {"mediaType": "application/vnd.oci.image.manifest.v1+json", "size": 5}
    engine = StubEngine({"GET /images/x/json": {"Id": "i", "Descriptor": descriptor}})
    line = "image inspect -f '{{.Descriptor.MediaType}} {{.Descriptor.Size}}' x"
    assert run(line, engine) == "application/vnd.oci.image.manifest.v1+json 5\n"


def test_nodes() -> None:
    engine = StubEngine(
        {
            "GET /nodes": [node("n2"), node("n1", "manager")],
            "GET /info": {"Swarm": {"NodeID": "n1"}},
            "GET /nodes/n2": node("n2"),
            "POST /nodes/n2/update": {},
        }
    )
    table = run("node ls", engine)
    assert list(table["HOSTNAME"]) == ["host-n1", "host-n2"]
    assert table["MANAGER STATUS"].iloc[0] == "Leader"
    assert run("node promote n2", engine) == ["Node n2 promoted to a manager in the swarm."]
    assert engine.sent("POST /nodes/n2/update")["Role"] == "manager"
    assert run("node demote n2", engine) == ["Node n2 is already a worker."]
    run("node update --label-rm a --label-add c=d --availability drain n2", engine)
    spec = engine.sent("POST /nodes/n2/update")
    assert (spec["Labels"], spec["Availability"]) == ({"c": "d"}, "drain")
    with pytest.raises(UsageError, match="key x doesn't exist"):
        run("node update --label-rm x n2", engine)


def test_swarm() -> None:
    swarm = {
        "Version": {"Index": 2},
        "Spec": {},
        "JoinTokens": {"Worker": "w", "Manager": "m"},
        "TLSInfo": {"TrustRoot": "PEM\n"},
    }
    engine = StubEngine(
        {
            "GET /swarm": swarm,
            "GET /info": {"Swarm": {"NodeID": "n1", "ControlAvailable": True}},
            "GET /nodes/n1": node("n1", "manager"),
            "POST /swarm/init": "n1",
            "POST /swarm/join": {},
            "POST /swarm/leave": {},
            "POST /swarm/update": {},
        }
    )
    assert "docker swarm join --token w 10.0.0.1:2377" in str(run("swarm init", engine))
    assert run("swarm join-token -q manager", engine) == "m"
    assert run("swarm join --token w 10.0.0.1", engine) == (
        "This node joined a swarm as a manager."
    )
    assert run("swarm ca", engine) == "PEM"
    assert run("swarm ca --rotate", engine) == "PEM"
    assert engine.sent("POST /swarm/update")["CAConfig"]["ForceRotate"] == 1
    assert run("swarm update --task-history-limit 2", engine) == "Swarm updated."
    assert run("swarm leave", engine) == "Node left the swarm."
    with pytest.raises(UsageError, match="this node is not part of a swarm"):
        run("swarm unlock", engine)
